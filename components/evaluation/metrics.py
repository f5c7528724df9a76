"""TFMA metrics over sacreBLEU's sufficient statistics: each value equals sacreBLEU's own, for every slice; and sums.

TFMA finds the classes by name (`MetricConfig(class_name="SacreBleu", module=...)`). TFMA's built-in Bleu takes neither
bytes nor several references, and returns an object where a number is wanted.
"""

import functools
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final, final

import apache_beam as beam
import numpy as np
from tensorflow_model_analysis.metrics import metric_types
from typing_extensions import override

from seq2seq_tfx.components.evaluation.scoring import Number, Scorer
from seq2seq_tfx.schemas.config.evaluation import Metric

CLASS_NAMES: Final[dict[Metric, str]] = {
    "bleu": "SacreBleu",
    "chrf": "SacreChrf",
    "chrf++": "SacreChrfPlusPlus",
    "ter": "SacreTer",
    "exact_match": "ExactMatchShare",
    "length_ratio": "CharacterRatio",
}
"""Which class computes which metric."""

SENTENCES: Final = "sentences"
FEWEST_REFERENCES: Final = "fewest_references"
MOST_REFERENCES: Final = "most_references"


class _SacreMetric(metric_types.Metric):
    """Computes one corpus score under the key of that name."""

    metric: Metric

    def __init__(self, name: str = "", tokenizer: str = "13a") -> None:
        super().__init__(
            functools.partial(_score_computations, self.metric), name=name or self.metric, tokenizer=tokenizer
        )


@final
class SacreBleu(_SacreMetric):
    """Corpus BLEU.

    Args:
        name: The metric's key in the results.
        tokenizer: sacreBLEU's tokeniser.
    """

    metric: Metric = "bleu"


@final
class SacreChrf(_SacreMetric):
    """Corpus chrF."""

    metric: Metric = "chrf"


@final
class SacreTer(_SacreMetric):
    """Corpus TER."""

    metric: Metric = "ter"


@final
class SacreChrfPlusPlus(_SacreMetric):
    """Corpus chrF with word bigrams."""

    metric: Metric = "chrf++"


@final
class ExactMatchShare(_SacreMetric):
    """Percentage of translations that are a reference."""

    metric: Metric = "exact_match"


@final
class CharacterRatio(_SacreMetric):
    """Characters of the translations, divided by those of the closest references."""

    metric: Metric = "length_ratio"


@final
class Sums(metric_types.Metric):
    """Sums of numbers that the examples hold, each under its feature's name: what fails a check, learned scores.

    Args:
        features: Their names.
        name: Not used in the results.
    """

    def __init__(self, features: Sequence[str], name: str = "sums") -> None:
        super().__init__(_sum_computations, name=name, features=list(features))


@final
class Counts(metric_types.Metric):
    """Sentences, and the fewest and most references that one has: sacreBLEU's signature names their number."""

    def __init__(self, name: str = "counts") -> None:
        super().__init__(_count_computations, name=name)


for _class in (SacreBleu, SacreChrf, SacreChrfPlusPlus, SacreTer, ExactMatchShare, CharacterRatio, Sums, Counts):
    metric_types.register_metric(_class)


def _score_computations(metric: Metric, name: str, tokenizer: str) -> metric_types.MetricComputations:
    key = metric_types.MetricKey(name=name)
    return [metric_types.MetricComputation(keys=[key], preprocessors=None, combiner=_SumScore(metric, tokenizer, key))]


def _sum_computations(name: str, features: list[str]) -> metric_types.MetricComputations:
    keys = [metric_types.MetricKey(name=each) for each in features]
    preprocessor = metric_types.FeaturePreprocessor(feature_keys=features, include_default_inputs=False)
    return [metric_types.MetricComputation(keys=keys, preprocessors=[preprocessor], combiner=_FeatureSum(keys))]


def _count_computations(name: str) -> metric_types.MetricComputations:
    keys = [metric_types.MetricKey(name=each) for each in (SENTENCES, FEWEST_REFERENCES, MOST_REFERENCES)]
    return [metric_types.MetricComputation(keys=keys, preprocessors=None, combiner=_Count(keys))]


