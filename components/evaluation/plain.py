"""Everything that the Evaluator finds, of a test set in memory and without TFMA: for `seq2seq evaluate`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seq2seq_tfx.components.evaluation.judging import Judged, judge_sentences
from seq2seq_tfx.components.evaluation.learned import load_learned
from seq2seq_tfx.components.evaluation.scores import POOL, FailureCount, Score
from seq2seq_tfx.components.evaluation.scoring import Scorer, tokenizer_for
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.components.evaluation.translated import Translated


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is known of a test set and a system's translations of it."""

    scores: tuple[Score, ...]
    failures: tuple[FailureCount, ...]
    judged: tuple[Judged, ...]


def evaluate_texts(
    sentences: Sequence[Translated],
    settings: EvaluationSettings,
    split: str = "test",
    rare: frozenset[str] | None = None,
) -> Report:
    """Score and check translations: all of them, and slice by slice.

    Args:
        sentences: At least one.
        settings: As of the evaluation stage.
        split: What the scores call the set.
        rare: Rare words of the test set; None where that is not known.

    Raises:
        InputError: If there is nothing to score, a tokeniser, a learned metric or a slice is not there.
        WorkError: If a learned metric does not do what it must.
    """
    judged = judge_sentences(sentences, settings, rare)
    groups = {POOL: list(range(len(sentences)))}
    for number, each in enumerate(judged):
        for name in each.slice_names():
            groups.setdefault(name, []).append(number)
    ordered = [(name, groups[name]) for name in sorted(groups, key=lambda name: (name != POOL, name))]
    signatures = {name: load_learned(name, path).signature() for name, path in settings.evaluation.learned.items()}
    scores: list[Score] = []
    failures: list[FailureCount] = []
    for name, numbers in ordered:
        scores += _scores(name, [sentences[number] for number in numbers], settings, split)
        scores += _learned(name, [judged[number] for number in numbers], signatures, split)
        failures += _failures(name, [judged[number] for number in numbers], settings, split)
    return Report(scores=tuple(scores), failures=tuple(failures), judged=tuple(judged))


def _scores(name: str, sentences: Sequence[Translated], settings: EvaluationSettings, split: str) -> list[Score]:
    tokenizer = tokenizer_for(settings.evaluation.tokenizer, settings.languages.target)
    hypotheses, references = ([each.translation for each in sentences], [each.references for each in sentences])
    found = []
    for metric in dict.fromkeys(settings.evaluation.metrics):
        value = Scorer(metric, tokenizer).score(hypotheses, references)
        found.append(
            Score(
                split=split,
                slice=name,
                metric=metric,
                value=value.value,
                signature=value.signature,
                sentences=len(sentences),
            )
        )
    return found


def _learned(name: str, judged: Sequence[Judged], signatures: Mapping[str, str], split: str) -> list[Score]:
    return [
        Score(
            split=split,
            slice=name,
            metric=metric,
            value=sum(each.learned[metric] for each in judged) / len(judged),
            signature=signature,
            sentences=len(judged),
        )
        for metric, signature in signatures.items()
    ]


def _failures(name: str, judged: Sequence[Judged], settings: EvaluationSettings, split: str) -> list[FailureCount]:
    made = {check for each in judged for check in each.can_fail}
    return [
        FailureCount(
            split=split,
            slice=name,
            check=check,
            sentences=sum(check in each.can_fail for each in judged),
            failed=sum(check in each.failed for each in judged),
            references_failed=sum(each.references_failed.get(check, 0.0) for each in judged),
        )
        for check in dict.fromkeys(settings.evaluation.checks)
        if check in made
    ]
