"""Ingestion in several processes, killed in each phase: none stays, and the next attempt's bytes are the same."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from corpus_runs import HELD_OUT, Corpora, corpus_settings

from seq2seq_tfx.components.corpus import chunks
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.corpus.stage import ingest

CHUNK_ROWS = 50
PROGRAM = """
import sys
from pathlib import Path
from seq2seq_tfx.components.corpus import chunks
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.corpus.stage import ingest
from seq2seq_tfx.components.corpus.workers import ProcessWorkers
chunks.CHUNK_ROWS = int(sys.argv[2])
directory = Path(sys.argv[1])
settings = CorpusSettings.from_json((directory / "settings.json").read_bytes())
with ProcessWorkers(2) as workers:
    ledger = ingest(settings, str(directory / "examples"), directory / "work", workers)
(directory / "ledger.json").write_text(ledger.to_json())
"""
PHASES = ("rows-*", "summary-*", "reading.json", "decisions.bin", "written-*")
"""Files that appear one after the other."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> CorpusSettings:
    """Enough text for a hundred small chunks."""
    rows = [(f"satz {number % 4900} ist da", f"sentence {number % 4900} is there") for number in range(5000)]
    corpora: Corpora = {"demo": ("train", rows), **HELD_OUT}
    return corpus_settings(tmp_path_factory.mktemp("corpora"), corpora)


@pytest.mark.parametrize("phase", PHASES)
def test_next_attempt_writes_the_same_when_one_is_killed(
    settings: CorpusSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    (tmp_path / "settings.json").write_text(settings.to_json())
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), str(CHUNK_ROWS)]
    descendants = _kill_when(tmp_path / "work", phase, subprocess.Popen(command))
    gone, alive = psutil.wait_procs(descendants, timeout=10)
    assert alive == []
    subprocess.run(command, check=True)

    monkeypatch.setattr(chunks, "CHUNK_ROWS", CHUNK_ROWS)
    expected = ingest(settings, str(tmp_path / "expected"), tmp_path / "other_work")
    assert (tmp_path / "ledger.json").read_text() == expected.to_json()
    assert _contents(tmp_path / "examples") == _contents(tmp_path / "expected")


def _kill_when(work: Path, pattern: str, process: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    """Kill the process once such a file is there; those that it had started."""
    end = time.monotonic() + 60
    while not any(work.glob(pattern)):
        assert process.poll() is None and time.monotonic() < end, "it ended before it could be killed"
        time.sleep(0.002)
    descendants = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    return descendants


def _contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}
