"""Tab-separated files. There is no quoting: every tab ends a column, and a quotation mark is text.

With numbers for columns, a row needs as many columns as these ask for, and further ones are left aside. With names, the
first row is a header, and a row with another number of columns than the header is unreadable: a tab stands within a
text.
"""

from collections.abc import Sequence

from seq2seq_tfx.components.corpus.readers.header import positions
from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.rows import Rows, UnreadableRow, row_of, shown_bytes, utf8_problem
from seq2seq_tfx.components.corpus.readers.text_lines import Line, line_blocks
from seq2seq_tfx.schemas.config.corpora import Corpus


def read_tsv(corpus: Corpus, files: Sequence[InputFile], first: int) -> Rows:
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
    width, number, line_number = -1, first, 0
    for block in line_blocks(file):
        for line in block:
            line_number += 1
            if width < 0:
                header = shown_bytes(line).split("\t") if named else []
                places = positions(corpus, header, file)
                width = len(header) if named else max(places) + 1
                if named:
                    continue
            columns = line.split("\t") if type(line) is str else []
            if len(columns) == width or (not named and len(columns) > width):
                yield row_of(number, [columns[place] for place in places])
            else:
                yield _unreadable(number, f"{file.file.path}, line {line_number}", line, width)
            number += 1
        file.records = number - first
    return number


def _unreadable(number: int, place: str, line: Line, width: int) -> UnreadableRow:
    if isinstance(line, bytes):
        return UnreadableRow(number, f"{place}: {utf8_problem(line)}", shown_bytes(line))
    count = line.count("\t") + 1
    return UnreadableRow(number, f"{place}: {width} tab-separated columns are needed, it has {count}", line)
