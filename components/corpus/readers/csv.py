"""Comma-separated files as RFC 4180 has them, in UTF-8.

A field may stand in quotation marks, and then hold commas, line ends (kept as they are) and doubled quotation marks;
within a field that starts otherwise a quotation mark is text. Every record must have as many fields as the first one,
which is a header if `columns` are names: a comma stands within an unquoted text. A quotation mark that is never closed
would take the rest of the file with it: then the line that it stands on is unreadable, and reading goes on after it.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple, final

from seq2seq_tfx.components.corpus.readers.header import positions
from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.rows import (
    LONGEST_RECORD_BYTES,
    LongLine,
    Rows,
    UnreadableRow,
    row_of,
    shown_bytes,
    utf8_problem,
)
from seq2seq_tfx.components.corpus.readers.text_lines import Line, line_blocks
from seq2seq_tfx.schemas.config.corpora import Corpus


class CsvRecord(NamedTuple):
    """One record of a file, readable or not."""

    line_number: int
    """Of its first line, from 1."""
    fields: list[str]
    problem: str = ""
    """What is wrong with it; empty where nothing is."""
    content: str = ""
    """Its text where something is."""


def read_csv(corpus: Corpus, files: Sequence[InputFile], first: int) -> Rows:
    """Read two columns of one file, or the one of a monolingual corpus.

    Args:
        corpus: Its configuration.
        files: The one file.
        first: The first row's number.

    Raises:
        CorpusError: If the file cannot be read, or its header lacks a column.
    """
    (file,) = files
    named = isinstance(corpus.text_columns[0], str)
    places: tuple[int, ...] = ()
    width, number = -1, first
    for record in CsvRecords(file):
        if width < 0 and (named or not record.problem):
            places = positions(corpus, record.fields, file)
            width = max(len(record.fields), max(places) + 1)
            if named:
                continue
        if not record.problem and len(record.fields) == width:
            yield row_of(number, [record.fields[place] for place in places])
        else:
            yield _unreadable(number, record, file, width)
        number += 1
        file.records += 1
    return number


def _unreadable(number: int, record: CsvRecord, file: InputFile, width: int) -> UnreadableRow:
    problem = record.problem or f"{width} comma-separated fields are needed, it has {len(record.fields)}"
    content = record.content or ",".join(record.fields)
    return UnreadableRow(number, f"{file.file.path}, line {record.line_number}: {problem}", content)


@final
class CsvRecords:
    """Lines put together to records.

    Args:
        file: What to read.
        pass_over_long: As in `line_blocks`; a record ends with such a line.
    """

    def __init__(self, file: InputFile, *, pass_over_long: bool = False) -> None:
        self._blocks = line_blocks(file, keep_carriage_returns=True, pass_over_long=pass_over_long)
        self._waiting: deque[Line] = deque()
        self._line_number = 0

    def __iter__(self) -> Iterator[CsvRecord]:
        while (line := self._next()) is not None:
            if isinstance(line, str) and '"' not in line:
                yield CsvRecord(self._line_number, line.removesuffix("\r").split(","))
            else:
                yield self._quoted(line)

    def _next(self) -> Line | None:
        if not self._waiting:
            block = next(self._blocks, None)
            if block is None:
                return None
            self._waiting.extend(block)
        self._line_number += 1
        return self._waiting.popleft()

    def _quoted(self, line: Line) -> CsvRecord:
        """The record that starts with a line, which may go on over further ones."""
        at, fields, taken, size = self._line_number, _Fields(), [line], 0
        problem = ""
        complete = False
        while not complete:
            if isinstance(line, bytes):
                problem = problem or utf8_problem(line)
            try:
                complete = isinstance(line, LongLine) or fields.add(shown_bytes(line))
            except ValueError as error:
                problem, complete = problem or str(error), True
            if not complete:
                size += len(line)
                following = self._next() if size <= LONGEST_RECORD_BYTES else None
                if following is None:
                    return self._never_closed(at, taken)
                line = following
                taken.append(line)
        return CsvRecord(at, fields.done, problem, "\n".join(map(shown_bytes, taken)) if problem else "")

    def _never_closed(self, at: int, taken: list[Line]) -> CsvRecord:
        self._waiting.extendleft(reversed(taken[1:]))
        self._line_number = at
        return CsvRecord(at, [], "a quotation mark opens a field and none closes it", shown_bytes(taken[0]))


@final
class _Fields:
    """The fields of one record, added line by line."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._open: list[str] | None = None
        """The lines so far of a quoted field that goes on."""

    def add(self, line: str) -> bool:
        """Take one more line; true once the record is complete.

        Raises:
            ValueError: If something other than a comma follows a quoted field.
        """
        at = 0
        while True:
            if self._open is None and line.startswith('"', at):
                self._open = []
                at += 1
            if self._open is None:
                end = line.find(",", at)
                self.done.append(line[at:end] if end >= 0 else line[at:].removesuffix("\r"))
                if end < 0:
                    return True
                at = end + 1
                continue
            end = _closing_mark(line, at)
            self._open.append(line[at:] if end < 0 else line[at:end])
            if end < 0:
                return False
            self.done.append("\n".join(self._open).replace('""', '"'))
            self._open = None
            if line[end + 1 :] in ("", "\r"):
                return True
            if line[end + 1] != ",":
                raise ValueError(f"field {len(self.done)} goes on after its closing quotation mark")
            at = end + 2


def _closing_mark(line: str, at: int) -> int:
    """Where the quotation mark is that closes a field: the first one that is not doubled; -1 if there is none."""
    while (at := line.find('"', at)) >= 0 and line.startswith('"', at + 1):
        at += 2
    return at
