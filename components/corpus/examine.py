"""The parallel phase: one chunk's rows are normalised, judged by the rules, put into splits, and given their keys.

A pure function from a chunk's rows to its candidates and summary, so it runs anywhere, any number of times. Nothing
here imports TensorFlow: a worker starts in half a second.
"""

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from seq2seq_tfx.components.corpus.chunks import Chunk, TextRows, load_rows, row_columns
from seq2seq_tfx.components.corpus.columns import save_columns
from seq2seq_tfx.components.corpus.ledger import RuleCount, Sample, sample
from seq2seq_tfx.components.corpus.normalising import normalise_line
from seq2seq_tfx.components.corpus.rules.one_side import rules_of_side
from seq2seq_tfx.components.corpus.rules.rule_set import RuleSet
from seq2seq_tfx.components.corpus.splits import split_of
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.features import SPLITS
from seq2seq_tfx.schemas.records import KEY_BYTES, near_key, pair_digest, text_digest

KEY_TYPE = np.dtype(f"S{KEY_BYTES}")
"""Digests as numpy compares them, byte by byte."""
TRAIN = SPLITS.index("train")


class ChunkSummary(Section):
    """What became of a chunk's rows: rows = candidates + the sum of dropped."""

    rows: int
    candidates: int
    splits: tuple[int, ...]
    """Candidates of each split."""
    rules: dict[str, RuleCount]


def examine(task: str) -> None:
    """Examine one chunk, unless it was done before.

    Args:
        task: `Chunk` as JSON.

    Raises:
        OSError: If the disk is full.
    """
    chunk = Chunk.from_json(task)
    if not chunk.summary_file.exists():
        examination = _Examination(chunk, load_rows(chunk.rows_file))
        save_columns(chunk.candidates_file, examination.candidate_columns())
        write_atomically(chunk.summary_file, examination.summary().to_json().encode(), mode=0o600)
    chunk.rows_file.unlink(missing_ok=True)


class _Row(NamedTuple):
    number: int
    split: int
    source: str
    targets: tuple[str, ...]
    source_key: bytes
    broken: str | None


@final
class _Examination:
    """The rows of one chunk, judged."""

    def __init__(self, chunk: Chunk, rows: TextRows) -> None:
        self._chunk = chunk
        self._rows = list(_judged(chunk, rows))
        self._kept = [each for each in self._rows if each.broken is None or each.split != TRAIN]

    def candidate_columns(self) -> dict[str, NDArray[Any]]:
        """The columns of `Chunk.candidates_file`: texts and keys, one row a candidate."""
        kept = self._kept
        texts = TextRows(
            [each.number for each in kept], [each.source for each in kept], [each.targets for each in kept]
        )
        return {
            **row_columns(texts),
            "split": np.array([each.split for each in kept], dtype=np.uint8),
            "clean": np.array([each.broken is None for each in kept], dtype=np.bool_),
            "source_key": np.array([each.source_key for each in kept], dtype=KEY_TYPE),
            "target_key": np.array([text_digest(text) for each in kept for text in each.targets], dtype=KEY_TYPE),
            "pair_key": np.array(self._pair_keys(), dtype=KEY_TYPE),
        }

    def _pair_keys(self) -> list[bytes]:
        """What duplicates share: none across splits, nor across the sides of monolingual corpora, nor with pairs."""
        kind, side = self._chunk.settings.cleaning.duplicates, self._chunk.given.side
        if kind == "none":
            return []
        sides = ((each.split, (each.source, *each.targets)) for each in self._kept)
        if kind == "near":
            sides = ((split, tuple(map(near_key, texts))) for split, texts in sides)
        return [pair_digest(texts, SPLITS[split] if side is None else f"{side} alone") for split, texts in sides]

    def summary(self) -> ChunkSummary:
        """What the rules did here."""
        counts: dict[str, dict[str, Any]] = {}
        limit = self._chunk.settings.cleaning.samples
        for row in self._rows:
            if row.broken is None:
                continue
            count = counts.setdefault(row.broken, {"dropped": 0, "flagged": 0, "samples": []})
            count["dropped" if row.split == TRAIN else "flagged"] += 1
            if len(count["samples"]) < limit:
                count["samples"].append(self._sample(row))
        splits = np.bincount([each.split for each in self._kept], minlength=len(SPLITS)).tolist()
        rules = {rule: RuleCount(**{**each, "samples": tuple(each["samples"])}) for rule, each in counts.items()}
        return ChunkSummary(rows=len(self._rows), candidates=len(self._kept), splits=tuple(splits), rules=rules)

    def _sample(self, row: _Row) -> Sample:
        return sample(self._chunk.given.name, row.number, self._chunk.split_name(row.split), (row.source, *row.targets))


def _judged(chunk: Chunk, rows: TextRows) -> Iterator[_Row]:
    """Every row with its split, normalised if it is for training, and the rule that it breaks."""
    corpus, settings = chunk.given, chunk.settings
    keys = [text_digest(source) for source in rows.sources]
    splits = [SPLITS.index(split_of(corpus, key, settings.splits)) for key in keys]
    sources = [_stored(text, split) for text, split in zip(rows.sources, splits, strict=True)]
    targets = [
        tuple([_stored(text, split) for text in texts]) for texts, split in zip(rows.targets, splits, strict=True)
    ]
    rules = _rule_set(settings.cleaning.to_json(), settings.languages.to_json(), corpus.side)
    broken = _broken(rules, sources, targets) if corpus.side is None else rules.broken_rows(sources, sources)
    for each in zip(rows.numbers, splits, sources, targets, keys, broken, strict=True):
        yield _Row(*each)


def _stored(text: str, split: int) -> str:
    """A text as it is stored: normalised in train, as given elsewhere."""
    return normalise_line(text) if split == TRAIN else text


def _broken(rules: RuleSet, sources: list[str], targets: list[tuple[str, ...]]) -> list[str | None]:
    """The first rule that each row breaks; with several references, that any of its pairs breaks."""
    repeated = [source for source, texts in zip(sources, targets, strict=True) for _ in texts]
    verdicts = iter(rules.broken_rows(repeated, [text for texts in targets for text in texts]))
    order = {name: place for place, name in enumerate(rules.names)}
    found = []
    for texts in targets:
        broken = [rule for rule in (next(verdicts) for _ in texts) if rule is not None]
        found.append(min(broken, key=order.__getitem__) if broken else None)
    return found


@functools.lru_cache(maxsize=4)
def _rule_set(cleaning: str, languages: str, side: str | None) -> RuleSet:
    """The rules of these settings, for pairs or for a side, made once in a process: some load a model."""
    given = CleaningConfig.from_json(cleaning), Languages.from_json(languages)
    return RuleSet.of(*given) if side is None else rules_of_side(*given, side)
