"""Moses files: a file a side, the n-th lines of all files are one record. An empty line is an empty side."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.rows import Row, Rows, UnreadableRow, shown_bytes, utf8_problem
from seq2seq_tfx.components.corpus.readers.text_lines import Line, line_blocks
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError


def read_lines(corpus: Corpus, files: Sequence[InputFile], first: int) -> Rows:
    """Read the source and one or more targets, or the sentences of a monolingual corpus.

    Args:
        corpus: Its configuration.
        files: The source, then the targets; of a monolingual corpus the one file.
        first: The first row's number.

    Raises:
        CorpusError: If a file cannot be read, or the files differ in length.
    """
    streams = [_lines(file) for file in files]
    number = first
    for lines in zip_longest(*streams):
        if None in lines:
            raise _different_lengths(corpus, files, streams, shortest=number - first)
        for line in lines:
            if type(line) is bytes:
                yield _not_utf8(number, number - first + 1, files, lines)
                break
        else:
            yield Row(number, lines[0], lines[1:])  # type: ignore[arg-type]  # none is bytes
        number += 1
    return number


def _lines(file: InputFile) -> Iterator[Line]:
    for block in line_blocks(file):
        yield from block
        file.records += len(block)


def _not_utf8(number: int, line_number: int, files: Sequence[InputFile], lines: Sequence[Line]) -> UnreadableRow:
    path, line = next(
        (file.file.path, line) for file, line in zip(files, lines, strict=True) if isinstance(line, bytes)
    )
    content = "\t".join(map(shown_bytes, lines))
    return UnreadableRow(number, f"{path}, line {line_number}: {utf8_problem(line)}", content)


def _different_lengths(
    corpus: Corpus, files: Sequence[InputFile], streams: Sequence[Iterator[Line]], shortest: int
) -> CorpusError:
    for stream in streams:
        for _ in stream:
            pass
    counts = ", ".join(f"{each.file.path} has {each.records:,}" for each in files)
    longest = max(files, key=lambda each: each.records)
    return CorpusError(
        f"the files of corpus {corpus.name!r} must have the same number of lines, but {counts}; the first line without "
        f"a partner is line {shortest + 1:,} of {longest.file.path}; export all sides again together"
    )
