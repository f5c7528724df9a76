"""Wrong input: one sentence, the right exit status, no traceback."""

import fcntl
import gzip
import resource
import subprocess
import time
from pathlib import Path

import pytest
from killing import start
from small import CONFIG, Finished, InProcess, command_line, seq2seq, write_pipeline


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A small pipeline of this test's own."""
    return write_pipeline(tmp_path)


@pytest.fixture
def inside(capfd: pytest.CaptureFixture[str]) -> InProcess:
    """The command line in this process."""
    return InProcess(capfd)


def _refused(done: Finished, *words: str) -> None:
    assert done.status == 2, done.errors
    assert "Traceback" not in done.errors
    for word in words:
        assert word in done.errors


def test_a_missing_file_is_named(config: Path, inside: InProcess) -> None:
    (config.parent / "train.en.gz").unlink()
    _refused(inside("run", config), "train.en.gz")


def test_sides_of_different_length_are_counted(config: Path, inside: InProcess) -> None:
    lines = gzip.decompress((config.parent / "train.es.gz").read_bytes()).splitlines(keepends=True)
    (config.parent / "train.es.gz").write_bytes(gzip.compress(b"".join(lines[:-3]), mtime=0))
    _refused(inside("run", config), "1,200", "1,197")


def test_text_that_is_not_utf8_is_located(config: Path, inside: InProcess) -> None:
    lines = gzip.decompress((config.parent / "train.en.gz").read_bytes()).splitlines(keepends=True)
    lines[4] = b"caf\xe9 " + lines[4]
    (config.parent / "train.en.gz").write_bytes(gzip.compress(b"".join(lines), mtime=0))
    _refused(inside("run", config), "train.en.gz", "line 5", "byte")


def test_an_empty_corpus_is_refused(config: Path, inside: InProcess) -> None:
    for language in ("en", "es"):
        (config.parent / f"train.{language}.gz").write_bytes(gzip.compress(b"", mtime=0))
    _refused(inside("run", config), "train")


def test_a_vocabulary_too_large_for_the_corpus_is_refused(config: Path, inside: InProcess) -> None:
    _refused(inside("run", config, "--set", "vocabulary.size=200000"), "vocabulary")


def test_all_problems_of_a_configuration_come_at_once(config: Path, inside: InProcess) -> None:
    config.write_text(CONFIG.replace("seed: 7", "sead: 7").replace("max_steps: 60", "max_steps: many"))
    _refused(inside("run", config), "seed", "max_steps", "2 problems")


def test_a_second_run_on_a_root_in_use_is_refused(config: Path) -> None:
    first = start(config, {"SEQ2SEQ_TEST_HOLD": "corpus:600"})
    try:
        deadline = time.monotonic() + 60
        while not (config.parent / "work" / ".lock").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1)
        _refused(seq2seq("run", config), str(first.pid))
    finally:
        first.kill()
        first.wait()
    with (config.parent / "work" / ".lock").open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_full_disk_is_one_sentence_and_the_next_run_goes_on(config: Path, tmp_path: Path) -> None:
    small = tmp_path / "small-disk"
    small.mkdir()
    mounted = (
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=False).returncode == 0
    )
    limit = None if mounted else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 17, 1 << 17))
    try:
        command = command_line(("run", config, "--set", f"root={small}/work"))
        done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, check=False)
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(small)], check=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr or "File too large" in done.stderr
