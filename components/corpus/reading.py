"""The first phase, one corpus after the other in the order of the configuration: from files to chunks of rows."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, final

from seq2seq_tfx.components.corpus.chunks import Chunk, cut, save_rows
from seq2seq_tfx.components.corpus.ledger import DEAD_LETTERS_FILE, RuleCount, Sample, sample
from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.reading import read_rows
from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.progress import Progress
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.errors import CorpusError
from seq2seq_tfx.schemas.features import pair_id

UNREADABLE: Final = "unreadable"
"""The rule of rows that could not be read."""
READING_FILE: Final = "reading.json"
_ROWS_BETWEEN_PROGRESS = 2000


class CorpusReading(Section):
    """What reading one corpus gave."""

    read: int
    """Rows, the unreadable ones included."""
    unreadable: RuleCount
    chunks: int


class Reading(Section):
    """What reading all corpora gave, in the order of the configuration."""

    corpora: tuple[CorpusReading, ...]

    def chunks(self, work: Path) -> Iterator[Chunk]:
        """All chunks, in order."""
        for place, corpus in enumerate(self.corpora):
            for number in range(corpus.chunks):
                yield Chunk(work=str(work), corpus=place, number=number)


@final
class CorpusReader:
    """Reads all corpora once; after a kill it goes on from what was read whole.

    Args:
        settings: Corpora and fingerprinted files.
        work: Where rows, dead letters and `READING_FILE` are written.
    """

    def __init__(self, settings: CorpusSettings, work: Path) -> None:
        self._settings, self._work = settings, work
        self._progress = _ByteProgress(settings)

    def chunks(self) -> Iterator[Chunk]:
        """Yield every chunk as soon as its rows are on disk.

        Raises:
            CorpusError: If a corpus cannot be read, or too many of its rows cannot.
            OSError: If the disk is full.
        """
        if (self._work / READING_FILE).exists():
            yield from self.result().chunks(self._work)
            return
        found = []
        descriptor = os.open(self._work / DEAD_LETTERS_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as dead_letters:
            for place, corpus in enumerate(self._settings.corpora):
                reading = _OneReading(self._settings, corpus, dead_letters, self._progress)
                number = 0
                for rows in cut(reading.rows()):
                    chunk = Chunk(work=str(self._work), corpus=place, number=number)
                    if not chunk.summary_file.exists():
                        save_rows(chunk.rows_file, rows)
                    yield chunk
                    number += 1
                found.append(reading.result(number))
        content = Reading(corpora=tuple(found)).to_json().encode()
        write_atomically(self._work / READING_FILE, content, mode=0o600)

    def result(self) -> Reading:
        """What was read, once `chunks` has ended."""
        return Reading.from_json((self._work / READING_FILE).read_bytes())


@final
class _OneReading:
    """The reading of one corpus."""

    def __init__(
        self, settings: CorpusSettings, corpus: Corpus, dead_letters: IO[str], progress: "_ByteProgress"
    ) -> None:
        self._corpus, self._cleaning, self._dead_letters = corpus, settings.cleaning, dead_letters
        self._progress = progress
        self._files = tuple(InputFile(each) for each in settings.files if each.corpus == corpus.name)
        self._read = self._unreadable = 0
        self._samples: list[Sample] = []

    def rows(self) -> Iterator[Row]:
        """The readable rows."""
        for row in read_rows(self._corpus, self._files):
            self._read += 1
            if self._read % _ROWS_BETWEEN_PROGRESS == 0:
                self._progress.reading(self._read, self._files)
            if isinstance(row, UnreadableRow):
                self._reject(row)
            else:
                yield row
        self._progress.finish(self._read, self._files)
        _refuse_too_many(self._unreadable, self._read, self._corpus, self._cleaning)

    def _reject(self, row: UnreadableRow) -> None:
        _refuse_unreadable(row, self._corpus, self._cleaning)
        self._unreadable += 1
        letter = {"pair_id": pair_id(self._corpus.name, row.number), "problem": row.problem}
        if self._cleaning.samples:
            letter["content"] = row.content
        self._dead_letters.write(json.dumps(letter, ensure_ascii=False) + "\n")
        if len(self._samples) < self._cleaning.samples:
            self._samples.append(sample(self._corpus.name, row.number, None, (row.problem, row.content)))

    def result(self, chunks: int) -> CorpusReading:
        """What it gave, in so many chunks."""
        unreadable = RuleCount(dropped=self._unreadable, flagged=0, samples=tuple(self._samples))
        return CorpusReading(read=self._read, unreadable=unreadable, chunks=chunks)


@final
class _ByteProgress:
    """Progress in bytes of the given files, because nobody knows the number of rows beforehand."""

    def __init__(self, settings: CorpusSettings) -> None:
        sizes = [Path(each.path).stat().st_size if Path(each.path).is_file() else 0 for each in settings.files]
        self._progress = Progress("corpus", total=max(1, sum(sizes) >> 10), unit="KiB")
        self._done, self._rows = 0, 0

    def reading(self, rows: int, files: tuple[InputFile, ...]) -> None:
        consumed = self._done + sum(each.consumed_bytes for each in files)
        self._progress.advance_to(consumed >> 10, f"{self._rows + rows:,} rows read")

    def finish(self, rows: int, files: tuple[InputFile, ...]) -> None:
        self._rows += rows
        self._done += sum(each.consumed_bytes for each in files)


def _refuse_unreadable(row: UnreadableRow, corpus: Corpus, cleaning: CleaningConfig) -> None:
    if corpus.split in ("eval", "test"):
        raise CorpusError(f"every row of the {corpus.split} corpus {corpus.name!r} must be readable, but {row.problem}")
    if cleaning.unreadable == "fail":
        raise CorpusError(
            f"every row of corpus {corpus.name!r} must be readable, but {row.problem}; mend the file, or set "
            "cleaning.unreadable: reject to leave such rows out"
        )


def _refuse_too_many(unreadable: int, read: int, corpus: Corpus, cleaning: CleaningConfig) -> None:
    if unreadable > cleaning.max_unreadable_share * read:
        raise CorpusError(
            f"at most {cleaning.max_unreadable_share:.2%} of the rows of corpus {corpus.name!r} may be unreadable "
            f"(cleaning.max_unreadable_share), but {unreadable:,} of {read:,} are; look whether its format and columns "
            "are the right ones, or raise the share"
        )
