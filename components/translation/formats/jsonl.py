"""JSON Lines. What stands in a line stays, to the byte; the translation is put in before its last bracket."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, final

import orjson
from typing_extensions import override

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.jsonl import parsed_line, text_at
from seq2seq_tfx.components.corpus.readers.text_lines import Line, line_blocks
from seq2seq_tfx.components.translation.formats.added import nested_fields
from seq2seq_tfx.components.translation.formats.packing import pack
from seq2seq_tfx.components.translation.formats.record import Columns, Format, Outcome, Record

_SPACE: Final = " \t\r\n"


@final
class Jsonl(Format):
    """A record is an object that gets further keys, or, where the column is a number, a list that gets further values.

    A record that could not be read becomes one without its fields, whose translation is null.
    """

    def __init__(self, columns: Columns, suffix: str = "") -> None:
        super().__init__(columns, suffix)
        self._added = nested_fields(columns)

    @override
    def read(self, files: Sequence[InputFile]) -> Iterator[Record]:
        for file in files:
            number = 0
            for block in line_blocks(file, pass_over_long=True):
                for line in block:
                    number += 1
                    yield self._record(line, file.file.path, number)
                file.records = number

    def _record(self, line: Line, path: str, number: int) -> Record:
        try:
            value = parsed_line(line)
            text = text_at(value, self.columns.source)
            self._refuse_taken(value)
        except ValueError as error:
            return Record(None, "", path, number, str(error))
        return Record(line, text, path, number)

    def _refuse_taken(self, value: Any) -> None:
        taken = [field.name for field in self._added if isinstance(value, dict) and field.name in value]
        if taken:
            raise ValueError(
                f"there is a key {taken[0]!r} already; rename it, or name another for translations by "
                "--translation-column"
            )

    @override
    def encode(self, records: Sequence[Record], outcomes: Sequence[Outcome | None]) -> bytes:
        lines = (self._encoded(*pair) for pair in zip(records, outcomes, strict=True))
        return pack("".join(lines).encode(), self.suffix)

    def _encoded(self, record: Record, outcome: Outcome | None) -> str:
        named = not isinstance(self.columns.source, int)
        line = (record.raw or ("{}" if named else "[]")).strip(_SPACE)
        body = line[:-1].rstrip(_SPACE)
        parts = [] if len(body) == 1 else [body[1:]]
        for field in self._added:
            value = None if outcome is None else _rounded(field.value(outcome))
            parts.append((orjson.dumps(field.name) + b":" if named else b"").decode() + orjson.dumps(value).decode())
        return f"{body[0]}{','.join(parts)}{line[-1]}\n"


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, 6) if isinstance(value, float) else value
