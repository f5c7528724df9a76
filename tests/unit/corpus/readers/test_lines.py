"""Corpus files to rows, and every way in which they can be wrong."""

import gzip
import hashlib
from pathlib import Path

import pytest

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.reading import read_rows
from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow
from seq2seq_tfx.components.corpus.settings import CorpusFile
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError

PAIRS = Corpus(name="demo", split="train", source="-", target="-")
COLUMNS = Corpus(name="demo", split="train", path="-")


def _file(path: Path, content: bytes) -> InputFile:
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return _line_file(path)


def _line_file(path: Path) -> InputFile:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return InputFile(CorpusFile(corpus="demo", side="source", path=str(path), sha256=digest))


def _read(corpus: Corpus, *files: InputFile) -> list[Row | UnreadableRow]:
    return list(read_rows(corpus, files))


@pytest.mark.parametrize("suffix", ["txt", "gz"])
def test_lines_are_paired_in_order_when_there_are_two_files(tmp_path: Path, suffix: str) -> None:
    source = _file(tmp_path / f"s.{suffix}", b"a dog\r\n\na cat")
    target = _file(tmp_path / f"t.{suffix}", b"ein Hund\nleer\neine Katze\n")
    rows = [Row(0, "a dog", ("ein Hund",)), Row(1, "", ("leer",)), Row(2, "a cat", ("eine Katze",))]
    assert _read(PAIRS, source, target) == rows


def test_only_line_feed_ends_a_line_when_others_occur(tmp_path: Path) -> None:
    text = "a\u2028b\x0bc\x85d\re\x00f\u2029g"
    source = _file(tmp_path / "s", f"{text}\n".encode())
    target = _file(tmp_path / "t", f"{text}\r\r\n".encode())
    assert _read(PAIRS, source, target) == [Row(0, text, (f"{text}\r",))]


def test_every_reference_is_kept_when_there_are_several(tmp_path: Path) -> None:
    files = [_file(tmp_path / name, f"{name}1\n{name}2\n".encode()) for name in ("s", "t", "u")]
    assert _read(PAIRS, *files) == [Row(0, "s1", ("t1", "u1")), Row(1, "s2", ("t2", "u2"))]


def test_columns_are_chosen_when_the_file_is_tab_separated(tmp_path: Path) -> None:
    corpus = Corpus(name="demo", split="train", path="-", columns=(2, 0))
    assert _read(corpus, _file(tmp_path / "p.gz", b"Hund\tx\tdog\trest\n")) == [Row(0, "dog", ("Hund",))]


def test_columns_keep_a_carriage_return_inside_when_only_the_end_has_one(tmp_path: Path) -> None:
    assert _read(COLUMNS, _file(tmp_path / "p", b"a\rb\tc\r\n")) == [Row(0, "a\rb", ("c",))]


def test_error_counts_lines_and_names_the_first_without_partner_when_lengths_differ(tmp_path: Path) -> None:
    source, target = _file(tmp_path / "s", b"1\n2\n3\n4\n5\n"), _file(tmp_path / "t.gz", b"1\n2\n")
    with pytest.raises(CorpusError) as caught:
        _read(PAIRS, source, target)
    for part in (f"{tmp_path}/s has 5", f"{tmp_path}/t.gz has 2", f"line 3 of {tmp_path}/s"):
        assert part in str(caught.value)


def test_file_is_named_when_it_is_empty(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=f"{tmp_path}/p is empty"):
        _read(COLUMNS, _file(tmp_path / "p", b""))
    with pytest.raises(CorpusError, match="is empty"):
        _read(PAIRS, _file(tmp_path / "s.gz", b""), _file(tmp_path / "t", b""))


def test_row_says_file_line_and_byte_when_it_is_not_utf8(tmp_path: Path) -> None:
    source = _file(tmp_path / "s", b"one\ntwo\n")
    target = _file(tmp_path / "t", "eins\nzw\u00e9i".encode("latin-1"))
    first, second = _read(PAIRS, source, target)
    assert first == Row(0, "one", ("eins",))
    assert isinstance(second, UnreadableRow)
    assert second.problem == f"{tmp_path}/t, line 2: byte 0xe9 at position 3 of the line is not UTF-8"
    assert second.content == "two\tzw\\xe9i"


def test_row_is_unreadable_when_it_holds_a_lone_surrogate(tmp_path: Path) -> None:
    (row,) = _read(COLUMNS, _file(tmp_path / "p", b"a\t\xed\xa0\x80\n"))
    assert isinstance(row, UnreadableRow)
    assert "byte 0xed at position 3" in row.problem


def test_row_says_file_line_and_columns_when_one_is_missing(tmp_path: Path) -> None:
    first, second, third = _read(COLUMNS, _file(tmp_path / "p", b"a\tb\nonly\nc\td\te\n"))
    assert isinstance(second, UnreadableRow)
    assert second.problem == f"{tmp_path}/p, line 2: 2 tab-separated columns are needed, it has 1"
    assert (first, third) == (Row(0, "a", ("b",)), Row(2, "c", ("d",)))


def test_error_names_file_and_lines_read_when_a_gzip_file_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "p.gz"
    lines = b"".join(hashlib.sha256(bytes([n % 251, n // 251])).hexdigest().encode() + b"\tx\n" for n in range(20_000))
    path.write_bytes(gzip.compress(lines)[:-100_000])
    with pytest.raises(CorpusError, match=rf"{path} must be a whole gzip file.* after [\d,]*\d lines"):
        _read(COLUMNS, _line_file(path))


def test_error_names_the_file_when_it_is_not_gzip_or_damaged(tmp_path: Path) -> None:
    path = tmp_path / "p.gz"
    path.write_bytes(b"a\tb\n")
    with pytest.raises(CorpusError, match=f"{path} must be a whole gzip file"):
        _read(COLUMNS, _line_file(path))
    damaged = bytearray(gzip.compress(b"a\tb\n" * 1000))
    damaged[-6] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(CorpusError, match=f"{path} must be a whole gzip file.*CRC check failed"):
        _read(COLUMNS, _line_file(path))


def test_error_names_the_file_when_it_changed_since_it_was_fingerprinted(tmp_path: Path) -> None:
    file = _file(tmp_path / "p", b"a\tb\n")
    (tmp_path / "p").write_bytes(b"a\tc\n")
    with pytest.raises(CorpusError, match=f"{tmp_path}/p must not change"):
        _read(COLUMNS, file)


def test_error_names_the_file_when_it_is_gone(tmp_path: Path) -> None:
    file = _file(tmp_path / "p", b"a\tb\n")
    (tmp_path / "p").unlink()
    with pytest.raises(CorpusError, match=f"{tmp_path}/p must be readable"):
        _read(COLUMNS, file)


def test_consumed_bytes_reach_the_files_size_when_it_is_read(tmp_path: Path) -> None:
    file = _file(tmp_path / "p.gz", b"a\tb\n" * 100)
    _read(COLUMNS, file)
    assert file.consumed_bytes == (tmp_path / "p.gz").stat().st_size
    assert file.lines == 100
