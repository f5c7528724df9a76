"""Files with a sentence a line, and what holds for all formats of lines."""

import gzip
import hashlib
from pathlib import Path

import pytest
from corpus_files import input_file, read_content, stored

from seq2seq_tfx.components.corpus.readers import rows as limits
from seq2seq_tfx.components.corpus.readers import text_lines
from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.reading import read_rows
from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError

PAIRS = Corpus(name="demo", split="train", source="-", target="-")
COLUMNS = Corpus(name="demo", split="train", path="-")
SIDES = ("source", "target", "target-2")


def _file(path: Path, content: bytes) -> InputFile:
    return input_file(stored(path, content))


def _read(corpus: Corpus, *files: InputFile) -> list[Row | UnreadableRow]:
    if len(files) > 1:
        sided = [
            InputFile(each.file.model_copy(update={"side": side})) for each, side in zip(files, SIDES, strict=False)
        ]
        return list(read_rows(corpus, sided))
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
    with pytest.raises(CorpusError, match=rf"{path} must be a whole gzip file.* after [\d,]*\d rows"):
        _read(COLUMNS, input_file(path))


def test_error_names_the_file_when_it_is_not_gzip_or_damaged(tmp_path: Path) -> None:
    path = tmp_path / "p.gz"
    path.write_bytes(b"a\tb\n")
    with pytest.raises(CorpusError, match=f"{path} must be stored as its name says, but it does not begin like a gzip"):
        _read(COLUMNS, input_file(path))
    damaged = bytearray(gzip.compress(b"a\tb\n" * 1000))
    damaged[-6] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(CorpusError, match=f"{path} must be a whole gzip file.*incorrect data check"):
        _read(COLUMNS, input_file(path))


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
    assert file.records == 100


def test_a_byte_order_mark_is_no_text_when_it_is_at_a_file_s_start(tmp_path: Path) -> None:
    mark = "\ufeff"
    source, target = _file(tmp_path / "s", f"{mark}a\n{mark}b\n".encode()), _file(tmp_path / "t", b"A\nB\n")
    assert _read(PAIRS, source, target) == [Row(0, "a", ("A",)), Row(1, f"{mark}b", ("B",))]
    assert read_content("p.tsv", f"{mark}en\tde\n".encode(), tmp_path) == [Row(0, "en", ("de",))]
    named = read_content("p.csv", f'{mark}"en",de\na,A\n'.encode(), tmp_path, columns=["en", "de"])
    assert named == [Row(0, "a", ("A",))]
    assert read_content("p.jsonl", f'{mark}["a","A"]\n'.encode(), tmp_path, columns=[0, 1]) == [Row(0, "a", ("A",))]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_the_file_is_named_when_it_is_utf_16(tmp_path: Path, encoding: str) -> None:
    content = ("\ufeff" if encoding == "utf-16-be" else "") + "a\tA\n"
    with pytest.raises(CorpusError, match=r"p\.tsv must be UTF-8, but it starts like UTF-16; save it as UTF-8"):
        read_content("p.tsv", content.encode(encoding), tmp_path)


def test_empty_lines_are_rows_but_nothing_after_the_last_end_is(tmp_path: Path) -> None:
    source, target = _file(tmp_path / "s", b"\na\n\n"), _file(tmp_path / "t", b"\n\n\n")
    assert _read(PAIRS, source, target) == [Row(0, "", ("",)), Row(1, "a", ("",)), Row(2, "", ("",))]
    rows = read_content("p.tsv", b"a\tb\n\n", tmp_path)
    assert rows[0] == Row(0, "a", ("b",))
    assert isinstance(rows[1], UnreadableRow) and "line 2: 2 tab-separated columns are needed" in rows[1].problem


def test_one_carriage_return_goes_at_a_line_s_end_when_the_block_is_not_utf8(tmp_path: Path) -> None:
    rows = read_content("p.tsv", b"a\tb\r\r\n\xff\tc\r\nd\te\r", tmp_path)
    assert (rows[0], rows[2]) == (Row(0, "a", ("b\r",)), Row(2, "d", ("e",)))
    assert isinstance(rows[1], UnreadableRow) and rows[1].content == "\\xff\tc"


def test_nul_and_a_line_of_ten_megabytes_are_read_as_they_are(tmp_path: Path) -> None:
    long = "long \u00e9" * 1_500_000
    assert len(long.encode()) > 10_000_000
    expected = [Row(0, "a\x00", ("\x00",)), Row(1, long, ("x",)), Row(2, "b", ("y",))]
    assert read_content("p.tsv.gz", f"a\x00\t\x00\n{long}\tx\nb\ty\n".encode(), tmp_path) == expected
    assert read_content("p.csv", f'a\x00,\x00\n"{long}",x\nb,y\n'.encode(), tmp_path) == expected


def test_the_file_is_named_when_a_line_has_no_end_in_sight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.LONGEST_RECORD_BYTES > 10_000_000
    monkeypatch.setattr(text_lines, "LONGEST_RECORD_BYTES", 1 << 19)
    with pytest.raises(CorpusError, match=r"p\.tsv must have lines of at most 524,288 bytes, but one is longer"):
        read_content("p.tsv", b"a\tb\n" + b"x" * (1 << 20), tmp_path)


def test_lines_come_out_the_same_wherever_blocks_end(tmp_path: Path) -> None:
    lines = [f"{number}\u00e9" * (number % 40) for number in range(60_000)]
    rows = read_content("p.tsv", "".join(f"{line}\t{line[::-1]}\r\n" for line in lines).encode(), tmp_path)
    assert rows == [Row(number, line, (line[::-1],)) for number, line in enumerate(lines)]
