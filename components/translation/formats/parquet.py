"""Parquet files: a row group for each block of records."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, Final, final

import pyarrow as pa
import pyarrow.parquet as pq
from typing_extensions import override

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.parquet import holds_text, type_at, values_at
from seq2seq_tfx.components.corpus.readers.rows import utf8_problem
from seq2seq_tfx.components.translation.formats.added import Added, nested_fields
from seq2seq_tfx.components.translation.formats.record import Columns, Format, Outcome, Record
from seq2seq_tfx.schemas.errors import CorpusError

_BATCH_ROWS = 4096
_TYPES: Final = {
    "text": pa.string(),
    "number": pa.float64(),
    "texts": pa.list_(pa.string()),
    "numbers": pa.list_(pa.float64()),
}
"""Kind of field to type."""


@final
class Parquet(Format):
    """A record is a row; all its columns stay, and its translation is one more, null where there is none."""

    def __init__(self, columns: Columns, suffix: str = "") -> None:
        super().__init__(columns, suffix)
        self._added = nested_fields(columns)
        self._schema: Any = None

    @override
    def read(self, files: Sequence[InputFile]) -> Iterator[Record]:
        for file in files:
            with file.seekable() as stream:
                yield from self._rows(file, stream)

    def _rows(self, file: InputFile, stream: Any) -> Iterator[Record]:
        path = file.file.path
        try:
            parquet = pq.ParquetFile(stream)
            column = self._checked(parquet.schema_arrow, path)
            rows = 0
            for batch in parquet.iter_batches(_BATCH_ROWS):
                for place, value in enumerate(values_at(batch, column)):
                    rows += 1
                    if isinstance(value, str):
                        yield Record((batch, place), value, path, rows)
                    else:
                        problem = "there is null" if value is None else utf8_problem(value, "text")
                        yield Record((batch, place), "", path, rows, problem)
                file.records = rows
        except (pa.ArrowException, OSError) as error:
            raise CorpusError(
                f"{path} must be a whole Parquet file that pyarrow {pa.__version__} can read, but after "
                f"{file.records:,} rows: {str(error).splitlines()[0]}; get the file again"
            ) from error

    def _checked(self, schema: Any, path: str) -> tuple[str, ...]:
        """Where the texts are."""
        source, names = self.columns.source, list(schema.names)
        if isinstance(source, int):
            column = tuple(names[source : source + 1])
        else:
            column = (source,) if source in names else tuple(source.split("."))
        kind = type_at(column, schema)
        if kind is None or not holds_text(kind):
            found = "there is none" if kind is None else f"it holds {kind}"
            raise CorpusError(
                f"{path} must have a column of texts {source!r}, but {found}; its columns are {', '.join(names)}; "
                "name one by --column"
            )
        taken = [field.name for field in self._added if field.name in names]
        if taken:
            raise CorpusError(
                f"{path} must have no column {taken[0]!r}, but does; rename it, or name another for translations by "
                "--translation-column"
            )
        if self._schema is not None and not self._schema.equals(schema):
            raise CorpusError(f"{path} must have the columns of the first input, but has others; translate it alone")
        self._schema = schema
        return column

    @property
    def _output_schema(self) -> Any:
        schema = self._schema
        for field in self._added:
            schema = schema.append(pa.field(field.name, _TYPES[field.kind]))
        return schema

    @override
    def encode(self, records: Sequence[Record], outcomes: Sequence[Outcome | None]) -> bytes:
        rows = pa.Table.from_batches(list(_slices(records)), self._schema).combine_chunks()
        columns = [*rows.columns, *(_column(field, outcomes) for field in self._added)]
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self._output_schema) as writer:
            writer.write_table(pa.table(columns, schema=self._output_schema))
        return bytes(sink.getvalue())

    @override
    def assemble(self, blocks: Iterable[bytes], stream: BinaryIO) -> None:
        with pq.ParquetWriter(stream, self._output_schema) as writer:
            for block in blocks:
                writer.write_table(pa.ipc.open_stream(block).read_all())


def _column(field: Added, outcomes: Sequence[Outcome | None]) -> Any:
    return pa.array([outcome and field.value(outcome) for outcome in outcomes], _TYPES[field.kind])


def _slices(records: Sequence[Record]) -> Iterator[Any]:
    """The rows as parts of the batches that they were read in."""
    start = 0
    for end in range(1, len(records) + 1):
        if end == len(records) or records[end].raw[0] is not records[start].raw[0]:
            batch, first = records[start].raw
            yield batch.slice(first, end - start)
            start = end