@final
class _SumScore(beam.CombineFn):
    """Adds up sacreBLEU's statistics; the accumulator is their sum, empty before the first sentence."""

    def __init__(self, metric: Metric, tokenizer: str, key: metric_types.MetricKey) -> None:
        self._metric, self._tokenizer, self._key = metric, tokenizer, key

    @override
    def create_accumulator(self) -> list[Number]:
        return []

    @override
    def add_input(self, accumulator: list[Number], element: metric_types.StandardMetricInputs) -> list[Number]:
        (hypothesis,) = _texts(element.prediction)
        return _sum(accumulator, self._scorer().statistics(hypothesis, _texts(element.label)))

    @override
    def merge_accumulators(self, accumulators: Iterable[list[Number]]) -> list[Number]:
        return functools.reduce(_sum, accumulators, [])

    @override
    def extract_output(self, accumulator: list[Number]) -> dict[metric_types.MetricKey, float]:
        return {self._key: self._scorer().value(accumulator) if accumulator else float("nan")}

    def _scorer(self) -> Scorer:
        return _cached_scorer(self._metric, self._tokenizer)


@final
class _FeatureSum(beam.CombineFn):
    """Adds up features, exactly, so that the order in which workers add does not show."""

    def __init__(self, keys: Sequence[metric_types.MetricKey]) -> None:
        self._keys = keys

    @override
    def create_accumulator(self) -> list[Fraction]:
        return [Fraction(0) for _ in self._keys]

    @override
    def add_input(self, accumulator: list[Fraction], element: metric_types.StandardMetricInputs) -> list[Fraction]:
        features = element.get_features() or {}
        values = (np.asarray(features[key.name]).reshape(-1).tolist() for key in self._keys)
        return [sum(map(Fraction, value), total) for total, value in zip(accumulator, values, strict=True)]

    @override
    def merge_accumulators(self, accumulators: Iterable[list[Fraction]]) -> list[Fraction]:
        return [sum(column, Fraction(0)) for column in zip(*accumulators, strict=True)]

    @override
    def extract_output(self, accumulator: list[Fraction]) -> dict[metric_types.MetricKey, float]:
        return {key: float(total) for key, total in zip(self._keys, accumulator, strict=True)}


@final
class _Count(beam.CombineFn):
    """Counts sentences, fewest and most references."""

    def __init__(self, keys: Sequence[metric_types.MetricKey]) -> None:
        self._keys = keys

    @override
    def create_accumulator(self) -> list[tuple[int, int, int]]:
        return []

    @override
    def add_input(
        self, accumulator: list[tuple[int, int, int]], element: metric_types.StandardMetricInputs
    ) -> list[tuple[int, int, int]]:
        references = len(_texts(element.label))
        return _merged([*accumulator, (1, references, references)])

    @override
    def merge_accumulators(self, accumulators: Iterable[list[tuple[int, int, int]]]) -> list[tuple[int, int, int]]:
        return _merged([each for accumulator in accumulators for each in accumulator])

    @override
    def extract_output(self, accumulator: list[tuple[int, int, int]]) -> dict[metric_types.MetricKey, float]:
        values = accumulator[0] if accumulator else (0, 0, 0)
        return dict(zip(self._keys, map(float, values), strict=True))


def _merged(rows: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    if not rows:
        return []
    sentences, fewest, most = zip(*rows, strict=True)
    return [(sum(sentences), min(fewest), max(most))]


def _sum(one: list[Number], other: list[Number]) -> list[Number]:
    if not one or not other:
        return one or other
    return [a + b for a, b in zip(one, other, strict=True)]


def _texts(tensor: Any) -> list[str]:
    return [each.decode() for each in np.asarray(tensor).reshape(-1).tolist()]


@functools.lru_cache(maxsize=16)
def _cached_scorer(metric: Metric, tokenizer: str) -> Scorer:
    return Scorer(metric, tokenizer)  # never pickled: a Japanese tokeniser cannot be
