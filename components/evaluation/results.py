"""TFMA's results as our scores: all sentences first, then the slices by name."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from seq2seq_tfx.components.evaluation import metrics
from seq2seq_tfx.components.evaluation.annotated import CAN_FAIL, FAILED, LEARNED, REFERENCES_FAILED
from seq2seq_tfx.components.evaluation.scores import POOL, FailureCount, Score
from seq2seq_tfx.components.evaluation.scoring import Scorer, tokenizer_for
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings


class _Slice(NamedTuple):
    """What was computed on one slice."""

    name: str
    values: Mapping[str, float]


def sorted_scores(
    results: Iterable[Any], settings: EvaluationSettings, split: str, learned_signatures: Mapping[str, str]
) -> list[Score]:
    """The scores of every slice that has a name and a sentence.

    Args:
        results: `MetricsForSlice` messages; those of an empty value (a corpus without a domain) are left out.
        settings: What was computed.
        split: Whose sentences they are of.
        learned_signatures: Of each learned metric.
    """
    found = [
        score
        for each in _slices(results)
        for score in (*_scores(each, settings, split), *_learned(each, split, learned_signatures))
    ]
    order = [*settings.evaluation.metrics, *learned_signatures].index
    return sorted(found, key=lambda score: (score.slice != POOL, score.slice, order(score.metric)))


def sorted_failures(
    results: Iterable[Any], settings: EvaluationSettings, split: str, made: Collection[str]
) -> list[FailureCount]:
    """What the checks found on every slice.

    Args:
        results: As above.
        settings: Which checks.
        split: Whose sentences they are of.
        made: The checks that could be made: of others there is nothing to say.
    """
    checks = [check for check in dict.fromkeys(settings.evaluation.checks) if check in made]
    counts = [
        FailureCount(
            split=split,
            slice=each.name,
            check=check,
            sentences=int(each.values[f"{CAN_FAIL}{check}"]),
            failed=int(each.values[f"{FAILED}{check}"]),
            references_failed=each.values[f"{REFERENCES_FAILED}{check}"],
        )
        for each in _slices(results)
        for check in checks
    ]
    order: list[str] = [*checks]
    return sorted(counts, key=lambda count: (count.slice != POOL, count.slice, order.index(count.check)))


def _slices(results: Iterable[Any]) -> Iterator[_Slice]:
    for result in results:
        parts = [(each.column, each.bytes_value.decode()) for each in result.slice_key.single_slice_keys]
        values = {each.key.name: each.value.double_value.value for each in result.metric_keys_and_values}
        if values.get(metrics.SENTENCES) and all(value for _, value in parts):
            yield _Slice(",".join(f"{column}={value}" for column, value in parts) or POOL, values)


def _scores(found: _Slice, settings: EvaluationSettings, split: str) -> Iterator[Score]:
    tokenizer = tokenizer_for(settings.evaluation.tokenizer, settings.languages.target)
    for metric in dict.fromkeys(settings.evaluation.metrics):
        yield Score(
            split=split,
            slice=found.name,
            metric=metric,
            value=found.values[metric],
            signature=Scorer(metric, tokenizer).signature(
                int(found.values[metrics.FEWEST_REFERENCES]), int(found.values[metrics.MOST_REFERENCES])
            ),
            sentences=int(found.values[metrics.SENTENCES]),
        )


def _learned(found: _Slice, split: str, signatures: Mapping[str, str]) -> Iterator[Score]:
    sentences = int(found.values[metrics.SENTENCES])
    for name, signature in signatures.items():
        value = found.values[f"{LEARNED}{name}"] / sentences
        yield Score(split=split, slice=found.name, metric=name, value=value, signature=signature, sentences=sentences)
