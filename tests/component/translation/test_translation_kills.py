"""Batch translation killed with `kill -9`, once in each format, ends with the bytes of a job never killed."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from translation_jobs import write
from translation_kills import CASES, CHILD, killed_and_resumed


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_killed_job_ends_with_the_bytes_of_one_that_was_not(tmp_path: Path, number: int) -> None:
    (kill,) = killed_and_resumed(tmp_path, number, kills=1)
    assert kill.chunks > 1


def test_sigterm_stops_a_job_with_one_sentence_about_how_to_go_on(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", [f"sentence {n}" for n in range(5000)])
    words = ["text", str(given), str(tmp_path / "out.txt"), "2", "instant"]
    process = subprocess.Popen([sys.executable, str(CHILD), *words], stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob(".out.txt.job/chunk-0000003")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.rstrip().endswith("stopped by a signal; the same command goes on from what is finished")
    subprocess.run([sys.executable, str(CHILD), *words], check=True)
    assert len((tmp_path / "out.txt").read_text().splitlines()) == 5000
