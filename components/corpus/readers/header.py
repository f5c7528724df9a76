"""Which columns hold the texts, in a file whose first row may name them."""

from collections.abc import Sequence

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError


def positions(corpus: Corpus, names: Sequence[str], file: InputFile) -> tuple[int, ...]:
    """The numbers of source and target column, or of the one of a monolingual corpus.

    Args:
        corpus: Its `text_columns` are numbers, or names.
        names: The names of the file's columns, in order; not looked at for numbers.
        file: What messages name.

    Raises:
        CorpusError: If a name is not there, or there twice.
    """
    return tuple([_position(corpus, column, names, file) for column in corpus.text_columns])


def _position(corpus: Corpus, column: int | str, names: Sequence[str], file: InputFile) -> int:
    if isinstance(column, int):
        return column
    if names.count(column) != 1:
        how = "twice" if column in names else "not"
        shown = ", ".join(name[:40] for name in names[:20])
        raise CorpusError(
            f"{file.file.path} must have the column {column!r} of corpus {corpus.name!r} once, but it is {how} among "
            f"its columns: {shown}; correct `{corpus.columns_key}`"
        )
    return names.index(column)
