"""Corpus formats: from files to rows, one row for each record of the files, in their order, streaming."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from seq2seq_tfx.components.corpus.line_files import LineFile
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError


class Row(NamedTuple):
    """A record that could be read."""

    number: int
    """Its place in the given files, from 0."""
    source: str
    targets: tuple[str, ...]


class UnreadableRow(NamedTuple):
    """A record that could not be read."""

    number: int
    problem: str
    """File, line and what is wrong there."""
    content: str
    """Its lines, with what is not UTF-8 written as `\\xNN`."""


def read_rows(corpus: Corpus, files: Sequence[LineFile]) -> Iterator[Row | UnreadableRow]:
    """Read a corpus in whichever format it is given.

    Args:
        corpus: Its configuration.
        files: Its files, in the order of `given_files`.

    Raises:
        CorpusError: If a file is empty or unreadable, or its sides differ in length.
    """
    count = 0
    for row in _read_columns(corpus, files[0]) if corpus.path is not None else _read_sides(corpus, files):
        count += 1
        yield row
    if count == 0:
        paths = " and ".join(each.file.path for each in files)
        raise CorpusError(
            f"corpus {corpus.name!r} must have at least one line, but {paths} is empty; leave the corpus out"
        )


def _read_sides(corpus: Corpus, files: Sequence[LineFile]) -> Iterator[Row | UnreadableRow]:
    """Two or more files; the n-th lines of all are one record."""
    streams = [iter(each) for each in files]
    for number, lines in enumerate(zip_longest(*streams)):
        if None in lines:
            raise _different_lengths(corpus, files, streams, shortest=number)
        try:
            source, *targets = [line.decode() for line in lines]
        except UnicodeDecodeError:
            yield _not_utf8(number, files, lines)
        else:
            yield Row(number, source, tuple(targets))


def _read_columns(corpus: Corpus, file: LineFile) -> Iterator[Row | UnreadableRow]:
    """One file; two of the tab-separated columns of a line are one record."""
    source, target = corpus.columns
    needed = max(source, target) + 1
    for number, line in enumerate(file):
        try:
            columns = line.decode().split("\t")
        except UnicodeDecodeError:
            yield _not_utf8(number, [file], [line])
            continue
        if len(columns) < needed:
            problem = (
                f"{file.file.path}, line {number + 1}: {needed} tab-separated columns are needed, it has {len(columns)}"
            )
            yield UnreadableRow(number, problem, line.decode())
        else:
            yield Row(number, columns[source], (columns[target],))


def _not_utf8(number: int, files: Sequence[LineFile], lines: Sequence[bytes]) -> UnreadableRow:
    content = "\t".join(line.decode("utf-8", "backslashreplace") for line in lines)
    for each, line in zip(files, lines, strict=True):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            byte = f"byte 0x{line[error.start]:02x} at position {error.start + 1} of the line"
            return UnreadableRow(number, f"{each.file.path}, line {number + 1}: {byte} is not UTF-8", content)
    raise ValueError("every line is UTF-8")


def _different_lengths(
    corpus: Corpus, files: Sequence[LineFile], streams: Sequence[Iterator[bytes]], shortest: int
) -> CorpusError:
    for stream in streams:
        for _ in stream:
            pass
    counts = ", ".join(f"{each.file.path} has {each.lines:,}" for each in files)
    longest = max(files, key=lambda each: each.lines)
    return CorpusError(
        f"the files of corpus {corpus.name!r} must have the same number of lines, but {counts}; the first line without "
        f"a partner is line {shortest + 1:,} of {longest.file.path}; export all sides again together"
    )
