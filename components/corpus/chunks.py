"""A chunk: the unit of parallel work. Which rows it holds depends on the files alone, never on the workers."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seq2seq_tfx.components.corpus.columns import grouped, load_columns, save_columns, text_columns, texts_of
from seq2seq_tfx.components.corpus.readers.rows import Row
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.features import MONOLINGUAL, SPLITS

CHUNK_ROWS: Final = 20_000
"""Rows of a chunk: about two seconds of work."""
CHUNK_CHARACTERS: Final = 1 << 24
"""A chunk ends early when its texts have so many characters: it bounds the memory of a worker."""
SETTINGS_FILE: Final = "settings.json"


class Chunk(Section):
    """Some rows of one corpus that follow each other, and the files that the phases of ingestion keep of them."""

    work: str
    """The folder that all phases work in."""
    corpus: int
    """The corpus's place in the settings."""
    number: int
    """Place among the chunks of the corpus, from 0."""

    @property
    def rows_file(self) -> Path:
        """What was read, until it has been examined."""
        return self._file("rows", "npz")

    @property
    def candidates_file(self) -> Path:
        """Rows that no rule dropped, with their keys."""
        return self._file("candidates", "npz")

    @property
    def summary_file(self) -> Path:
        """What the rules dropped; there once the chunk has been examined."""
        return self._file("summary", "json")

    @property
    def near_file(self) -> Path:
        """Which candidates nearly stand in an eval or test set."""
        return self._file("near", "npz")

    @property
    def written_file(self) -> Path:
        """How many examples were written."""
        return self._file("written", "json")

    def _file(self, phase: str, kind: str) -> Path:
        return Path(self.work) / f"{phase}-{self.corpus:05d}-{self.number:07d}.{kind}"

    @cached_property
    def settings(self) -> CorpusSettings:
        """The settings of the stage."""
        return CorpusSettings.from_json((Path(self.work) / SETTINGS_FILE).read_bytes())

    @property
    def given(self) -> Corpus:
        """The corpus that it is a part of."""
        return self.settings.corpora[self.corpus]

    def split_name(self, split: int) -> str:
        """What a split of its rows is called: that of a monolingual corpus is none of the pairs'."""
        return SPLITS[split] if self.given.side is None else MONOLINGUAL


class TextRows(NamedTuple):
    """Rows, column by column."""

    numbers: list[int]
    """Their places in the given files, from 0."""
    sources: list[str]
    """Of a monolingual corpus: its sentences."""
    targets: list[tuple[str, ...]]
    """Of a monolingual corpus: none a row."""


def cut(rows: Iterable[Row]) -> Iterator[TextRows]:
    """Cut rows into chunks, by their number and length alone."""
    chunk, characters = TextRows([], [], []), 0
    for row in rows:
        chunk.numbers.append(row.number)
        chunk.sources.append(row.source)
        chunk.targets.append(row.targets)
        characters += len(row.source) + sum(map(len, row.targets))
        if len(chunk.numbers) == CHUNK_ROWS or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = TextRows([], [], []), 0
    if chunk.numbers:
        yield chunk


def save_rows(path: Path, rows: TextRows) -> None:
    """Write rows for the worker that will examine them."""
    save_columns(path, row_columns(rows))


def load_rows(path: Path) -> TextRows:
    """The inverse of `save_rows`, for files with further columns too."""
    names = ("numbers", "source_utf8", "source_lengths", "target_utf8", "target_lengths", "target_counts")
    columns = load_columns(path, *names)
    targets = grouped(texts_of(columns, "target"), columns["target_counts"].tolist())
    return TextRows(columns["numbers"].tolist(), texts_of(columns, "source"), targets)


def row_columns(rows: TextRows) -> dict[str, NDArray[Any]]:
    """Rows as columns of a file."""
    return {
        "numbers": np.array(rows.numbers, dtype=np.int64),
        **text_columns("source", rows.sources),
        **text_columns("target", [target for targets in rows.targets for target in targets]),
        "target_counts": np.fromiter(map(len, rows.targets), dtype=np.int64, count=len(rows.targets)),
    }
