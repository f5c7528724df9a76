"""Which columns the source and the target are, in a file whose first row may name them."""

from collections.abc import Sequence

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError


def positions(corpus: Corpus, names: Sequence[str], file: InputFile) -> tuple[int, int]:
    """The numbers of source and target column.

    Args:
        corpus: Its `columns` are two numbers, or two names.
        names: The names of the file's columns, in order; not looked at for numbers.
        file: What messages name.

    Raises:
        CorpusError: If a name is not there, or there twice.
    """
    source, target = (_position(corpus, column, names, file) for column in corpus.columns)
    return source, target


def _position(corpus: Corpus, column: int | str, names: Sequence[str], file: InputFile) -> int:
    if isinstance(column, int):
        return column
    if names.count(column) != 1:
        how = "twice" if column in names else "not"
        shown = ", ".join(name[:40] for name in names[:20])
        raise CorpusError(
            f"{file.file.path} must have the column {column!r} of corpus {corpus.name!r} once, but it is {how} among "
            f"its columns: {shown}; correct `columns`"
        )
    return names.index(column)
