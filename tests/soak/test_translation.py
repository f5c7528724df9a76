"""`make soak`: batch translation killed 50 times, a million records of torture, memory that does not grow."""

import subprocess
import sys
import time
from pathlib import Path

from translation_kills import CASES, killed_and_resumed
from translation_torture import check_torture

RESULTS = Path(__file__).parents[2] / "docs" / "results" / "translation.md"
KILLS_A_CASE, ROUNDS = 5, 2
TORTURE_RECORDS = 1_000_000
MOST_GROWTH_BYTES = 64 << 20

GROWTH_PROGRAM = """
import resource, sys
from pathlib import Path
from translation_jobs import job, request
from seq2seq_tfx.components.translation.job.blocks import BLOCK_RECORDS
folder, count = Path(sys.argv[1]), int(sys.argv[2])
with (folder / f"{count}.txt").open("w") as stream:
    stream.writelines(f"this is sentence number {n} of the text\\n" for n in range(count))
job(request(folder / f"{count}.txt", folder / f"{count}.out", "text", block_records=BLOCK_RECORDS))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10)
"""


def test_a_job_killed_often_ends_with_the_bytes_of_one_that_was_not(tmp_path: Path) -> None:
    started = time.monotonic()
    kills = []
    for number in range(ROUNDS * len(CASES)):
        folder = tmp_path / str(number)
        folder.mkdir()
        kills += killed_and_resumed(folder, number, KILLS_A_CASE)
    assert len(kills) == 50
    shown = ", ".join(f"{kill.kind} {kill.chunks}" for kill in kills)
    _write(f"`kill -9` came {len(kills)} times in {time.monotonic() - started:.0f} s, at these chunks: {shown}.")


def test_record_n_out_is_record_n_in_when_a_million_lines_are_torture(tmp_path: Path) -> None:
    started = time.monotonic()
    check_torture(tmp_path, TORTURE_RECORDS)
    _write(f"{TORTURE_RECORDS:,} records of torture kept their places, in {time.monotonic() - started:.0f} s.")


def test_memory_does_not_grow_with_the_number_of_records(tmp_path: Path) -> None:
    small, large = (_peak_bytes(tmp_path, count) for count in (100_000, 1_000_000))
    assert large - small < MOST_GROWTH_BYTES
    _write(f"Peak memory: {small / 2**20:.0f} MiB for 100,000 records, {large / 2**20:.0f} MiB for 1,000,000.")


def _peak_bytes(folder: Path, count: int) -> int:
    words = [sys.executable, "-c", GROWTH_PROGRAM, str(folder), str(count)]
    tests = Path(__file__).parents[1]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=tests)
    return int(done.stdout)


def _write(line: str) -> None:
    revision = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    if not RESULTS.exists():
        RESULTS.write_text("# Batch translation under `make soak`\n")
    with RESULTS.open("a", encoding="utf-8") as stream:
        stream.write(f"\nOn commit `{revision}`: {line}\n")
