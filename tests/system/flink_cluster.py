"""A Flink cluster on this machine, by the project's own script, and what tests do to it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parents[2]
SCRIPT = REPOSITORY / "deploy/flink/cluster.sh"
PIDS = REPOSITORY / ".build/flink-cluster/pids"
SECTION = {
    "runner": "flink",
    "job_endpoint": "localhost:8099",
    "worker_pool": "localhost:50000",
    "flink_rest": "localhost:8081",
}
PATIENCE_SECONDS = 240.0


@contextmanager
def flink_cluster() -> Iterator[None]:
    """Installed if need be, and started; a failure of the script is the test's, in its words."""
    script("install")
    if PIDS.is_dir():
        script("stop")
    script("start")
    try:
        yield
    finally:
        script("stop")


def script(verb: str) -> None:
    """Do one thing with the cluster."""
    done = subprocess.run([str(SCRIPT), verb], capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, f"cluster.sh {verb}: {done.stderr}"


def replace_task_manager() -> None:
    """Start a TaskManager where the one was killed, and wait until it has slots."""
    from seq2seq_tfx.pipeline.flink_rest import read_cluster

    script("replace")
    wait_until(lambda: read_cluster(SECTION["flink_rest"]).free_slots > 1, "a TaskManager with free slots")


def kill_task_manager() -> None:
    """`kill -9`."""
    (pid_file,) = PIDS.glob("*-taskexecutor.pid")
    (pid,) = pid_file.read_text().split()
    os.kill(int(pid), signal.SIGKILL)


def wait_until(seen: Callable[[], object], what: str) -> None:
    """Until something is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not seen():
        assert time.monotonic() < end, f"{what} must be seen within {PATIENCE_SECONDS:.0f} seconds"
        time.sleep(0.02)


def on_flink(config: Path, parallelism: int = 1) -> Path:
    """The same configuration with the cluster's section, beside it."""
    document = yaml.safe_load(config.read_text())
    path = config.with_name("flink.yaml")
    path.write_text(yaml.safe_dump({**document, "beam": {**SECTION, "parallelism": parallelism}}, sort_keys=False))
    return path
