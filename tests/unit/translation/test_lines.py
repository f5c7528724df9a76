"""Text files in and out, line by line."""

import gzip
import io
import sys
from pathlib import Path

import pytest

from seq2seq_tfx.components.translation.lines import count_lines, read_lines, writing
from seq2seq_tfx.schemas.errors import InputError


def written(path: Path, content: bytes) -> str:
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return str(path)


@pytest.mark.parametrize("name", ["text.en", "text.en.gz"])
def test_a_line_ends_at_a_line_feed_only(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, "one\r\n\ntwo\u2028still\x0btwo\rtwo\n  \nlast".encode())
    assert list(read_lines([path])) == ["one", "", "two\u2028still\x0btwo\rtwo", "  ", "last"]
    assert count_lines([path, path]) == 10


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    assert list(read_lines([written(tmp_path / "empty", b"")])) == []


def test_standard_input_is_read_when_the_name_is_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\nb\n")))
    assert count_lines(["-"]) is None
    assert list(read_lines(["-"])) == ["a", "b"]


def test_a_line_that_is_not_utf8_is_named_with_file_line_and_byte(tmp_path: Path) -> None:
    path = written(tmp_path / "latin1", b"fine\ncaf\xe9\n")
    with pytest.raises(InputError, match=r"latin1 must be UTF-8, but line 2 is not, at byte 4 \(0xe9\)"):
        count_lines([path])


@pytest.mark.parametrize("missing", ["nothing-there", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, missing: str) -> None:
    with pytest.raises(InputError, match=str(tmp_path / missing)):
        count_lines([str(tmp_path / missing)])


@pytest.mark.parametrize("damage", [lambda whole: whole[:-12], lambda whole: whole[:15] + b"\xff\xff" + whole[17:]])
def test_a_damaged_gzip_file_is_named(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "text.gz"
    path.write_bytes(damage(gzip.compress(b"one\ntwo\n" * 500)))  # type: ignore[operator]
    with pytest.raises(InputError, match="text.gz must be"):
        count_lines([str(path)])


@pytest.mark.parametrize("name", ["out.txt", "out.txt.gz"])
def test_output_appears_complete_or_not_at_all(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    with pytest.raises(KeyboardInterrupt), writing(str(target)) as stream:
        stream.write(b"half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with writing(str(target)) as stream:
        stream.write(b"whole\n")
        assert not target.exists()
    assert list(read_lines([str(target)])) == ["whole"]


def test_compressed_output_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    for name in ("one.gz", "two.gz"):
        with writing(str(tmp_path / name)) as stream:
            stream.write(b"text\n")
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("missing/out", "folder must exist"),
        (".", "is a folder"),
        ("in.txt", "must be another file than the input"),
    ],
)
def test_output_that_cannot_be_is_refused_before_any_work(tmp_path: Path, output: str, message: str) -> None:
    path = written(tmp_path / "in.txt", b"text\n")
    with pytest.raises(InputError, match=message), writing(str(tmp_path / output), [path]):
        pass
    assert (tmp_path / "in.txt").read_bytes() == b"text\n"
