"""Scores with their signatures: whole, or as sufficient statistics that add up in any order.

sacreBLEU makes them, but for two plain ones (`plain_metrics.py`).

Source: Post 2018, A Call for Clarity in Reporting BLEU Scores; BLEU (Papineni 2002), chrF (Popovic 2015),
TER (Snover 2006).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, final

from sacrebleu.metrics import BLEU, CHRF, TER

from seq2seq_tfx.components.evaluation.plain_metrics import ExactMatch, LengthRatio
from seq2seq_tfx.schemas.config.evaluation import EvaluationConfig, Metric
from seq2seq_tfx.schemas.errors import InputError

NAMES: Final[Mapping[Metric, str]] = {
    "bleu": "BLEU",
    "chrf": "chrF",
    "chrf++": "chrF++",
    "ter": "TER",
    "exact_match": "exact match",
    "length_ratio": "length ratio",
}
"""The metrics as people write them."""

LOWER_IS_BETTER: Final[frozenset[Metric]] = frozenset({"ter"})
"""TER counts edits; the other scores count agreement."""

_TOKENIZERS: Final = {"zh": "zh", "cmn": "zh", "yue": "zh", "ja": "ja-mecab", "ko": "ko-mecab"}
_OTHERS: Final[Mapping[Metric, Callable[[], Any]]] = {
    "chrf": CHRF,
    "chrf++": lambda: CHRF(word_order=2),
    "ter": TER,
    "exact_match": ExactMatch,
    "length_ratio": LengthRatio,
}
_VARIABLE = -1  # sacreBLEU's own mark of a number of references that differs from sentence to sentence

Number = int | Fraction


@dataclass(frozen=True, kw_only=True)
class MetricValue:
    """A score, and sacreBLEU's signature: without it the score could not be compared with another one."""

    value: float
    """0 to 100 (TER can be above 100); of the length ratio, around 1."""
    signature: str
    """As in `nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0`."""


def tokenizer_for(tokenizer: str, target_language: str) -> str:
    """BLEU's tokeniser; `auto` follows the target language.

    Args:
        tokenizer: As in the configuration.
        target_language: BCP 47 code.

    Example:
        >>> tokenizer_for("auto", "zh-Hant")
        'zh'
        >>> tokenizer_for("auto", "de")
        '13a'
    """
    if tokenizer != "auto":
        return tokenizer
    return _TOKENIZERS.get(target_language.replace("_", "-").split("-")[0].lower(), "13a")


def require_tokenizer(tokenizer: str) -> None:
    """See that sacreBLEU's tokeniser works here, before any work starts.

    Raises:
        InputError: If the packages that it needs are not installed.
    """
    Scorer("bleu", tokenizer)


def reference_streams(references: Sequence[Sequence[str]]) -> list[list[str | None]]:
    """References sentence by sentence as sacreBLEU wants them: streams of equal length, None where there is none.

    Example:
        >>> reference_streams([["a", "b"], ["c"]])
        [['a', 'c'], ['b', None]]
    """
    most = max((len(each) for each in references), default=0)
    return [[each[n] if n < len(each) else None for each in references] for n in range(most)]


@final
class Scorer:
    """One metric.

    Args:
        metric: Which one.
        tokenizer: BLEU's tokeniser, not `auto`; the other metrics have none to choose.

    Raises:
        InputError: If the packages that the tokeniser needs are not installed.

    Example:
        >>> scorer = Scorer("bleu", "13a")
        >>> scorer.score(["the cat sat on the mat"], [["the cat sat on the mat"]]).value
        100.00000000000004
        >>> scorer.value(scorer.statistics("the cat sat on the mat", ["the cat sat on the mat"]))
        100.00000000000004
    """

    def __init__(self, metric: Metric, tokenizer: str) -> None:
        # Typed Any because sacreBLEU's statistics methods are private. A test holds them to its public scores.
        self._metric: Any = _sacrebleu(metric, tokenizer)

    def score(self, hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> MetricValue:
        """The corpus score by sacreBLEU's public function.

        Args:
            hypotheses: Translations.
            references: For each of them one or more references.

        Raises:
            InputError: If there is nothing to score, or a translation has no reference.
        """
        if not hypotheses or len(hypotheses) != len(references) or not all(references):
            counts = f"{len(hypotheses)} translations and references for {sum(map(bool, references))}"
            raise InputError(f"every translation must have a reference, and there must be one at least, got {counts}")
        value = float(self._metric.corpus_score(hypotheses, reference_streams(references)).score)
        return MetricValue(value=value, signature=str(self._metric.get_signature()))

    def statistics(self, hypothesis: str, references: Sequence[str]) -> list[Number]:
        """What one sentence contributes to the corpus score.

        The numbers are exact, so that their sum does not depend on the order in which workers add them.
        """
        (row,) = self._metric._extract_corpus_statistics([hypothesis], [[each] for each in references])
        return [each if isinstance(each, int) else _exact(each) for each in row]

    def value(self, statistics: Sequence[Number]) -> float:
        """The corpus score of summed statistics."""
        row = [float(each) if isinstance(each, Fraction) else each for each in statistics]
        return float(self._metric._compute_score_from_stats(row).score)

    def rows(self, hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> list[list[float]]:
        """What each sentence contributes, as sacreBLEU holds it: for resampling.

        Args:
            hypotheses: Translations.
            references: For each of them one or more references.
        """
        return list(self._metric._extract_corpus_statistics(hypotheses, reference_streams(references)))

    def value_of_sums(self, sums: Sequence[float]) -> float:
        """The corpus score of summed rows."""
        return float(self._metric._compute_score_from_stats(sums).score)

    def signature(self, fewest_references: int, most_references: int) -> str:
        """The signature of a score over sentences with that many references each."""
        self._metric.num_refs = most_references if fewest_references == most_references else _VARIABLE
        return str(self._metric.get_signature())


def score_all(
    hypotheses: Sequence[str], references: Sequence[Sequence[str]], config: EvaluationConfig, target_language: str
) -> dict[Metric, MetricValue]:
    """Every configured score of a list of translations.

    Args:
        hypotheses: Translations.
        references: For each of them one or more references.
        config: Which metrics, and BLEU's tokeniser.
        target_language: BCP 47 code.

    Raises:
        InputError: If there is nothing to score, a reference is missing, or the tokeniser is not installed.
    """
    tokenizer = tokenizer_for(config.tokenizer, target_language)
    return {metric: Scorer(metric, tokenizer).score(hypotheses, references) for metric in config.metrics}


def _sacrebleu(metric: Metric, tokenizer: str) -> Any:
    if metric != "bleu":
        return _OTHERS[metric]()
    try:
        # `force` silences sacreBLEU's own warnings about text that looks tokenised; it changes no score.
        return BLEU(tokenize=tokenizer, force=True)
    except RuntimeError as error:
        extra = tokenizer.split("-")[0]
        raise InputError(
            f"BLEU's tokeniser {tokenizer} must have its packages, and they are not installed; "
            f'install "sacrebleu[{extra}]" or set evaluation.tokenizer to another one'
        ) from error


def _exact(number: float) -> Number:
    fraction = Fraction(number)
    return fraction.numerator if fraction.denominator == 1 else fraction
