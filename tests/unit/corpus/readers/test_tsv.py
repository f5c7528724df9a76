"""Tab-separated files."""

from pathlib import Path

import pytest
from corpus_files import read_content

from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow
from seq2seq_tfx.schemas.errors import CorpusError

NAMED = {"columns": ["en", "de"]}


def test_columns_are_found_by_name_when_the_first_row_names_them(tmp_path: Path) -> None:
    content = b'id\tde\ten\r\n1\tHund\t"dog"\r\n2\tKatze\tcat'
    assert read_content("p.tsv", content, tmp_path, **NAMED) == [Row(0, '"dog"', ("Hund",)), Row(1, "cat", ("Katze",))]


@pytest.mark.parametrize(("row", "count"), [(b"1\tHund", 2), (b"1\tHund\tdog\t", 4), (b"", 1), (b"1\tHund\ta\tdog", 4)])
def test_a_row_is_unreadable_when_it_has_other_columns_than_the_header(tmp_path: Path, row: bytes, count: int) -> None:
    rows = read_content("p.tsv", b"id\tde\ten\n" + row + b"\n2\tKatze\tcat\n", tmp_path, **NAMED)
    place = f"{tmp_path}/p.tsv, line 2"
    assert rows == [
        UnreadableRow(0, f"{place}: 3 tab-separated columns are needed, it has {count}", row.decode()),
        Row(1, "cat", ("Katze",)),
    ]


def test_further_columns_are_left_aside_when_columns_are_numbers(tmp_path: Path) -> None:
    assert read_content("p.tab", b"a\tb\tc\td\ne\tf\n", tmp_path) == [Row(0, "a", ("b",)), Row(1, "e", ("f",))]


@pytest.mark.parametrize("name", ["p.tsv", "p.csv"])
def test_the_columns_that_are_there_are_named_when_one_is_missing(tmp_path: Path, name: str) -> None:
    header = "id\tde\ten\n" if name == "p.tsv" else 'id,"de",en\n'
    with pytest.raises(CorpusError) as caught:
        read_content(name, header.encode(), tmp_path, columns=["en", "fr"])
    wanted = "must have the column 'fr' of corpus 'demo' once, but it is not among its columns: id, de, en; correct"
    assert f"{tmp_path}/{name} {wanted}" in str(caught.value)
    with pytest.raises(CorpusError, match="column 'en' of corpus 'demo' once, but it is twice among its columns"):
        read_content(name, header.replace("id", "en").encode(), tmp_path, **NAMED)


@pytest.mark.parametrize("name", ["p.tsv", "p.csv"])
def test_the_file_is_named_when_it_holds_a_header_and_no_row(tmp_path: Path, name: str) -> None:
    header = b"en\tde\n" if name == "p.tsv" else b"en,de\n"
    with pytest.raises(CorpusError, match=f"at least one row, but {tmp_path}/{name} is empty"):
        read_content(name, header, tmp_path, **NAMED)
