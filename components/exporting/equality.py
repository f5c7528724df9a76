"""Compares a CTranslate2 folder with the model that it was made from, on sentences of the eval split."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Final

from seq2seq_tfx.components.preprocessing.evaluation_sentences import EvaluationSentence
from seq2seq_tfx.components.translation.ctranslate2_engine import BLOCK_SENTENCES, CTranslate2Engine, Hypothesis, Ids

LOG_PROB_TOLERANCE: Final = 1e-3
"""By so much the log-probability of a token may differ (nats)."""
LEAST_SAME_SHARE: Final = 0.995
"""Of the translations, those of ties apart."""
TIE: Final = 1e-4
"""Two best hypotheses whose scores lie so near may change places."""
_NAMED: Final = 3


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the model says of the sentences, and the SavedModel."""

    sentences: Sequence[EvaluationSentence]
    log_probs: Sequence[Sequence[float]]
    """The model's, of each token of the first reference, EOS included."""
    texts: Sequence[str]
    """The SavedModel's translations."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How CTranslate2 answers beside the model. Sentences are named by `pair_id`: an export holds no text of users."""

    sentences: int
    tokens: int = 0
    """Of the references, end marks counted."""
    largest_difference: float = 0.0
    """Of a token's log-probability, in nats."""
    ties: int = 0
    """Translations that differ where the two best hypotheses lie within `TIE`: they do not count."""
    other_subwords: list[str] = field(default_factory=list)
    """Sources that CTranslate2 is given other subwords of than the model was."""
    other_probabilities: list[str] = field(default_factory=list)
    """References with a token whose log-probability differs by more than `LOG_PROB_TOLERANCE`."""
    other_translations: list[str] = field(default_factory=list)

    @property
    def same_share(self) -> float:
        """Share of the translations that are the same, ties apart."""
        return 1.0 - len(self.other_translations) / max(self.sentences - self.ties, 1)

    def faults(self) -> list[str]:
        """What is wrong, in words that name sentences; nothing if CTranslate2 says what the model says."""
        wrong = []
        if self.other_subwords:
            wrong.append(f"{len(self.other_subwords)} sources have other subwords ({_named(self.other_subwords)})")
        if self.other_probabilities:
            wrong.append(
                f"{len(self.other_probabilities)} references have a token whose log-probability differs by more than "
                f"{LOG_PROB_TOLERANCE} (by up to {self.largest_difference:.3g}: {_named(self.other_probabilities)})"
            )
        if self.same_share < LEAST_SAME_SHARE:
            wrong.append(
                f"only {self.same_share:.2%} of the translations are the same, not {LEAST_SAME_SHARE:.1%} "
                f"({_named(self.other_translations)})"
            )
        return wrong


def compare(engine: CTranslate2Engine, expected: Expected) -> Comparison:
    """Ask CTranslate2 for the same log-probabilities and translations.

    Args:
        engine: Of the float32 folder.
        expected: The model's answers.
    """
    names = [each.pair_id.decode() for each in expected.sentences]
    sources = [engine.encode(each.source) for each in expected.sentences]
    known = zip(names, sources, expected.sentences, strict=True)
    differences = [0.0] * len(names)
    for i, difference in _differences(engine, sources, expected):
        differences[i] = difference
    far = [name for name, each in zip(names, differences, strict=True) if not each <= LOG_PROB_TOLERANCE]
    others, ties = _translations(engine, sources, expected)
    return Comparison(
        sentences=len(names),
        tokens=sum(map(len, expected.log_probs)),
        largest_difference=max(differences, default=0.0),
        ties=ties,
        other_subwords=[name for name, ids, each in known if ids != each.source_ids[:-1]],
        other_probabilities=far,
        other_translations=[names[i] for i in others],
    )


def other_pieces(folder: Path, pieces: tuple[Sequence[str], Sequence[str]]) -> list[str]:
    """What is wrong with the vocabularies of a folder, in words.

    Args:
        folder: As CTranslate2 wrote it.
        pieces: The vocabularies of source and target, in the order of ids.
    """
    wrong = []
    for side, known in zip(("source", "target"), pieces, strict=True):
        # One of its own, one that a translator's sides share, or a language model's.
        names = (f"{side}_vocabulary.json", "shared_vocabulary.json", "vocabulary.json")
        path = next(path for path in map(folder.joinpath, names) if path.exists())
        written = json.loads(path.read_bytes())
        lines = [number for number, pair in enumerate(zip_longest(written, known)) if pair[0] != pair[1]]
        if lines:
            wrong.append(
                f"{len(lines)} lines of {folder.name}'s {side} vocabulary are others (the first is {lines[0]})"
            )
    return wrong


def _differences(engine: CTranslate2Engine, sources: Sequence[Ids], expected: Expected) -> Iterator[tuple[int, float]]:
    """The number of each sentence with a source, and the largest difference of a token's log-probability."""
    numbers = [i for i, ids in enumerate(sources) if ids]
    targets = [list(expected.sentences[i].target_ids[:-1]) for i in numbers]
    for i, theirs in zip(numbers, engine.log_probs([sources[i] for i in numbers], targets), strict=True):
        ours = expected.log_probs[i]
        # A log-probability that is no number differs, too.
        differences = [abs(a - b) if math.isfinite(a - b) else math.inf for a, b in zip(ours, theirs, strict=True)]
        yield i, max(differences)


def _translations(engine: CTranslate2Engine, sources: Sequence[Ids], expected: Expected) -> tuple[list[int], int]:
    """Numbers of the sentences with another translation, and how many more would have one but for a tie."""
    others, ties = [], 0
    for start in range(0, len(sources), BLOCK_SENTENCES):
        block = sources[start : start + BLOCK_SENTENCES]
        for i, hypotheses in enumerate(engine.search(block, engine.most_hypotheses(2)), start):
            if engine.decode(hypotheses[0].ids) == expected.texts[i]:
                continue
            if _is_tie(hypotheses):
                ties += 1
            else:
                others.append(i)
    return others, ties


def _is_tie(hypotheses: Sequence[Hypothesis]) -> bool:
    return len(hypotheses) > 1 and abs(hypotheses[0].score - hypotheses[1].score) <= TIE


def _named(pair_ids: Sequence[str]) -> str:
    more = len(pair_ids) - _NAMED
    return ", ".join(pair_ids[:_NAMED]) + (f" and {more} more" if more > 0 else "")
