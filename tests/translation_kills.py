"""Kills jobs of batch translation at given moments, and looks at what they write in the end."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from translation_child import ENGINES
from translation_jobs import job, model, request, write

CHILD = Path(__file__).parent / "translation_child.py"
PATIENCE_SECONDS = 120.0
RECORDS = 3000
CASES = (
    ("text", ".txt.gz"),
    ("tsv", ".tsv.zst"),
    ("csv", ".csv.bz2"),
    ("jsonl", ".jsonl.xz"),
    ("parquet", ".parquet"),
)


class Kill(NamedTuple):
    """One kill."""

    kind: str
    chunks: int
    """Chunks that were finished when it came."""


def killed_and_resumed(folder: Path, number: int, kills: int) -> list[Kill]:
    """Do one job that is killed some times, and compare it with one that never was.

    Args:
        folder: Where files go.
        number: Which case: formats, workers and engines take turns.
        kills: How often it is killed.
    """
    kind, suffix = CASES[number % len(CASES)]
    workers, engine = (1, 4)[number % 2], ("instant", "neighbourly")[(number // 2) % 2]
    draw = random.Random(number)
    texts = [f"sentence {draw.randrange(2000)} of {number}" for _ in range(RECORDS)]
    given = write(folder / f"in{suffix}", kind, texts)
    whole, broken = folder / f"whole{suffix}", folder / f"broken{suffix}"
    job(request(given, whole, kind), model(ENGINES[engine]()))
    words = [kind, str(given), str(broken), str(workers), engine]
    found = []
    for place in range(kills):
        least = (place + 1) * (RECORDS // 64) // (kills + 1) - draw.randrange(3)
        found.append(Kill(kind, _kill_after(words, broken, max(1, least), draw.random() * 0.02)))
    subprocess.run([sys.executable, str(CHILD), *words], check=True)
    assert broken.read_bytes() == whole.read_bytes(), kind
    assert not broken.with_name(f".{broken.name}.job").exists()
    return found


def _kill_after(words: list[str], output: Path, chunks: int, more_seconds: float) -> int:
    """`kill -9` once so many chunks are finished, and a moment later."""
    work = output.with_name(f".{output.name}.job")
    process = subprocess.Popen([sys.executable, str(CHILD), *words], stderr=subprocess.PIPE, start_new_session=True)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(list(work.glob("chunk-*"))) < chunks:
        assert process.poll() is None and time.monotonic() < deadline, process.stderr and process.stderr.read()
        time.sleep(0.002)
    time.sleep(more_seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not output.exists(), "the job ended before it was killed"
    return len(list(work.glob("chunk-*")))
