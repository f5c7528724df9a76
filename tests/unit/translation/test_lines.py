"""Text files, line by line."""

import gzip
import io
import sys
from pathlib import Path

import pytest

from seq2seq_tfx.components.translation.lines import read_lines
from seq2seq_tfx.schemas.errors import InputError


def written(path: Path, content: bytes) -> str:
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return str(path)


@pytest.mark.parametrize("name", ["text.en", "text.en.gz"])
def test_a_line_ends_at_a_line_feed_only(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, "one\r\n\ntwo\u2028still\x0btwo\rtwo\n  \nlast".encode())
    assert list(read_lines([path])) == ["one", "", "two\u2028still\x0btwo\rtwo", "  ", "last"]


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    assert list(read_lines([written(tmp_path / "empty", b"")])) == []


def test_standard_input_is_read_when_the_name_is_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\nb\n")))
    assert list(read_lines(["-"])) == ["a", "b"]


def test_a_line_that_is_not_utf8_is_named_with_file_line_and_byte(tmp_path: Path) -> None:
    path = written(tmp_path / "latin1", b"fine\ncaf\xe9\n")
    with pytest.raises(InputError, match=r"latin1 must be UTF-8, but line 2 is not, at byte 4 \(0xe9\)"):
        list(read_lines([path]))


@pytest.mark.parametrize("missing", ["nothing-there", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, missing: str) -> None:
    with pytest.raises(InputError, match=str(tmp_path / missing)):
        list(read_lines([str(tmp_path / missing)]))


@pytest.mark.parametrize("damage", [lambda whole: whole[:-12], lambda whole: whole[:15] + b"\xff\xff" + whole[17:]])
def test_a_damaged_gzip_file_is_named(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "text.gz"
    path.write_bytes(damage(gzip.compress(b"one\ntwo\n" * 500)))  # type: ignore[operator]
    with pytest.raises(InputError, match="text.gz must be"):
        list(read_lines([str(path)]))
