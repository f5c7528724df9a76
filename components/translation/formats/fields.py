"""Records of fields, with or without a header: what TSV and CSV share."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from typing_extensions import override

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.translation.formats.added import flat_fields
from seq2seq_tfx.components.translation.formats.packing import pack
from seq2seq_tfx.components.translation.formats.record import Columns, Format, Outcome, Record
from seq2seq_tfx.schemas.errors import CorpusError


class Fields(NamedTuple):
    """One record of a file."""

    line: int
    fields: list[str]
    problem: str = ""
    """Why it could not be read."""


class FieldsFormat(Format):
    """A record is some fields; those of its translation follow them.

    With a named column the first record of every file is a header, the same in all files, and the output has it too.
    With a number there is none. Each record must have as many fields as the first one that has the column.
    """

    def __init__(self, columns: Columns, suffix: str = "") -> None:
        super().__init__(columns, suffix)
        self._added = flat_fields(columns)
        self._names = [field.name for field in self._added]
        self._header: list[str] | None = None
        self._source = columns.source if isinstance(columns.source, int) else -1
        self._width = 0

    @abstractmethod
    def fields_of(self, file: InputFile) -> Iterator[Fields]:
        """The records of a file, its header included."""

    @abstractmethod
    def line_of(self, fields: Sequence[str]) -> str:
        """One record as text, without its end."""

    @override
    def read(self, files: Sequence[InputFile]) -> Iterator[Record]:
        for file in files:
            begun = isinstance(self.columns.source, int)
            for each in self.fields_of(file):
                if not begun:
                    self._take_header(each, file.file.path)
                    begun = True
                    continue
                file.records += 1
                yield self._record(each, file.file.path)

    def _take_header(self, each: Fields, path: str) -> None:
        if self._header is None:
            names = [*each.fields, *self._names]
            if each.problem or each.fields.count(str(self.columns.source)) != 1 or len(set(names)) < len(names):
                shown = ", ".join(name[:40] for name in each.fields[:20])
                raise CorpusError(
                    f"{path} must begin with the names of its columns, {self.columns.source!r} once among them and "
                    f"{' and '.join(self._names)} not, but it begins with {each.problem or shown}; name other "
                    "columns by --column and --translation-column, or number the column from 0"
                )
            self._header, self._width = each.fields, len(each.fields)
            self._source = each.fields.index(str(self.columns.source))
        elif self._header != each.fields:
            raise CorpusError(
                f"{path} must have the same columns as the first input, but has others; translate it alone"
            )

    def _record(self, each: Fields, path: str) -> Record:
        if each.problem:
            return Record(self._blank(), "", path, each.line, each.problem)
        if self._source < len(each.fields):
            self._width = self._width or len(each.fields)
        if len(each.fields) != self._width:
            needed = f"{max(self._width, self._source + 1)} columns are needed, it has {len(each.fields)}"
            return Record(self._blank(), "", path, each.line, needed)
        return Record(each.fields, each.fields[self._source], path, each.line)

    def _blank(self) -> list[str]:
        return [""] * max(self._width, self._source + 1)

    @override
    def head(self) -> bytes:
        return b"" if self._header is None else f"{self.line_of([*self._header, *self._names])}\n".encode()

    @override
    def encode(self, records: Sequence[Record], outcomes: Sequence[Outcome | None]) -> bytes:
        lines = (self._encoded(*pair) for pair in zip(records, outcomes, strict=True))
        return pack("".join(lines).encode(), self.suffix)

    def _encoded(self, record: Record, outcome: Outcome | None) -> str:
        added = ("" if outcome is None else _shown(field.value(outcome)) for field in self._added)
        return f"{self.line_of([*record.raw, *added])}\n"


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"
