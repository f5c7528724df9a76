"""Processes that do the parallel work: what they import, and how their failures are told."""

import multiprocessing
import subprocess
import sys

import pytest
from failing_work import die, fill_the_disk

from seq2seq_tfx.components.corpus.workers import ProcessWorkers
from seq2seq_tfx.schemas.errors import WorkError

TASKS = [str(number) for number in range(9)]


def test_a_worker_imports_nothing_that_is_slow() -> None:
    modules = ", ".join(f"seq2seq_tfx.components.corpus.{name}" for name in ("examine", "near", "write", "workers"))
    program = (
        f"import sys, {modules}; "
        "print(sorted({'tensorflow', 'tfx', 'apache_beam', 'pandas', 'pyarrow', 'keras'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_error_says_what_a_killed_process_means() -> None:
    with ProcessWorkers(2) as workers, pytest.raises(WorkError, match="one was killed .* lack of memory"):
        workers.run(die, TASKS)
    assert multiprocessing.active_children() == []


def test_error_of_a_task_comes_through_and_ends_the_others() -> None:
    with ProcessWorkers(2) as workers, pytest.raises(OSError, match="No space left"):
        workers.run(fill_the_disk, TASKS)
    assert multiprocessing.active_children() == []


def test_no_process_is_started_for_little_work() -> None:
    with ProcessWorkers(2) as workers:
        workers.run(fill_the_disk, ["1", "2"])
        assert multiprocessing.active_children() == []
