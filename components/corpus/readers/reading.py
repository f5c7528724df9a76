"""From a corpus's files to its rows, in whichever format it is given; a new format is one line in `_READERS`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from seq2seq_tfx.components.corpus.readers.csv import read_csv
from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.jsonl import read_jsonl
from seq2seq_tfx.components.corpus.readers.lines import read_lines
from seq2seq_tfx.components.corpus.readers.parquet import read_parquet
from seq2seq_tfx.components.corpus.readers.rows import Row, Rows, UnreadableRow
from seq2seq_tfx.components.corpus.readers.sgm import read_sgm
from seq2seq_tfx.components.corpus.readers.tmx import read_tmx
from seq2seq_tfx.components.corpus.readers.tsv import read_tsv
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.formats import Format, known_suffixes
from seq2seq_tfx.schemas.errors import CorpusError

Reader = Callable[[Corpus, Sequence[InputFile], int], Rows]

_READERS: Final[Mapping[Format, Reader]] = {
    "lines": read_lines,
    "tsv": read_tsv,
    "csv": read_csv,
    "tmx": read_tmx,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "sgm": read_sgm,
}


def read_rows(corpus: Corpus, files: Sequence[InputFile]) -> Iterator[Row | UnreadableRow]:
    """Read a corpus in whichever format it is given.

    Args:
        corpus: Its configuration.
        files: Its files, side by side in the order of `given_files`; of a side's several files the n-th belongs to the
            n-th of the other sides. Row numbers run on over them.

    Raises:
        CorpusError: If a file is unreadable, a side has other files or lines than another, or there is no row at all.
    """
    reader = _reader(corpus)
    number = 0
    for group in _groups(corpus, files):
        number = yield from reader(corpus, group, number)
    if number == 0:
        paths = " and ".join(each.file.path for each in files)
        raise CorpusError(
            f"corpus {corpus.name!r} must have at least one row, but {paths} is empty; leave the corpus out"
        )


def _reader(corpus: Corpus) -> Reader:
    chosen = corpus.resolved_format()
    if chosen is None:
        raise CorpusError(
            f"the format of corpus {corpus.name!r} must be known, but {corpus.path} has none of the suffixes "
            f"{', '.join(known_suffixes())}; name it by `format`"
        )
    return _READERS[chosen]


def _groups(corpus: Corpus, files: Sequence[InputFile]) -> list[tuple[InputFile, ...]]:
    """The files that are read side by side: the n-th of each side."""
    sides: dict[str, list[InputFile]] = {}
    for each in files:
        sides.setdefault(each.file.side, []).append(each)
    if len({len(side) for side in sides.values()}) > 1:
        counts = ", ".join(f"{name} has {len(side)}" for name, side in sides.items())
        raise CorpusError(f"each side of corpus {corpus.name!r} must have the same number of files, but {counts}")
    return list(zip(*sides.values(), strict=True))
