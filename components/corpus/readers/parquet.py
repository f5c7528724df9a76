"""Parquet files, row group after row group, the columns of texts alone. Never under a further compression.

A column is named, or numbered as in the schema; `translation.en` is a field of a struct, unless a column has just this
name. It must hold texts, or bytes in UTF-8; a null, and bytes that are not UTF-8, make a row unreadable.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.opening import state_of
from seq2seq_tfx.components.corpus.readers.rows import Rows, UnreadableRow, row_of, shown_bytes, utf8_problem
from seq2seq_tfx.components.corpus.readers.text_lines import Line
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError

_BATCH_ROWS = 8192

Value = Line | None


def read_parquet(corpus: Corpus, files: Sequence[InputFile], first: int) -> Rows:
    """Read two columns of one file, or the one of a monolingual corpus.

    Args:
        corpus: Its configuration.
        files: The one file.
        first: The first row's number.

    Raises:
        CorpusError: If the file cannot be read, or lacks a column of texts.
    """
    (file,) = files
    number = first
    with file.seekable() as stream:
        for columns in _batches(corpus, file, stream):
            for values in zip(*columns, strict=True):
                texts = [value for value in values if type(value) is str]
                if len(texts) == len(values):
                    yield row_of(number, texts)
                else:
                    yield _unreadable(number, number - first, file, corpus, values)
                number += 1
            file.records = number - first
    return number


def _batches(corpus: Corpus, file: InputFile, stream: Any) -> Iterator[list[list[Value]]]:
    try:
        parquet = pq.ParquetFile(stream)
        size = state_of(file.file.path).size
        paths = [_path(column, parquet.schema_arrow, file, corpus) for column in corpus.text_columns]
        wanted = list(dict.fromkeys(".".join(path) for path in paths))
        for batch in parquet.iter_batches(_BATCH_ROWS, columns=wanted):
            yield [values_at(batch, path) for path in paths]
            file.consumed_bytes = size * file.records // max(1, parquet.metadata.num_rows)
        file.consumed_bytes = size
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(
            f"{file.file.path} must be a whole Parquet file, but it is cut off or damaged after {file.records:,} rows "
            f"were read ({str(error).splitlines()[0]}); get the file again"
        ) from error


def _path(column: int | str, schema: Any, file: InputFile, corpus: Corpus) -> tuple[str, ...]:
    """The names from the schema's top down to a column of texts."""
    names = list(schema.names)
    if isinstance(column, int):
        path = tuple(names[column : column + 1])
    else:
        path = (column,) if column in names else tuple(column.split("."))
    kind = type_at(path, schema)
    if kind is None:
        raise CorpusError(
            f"{file.file.path} must have the column {column!r} of corpus {corpus.name!r}, but its columns are "
            f"{', '.join(names)}; correct `{corpus.columns_key}`"
        )
    if not holds_text(kind):
        raise CorpusError(
            f"{file.file.path} must hold texts in the column {column!r} of corpus {corpus.name!r}, but there is "
            f"{kind}; correct `{corpus.columns_key}`"
        )
    return path


def type_at(path: Sequence[str], schema: Any) -> Any:
    """The type of a column or a struct's field; None if there is none, or its name is there twice."""
    if not path or schema.names.count(path[0]) != 1:
        return None
    kind = schema.field(path[0]).type
    for name in path[1:]:
        index = kind.get_field_index(name) if pa.types.is_struct(kind) else -1
        if index < 0:
            return None
        kind = kind[index].type
    return kind


def holds_text(kind: Any) -> bool:
    """Whether values of a type are texts, or bytes that may be."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )


def values_at(batch: Any, path: tuple[str, ...]) -> list[Value]:
    """The texts of a column, or of a struct's field; bytes where they are not UTF-8, None for null.

    Args:
        batch: Some rows.
        path: The column's name, then those of the fields.
    """
    column = batch.column(batch.schema.get_field_index(path[0]))
    for name in path[1:]:
        column = column.flatten()[column.type.get_field_index(name)]  # unlike `field`, knows which structs are null
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        texts: list[Value] = column.cast(pa.large_string()).to_numpy(zero_copy_only=False).tolist()
        return texts
    except (UnicodeDecodeError, pa.ArrowInvalid):
        return [_decoded(value.as_py()) for value in column.cast(pa.large_binary())]


def _decoded(value: bytes | None) -> Value:
    try:
        return value if value is None else value.decode()
    except UnicodeDecodeError:
        return value


def _unreadable(number: int, place: int, file: InputFile, corpus: Corpus, values: Sequence[Value]) -> UnreadableRow:
    column, value = next(
        (column, value) for column, value in zip(corpus.text_columns, values, strict=True) if not isinstance(value, str)
    )
    problem = "there is null" if value is None else utf8_problem(value, "text")
    content = "\t".join("null" if value is None else shown_bytes(value) for value in values)
    return UnreadableRow(number, f"{file.file.path}, row {place + 1}, column {column!r}: {problem}", content)
