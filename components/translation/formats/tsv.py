"""Tab-separated files, without quoting."""

from collections.abc import Iterator, Sequence
from typing import final

from typing_extensions import override

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.rows import utf8_problem
from seq2seq_tfx.components.corpus.readers.text_lines import line_blocks
from seq2seq_tfx.components.translation.formats.fields import Fields, FieldsFormat
from seq2seq_tfx.components.translation.formats.record import one_line


@final
class Tsv(FieldsFormat):
    """A tab in a translation becomes a space."""

    @override
    def fields_of(self, file: InputFile) -> Iterator[Fields]:
        number = 0
        for block in line_blocks(file, pass_over_long=True):
            for line in block:
                number += 1
                if isinstance(line, str):
                    yield Fields(number, line.split("\t"))
                else:
                    yield Fields(number, [], utf8_problem(line))

    @override
    def line_of(self, fields: Sequence[str]) -> str:
        return "\t".join(one_line(field).replace("\t", " ") for field in fields)
