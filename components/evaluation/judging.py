"""What is known of each test sentence besides its scores: its slices, what is wrong with it, learned scores.

The Evaluator writes it as `sentences.jsonl` beside its scores; the gate reads it from there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from seq2seq_tfx.components.evaluation.learned import learned_scores, load_learned
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.components.evaluation.slices import require_columns, slices_of
from seq2seq_tfx.components.evaluation.translated import Translated
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.text_checks.checking import TextChecker, TextCheckSettings, can_fail
from seq2seq_tfx.schemas.config.text_checks import TextCheck

SENTENCES_FILE: Final = "sentences.jsonl"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What is known of one test sentence."""

    pair_id: str
    slices: Mapping[str, tuple[str, ...]]
    """Column to the values that the sentence has there."""
    failed: tuple[str, ...]
    """The checks that its translation fails."""
    references_failed: Mapping[str, float]
    """Check to the share of its references that fail it, where any does."""
    can_fail: tuple[str, ...]
    """The checks that its translation can fail."""
    learned: Mapping[str, float]
    """Learned metric to its score."""

    def slice_names(self) -> tuple[str, ...]:
        """As in `corpus=news`."""
        return tuple(f"{column}={value}" for column, values in self.slices.items() for value in values)


def judge_sentences(
    sentences: Sequence[Translated], settings: EvaluationSettings, rare: frozenset[str] | None
) -> list[Judged]:
    """Look at every sentence of a test set.

    Args:
        sentences: With their translations.
        settings: Slices, checks, learned metrics.
        rare: Rare words of the test set; None where that is not known.

    Raises:
        InputError: If a slice cannot be cut, or a learned metric is not there.
        WorkError: If a learned metric does not do what it must.
    """
    config = settings.evaluation
    require_columns(sentences, config)
    checker = make_checker(settings, sentences)
    learned = learned_of(sentences, config.learned)
    judged = []
    for number, each in enumerate(sentences):
        shares = _reference_shares(checker, each)
        judged.append(
            Judged(
                pair_id=each.pair_id,
                slices=slices_of(each, config, rare),
                failed=checker.failures(each.source, each.translation, bool(each.truncated)),
                references_failed=shares,
                can_fail=tuple(check for check in checker.checks if can_fail(check, each.source)),
                learned={name: scores[number] for name, scores in learned.items()},
            )
        )
    return judged


def make_checker(settings: EvaluationSettings, sentences: Sequence[Translated]) -> TextChecker:
    """The checks that can be made: that of truncation only where the decoder says whether it stopped."""
    checks: tuple[TextCheck, ...] = settings.evaluation.checks
    if any(each.truncated is None for each in sentences):
        checks = tuple(check for check in checks if check != "truncated")
    return TextChecker(
        TextCheckSettings(
            checks=checks,
            source=settings.languages.source,
            target=settings.languages.target,
            other_languages=settings.evaluation.other_languages,
        )
    )


def learned_of(sentences: Sequence[Translated], learned: Mapping[str, str]) -> dict[str, list[float]]:
    """Every learned metric's scores, sentence by sentence."""
    texts = (
        [each.source for each in sentences],
        [each.translation for each in sentences],
        [each.references for each in sentences],
    )
    return {name: learned_scores(name, load_learned(name, path), *texts) for name, path in learned.items()}


def write_judged(folder: Path, judged: Iterable[Judged]) -> None:
    """Write `sentences.jsonl` into a folder, one JSON line a sentence."""
    lines = "".join(json.dumps(vars(each), ensure_ascii=False, sort_keys=True) + "\n" for each in judged)
    write_atomically(folder / SENTENCES_FILE, lines.encode())


def read_judged(folder: Path) -> list[Judged]:
    """What `write_judged` wrote."""
    with (folder / SENTENCES_FILE).open(encoding="utf-8") as stream:
        return [_parsed(json.loads(line)) for line in stream]


def _parsed(row: dict[str, Any]) -> Judged:
    slices = {column: tuple(values) for column, values in row["slices"].items()}
    return Judged(**{**row, "slices": slices, "failed": tuple(row["failed"]), "can_fail": tuple(row["can_fail"])})


def _reference_shares(checker: TextChecker, sentence: Translated) -> dict[str, float]:
    found: dict[str, float] = {}
    for reference in sentence.references:
        for check in checker.failures(sentence.source, reference):
            found[check] = found.get(check, 0.0) + 1.0 / len(sentence.references)
    return found
