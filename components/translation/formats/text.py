"""Plain text: a line for a line."""

from collections.abc import Iterator, Sequence
from typing import final

from typing_extensions import override

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.rows import utf8_problem
from seq2seq_tfx.components.corpus.readers.text_lines import line_blocks
from seq2seq_tfx.components.translation.formats.packing import pack
from seq2seq_tfx.components.translation.formats.record import Format, Outcome, Record, one_line


@final
class Text(Format):
    """A record is a line; its translation takes its place."""

    @override
    def read(self, files: Sequence[InputFile]) -> Iterator[Record]:
        for file in files:
            path, number = file.file.path, 0
            for block in line_blocks(file, pass_over_long=True):
                for line in block:
                    number += 1
                    if isinstance(line, str):
                        yield Record(None, line, path, number)
                    else:
                        yield Record(None, "", path, number, utf8_problem(line))
                file.records = number

    @override
    def encode(self, records: Sequence[Record], outcomes: Sequence[Outcome | None]) -> bytes:
        lines = [one_line(outcome.text) if outcome else "" for outcome in outcomes]
        return pack("".join(f"{line}\n" for line in lines).encode(), self.suffix)
