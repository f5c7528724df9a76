"""Comma-separated files as RFC 4180 has them; a field is quoted where it must be."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, final

from typing_extensions import override

from seq2seq_tfx.components.corpus.readers.csv import CsvRecords
from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.translation.formats.fields import Fields, FieldsFormat

_NEEDS_QUOTES: Final = re.compile('[",\n\r]')


@final
class Csv(FieldsFormat):
    """Values stay as they are; how they were quoted does not."""

    @override
    def fields_of(self, file: InputFile) -> Iterator[Fields]:
        for record in CsvRecords(file, pass_over_long=True):
            yield Fields(record.line_number, record.fields, record.problem)

    @override
    def line_of(self, fields: Sequence[str]) -> str:
        return ",".join(map(_quoted, fields))


def _quoted(field: str) -> str:
    if _NEEDS_QUOTES.search(field) is None:
        return field
    return '"' + field.replace('"', '""') + '"'
