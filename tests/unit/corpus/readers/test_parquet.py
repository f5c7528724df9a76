"""Parquet files."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpus_files import input_file, read_corpus

from seq2seq_tfx.components.corpus.readers.reading import read_rows
from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError


def _read(directory: Path, table: Any, columns: tuple[Any, Any] = ("en", "de")) -> list[Row | UnreadableRow]:
    pq.write_table(table, directory / "p.parquet", row_group_size=2)
    return read_corpus(Corpus(name="demo", split="train", path="p.parquet", columns=columns), directory)


def _table(kind: Any = None, **columns: list[Any]) -> Any:
    return pa.table({name: pa.array(values, kind) for name, values in columns.items()})


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), pa.dictionary(pa.int32(), pa.string())]
)
def test_texts_are_read_whatever_type_of_text_the_column_has(tmp_path: Path, kind: Any) -> None:
    texts = ["d\u00f6g\x00", "", "cat", "cat", "\U0001f600\u2028\r\n"]
    given = [text.encode() for text in texts] if "binary" in str(kind) else texts
    rows = _read(tmp_path, _table(kind, en=given, de=given[::-1]))
    assert rows == [Row(n, text, (texts[-1 - n],)) for n, text in enumerate(texts)]


def test_columns_are_found_by_number_and_inside_structs(tmp_path: Path) -> None:
    values = [{"en": "dog", "de": {"text": "Hund"}}, {"en": "cat", "de": None}, None]
    table = pa.table({"translation": values, "id": ["1", "2", "3"], "translation.en": ["x", "y", "z"]})
    rows = _read(tmp_path, table, ("translation.de.text", 1))
    assert rows[0] == Row(0, "Hund", ("1",))
    assert [row.problem for row in rows[1:] if isinstance(row, UnreadableRow)] == [
        f"{tmp_path}/p.parquet, row {row}, column 'translation.de.text': there is null" for row in (2, 3)
    ]
    assert _read(tmp_path, table, (1, "translation.en"))[0] == Row(0, "1", ("x",))
    assert _read(tmp_path, table.select(["translation"]), ("translation.en", "translation.de.text"))[0] == Row(
        0, "dog", ("Hund",)
    )
    assert _read(tmp_path, table.select(["id"]), (0, 0))[2] == Row(2, "3", ("3",))


def test_a_row_is_unreadable_when_it_is_null_or_not_utf8(tmp_path: Path) -> None:
    rows = _read(tmp_path, _table(pa.binary(), en=[b"a", None, b"c", b"d"], de=[b"A", b"B", b"C\xff", b"\xed\xa0\x80"]))
    place = f"{tmp_path}/p.parquet, row"
    assert rows == [
        Row(0, "a", ("A",)),
        UnreadableRow(1, f"{place} 2, column 'en': there is null", "null\tB"),
        UnreadableRow(2, f"{place} 3, column 'de': byte 0xff at position 2 of the text is not UTF-8", "c\tC\\xff"),
        UnreadableRow(
            3, f"{place} 4, column 'de': byte 0xed at position 1 of the text is not UTF-8", "d\t\\xed\\xa0\\x80"
        ),
    ]


@pytest.mark.parametrize("columns", [("en", "fr"), ("en", 2), ("en", "de.x"), ("en", "x.y")])
def test_the_columns_that_are_there_are_named_when_one_is_missing(tmp_path: Path, columns: tuple[Any, Any]) -> None:
    with pytest.raises(CorpusError) as caught:
        _read(tmp_path, _table(en=["a"], de=["A"]), columns)
    assert f"p.parquet must have the column {columns[1]!r} of corpus 'demo', but its columns are en, de" in str(
        caught.value
    )


def test_the_type_is_named_when_a_column_holds_no_text(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"must hold texts in the column 'de' of corpus 'demo', but there is int64"):
        _read(tmp_path, pa.table({"en": ["a"], "de": [3]}))
    with pytest.raises(CorpusError, match=r"but there is list<"):
        _read(tmp_path, pa.table({"en": ["a"], "de": [["A"]]}))


def test_the_file_is_named_when_it_is_empty_cut_or_damaged(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=f"at least one row, but {tmp_path}/p.parquet is empty"):
        _read(tmp_path, _table(pa.string(), en=[], de=[]))
    path = tmp_path / "p.parquet"
    corpus = Corpus(name="demo", split="train", path="p.parquet")
    pq.write_table(_table(en=["a"] * 99, de=["A"] * 99), path)
    whole = path.read_bytes()
    for content in (whole[:-9], b"", b"en\tde\n", b"PAR1"):
        path.write_bytes(content)
        with pytest.raises(CorpusError, match=rf"{path} must be a whole Parquet file, but .* after 0 rows were read"):
            read_corpus(corpus, tmp_path)


def test_rows_before_the_damage_are_counted_when_a_page_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    texts = [f"{number} {number * number}" for number in range(40_000)]
    pq.write_table(_table(en=texts, de=texts), path, row_group_size=20_000, compression="gzip", use_dictionary=False)
    content = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    content[start + 60 : start + 400] = bytes(340)
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"cut off or damaged after [1-9]\d?,\d{3} rows were read"):
        read_corpus(Corpus(name="demo", split="train", path="p.parquet"), tmp_path)


def test_only_the_row_groups_needed_are_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(_table(en=["a" * 1000] * 50_000, de=["A"] * 50_000), path, row_group_size=1000, use_dictionary=False)
    before = pa.total_allocated_bytes()
    most = 0
    for row in read_rows(Corpus(name="demo", split="train", path=path.name), [input_file(path)]):
        if row.number % 1000 == 0:
            most = max(most, pa.total_allocated_bytes() - before)
    assert 0 < most < 25_000_000  # of 50 MB
