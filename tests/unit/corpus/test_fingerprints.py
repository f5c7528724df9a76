"""Corpus files known by content."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from seq2seq_tfx.components.corpus.fingerprints import fingerprint_files
from seq2seq_tfx.components.corpus.settings import CorpusFile
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError

CORPUS = Corpus(name="demo", split="train", source="a.en", target="a.de")
LONG_AGO = 3600.0


def _fingerprint(directory: Path, seconds_later: float = LONG_AGO) -> tuple[CorpusFile, ...]:
    """As seen some time after the files were written."""
    latest = max((path.stat().st_ctime for path in directory.glob("a.*")), default=0.0)
    return fingerprint_files([CORPUS], directory, directory / "memory.json", clock=lambda: latest + seconds_later)


def _write_both(directory: Path) -> None:
    (directory / "a.en").write_text("a dog\n")
    (directory / "a.de").write_text("ein Hund\n")


def _poison(directory: Path) -> None:
    """Change every remembered sha256, so that an answer from memory shows."""
    memory = directory / "memory.json"
    content = json.loads(memory.read_text())
    memory.write_text(json.dumps({path: {**entry, "sha256": "remembered"} for path, entry in content.items()}))


def test_files_are_named_with_side_absolute_path_and_sha256_when_present(tmp_path: Path) -> None:
    _write_both(tmp_path)
    source, target = _fingerprint(tmp_path)
    assert (source.corpus, source.side, source.path) == ("demo", "source", str(tmp_path / "a.en"))
    assert source.sha256 == hashlib.sha256(b"a dog\n").hexdigest()
    assert target.side == "target"


def test_every_reference_is_a_side_when_there_are_several(tmp_path: Path) -> None:
    for name in ("s", "t1", "t2"):
        (tmp_path / name).write_text(name)
    corpus = Corpus(name="demo", split="test", source="s", target=("t1", "t2"))
    files = fingerprint_files([corpus], tmp_path, tmp_path / "memory.json")
    assert [file.side for file in files] == ["source", "target", "target-2"]


def test_unchanged_file_is_not_read_again_when_remembered(tmp_path: Path) -> None:
    _write_both(tmp_path)
    _fingerprint(tmp_path)
    _poison(tmp_path)
    assert {file.sha256 for file in _fingerprint(tmp_path)} == {"remembered"}


def test_nothing_is_remembered_when_the_file_was_changed_just_now(tmp_path: Path) -> None:
    _write_both(tmp_path)
    _fingerprint(tmp_path, seconds_later=0.5)
    assert not (tmp_path / "memory.json").exists()


def test_result_is_the_same_when_a_file_is_touched(tmp_path: Path) -> None:
    _write_both(tmp_path)
    before = _fingerprint(tmp_path)
    (tmp_path / "a.en").touch()
    assert _fingerprint(tmp_path) == before


def test_changed_byte_is_noticed_when_size_and_modification_time_are_kept(tmp_path: Path) -> None:
    _write_both(tmp_path)
    before = _fingerprint(tmp_path)
    _poison(tmp_path)
    path = tmp_path / "a.en"
    status = path.stat()
    with path.open("r+b") as stream:
        stream.write(b"A")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    source, target = _fingerprint(tmp_path)
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert source.sha256 == hashlib.sha256(b"A dog\n").hexdigest() != before[0].sha256
    assert target.sha256 == "remembered"


def test_all_missing_files_are_named_when_some_are_missing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    corpora = [CORPUS, Corpus(name="other", split="eval", path="folder")]
    with pytest.raises(CorpusError) as caught:
        fingerprint_files(corpora, tmp_path, tmp_path / "memory.json")
    for part in (
        "'demo', source",
        "a.en does not exist",
        "'demo', target",
        "a.de does not exist",
        "folder is not a file",
    ):
        assert part in str(caught.value)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}', '{"/a": {"size": 1}}'])
def test_files_are_read_when_the_memory_is_damaged(tmp_path: Path, content: str) -> None:
    _write_both(tmp_path)
    (tmp_path / "memory.json").write_text(content)
    assert _fingerprint(tmp_path)[0].sha256 == hashlib.sha256(b"a dog\n").hexdigest()
