"""Beam's portable job service and a pool of external workers, as processes of their own, without Java."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60.0


@contextmanager
def portable_runner(directory: Path) -> Iterator[list[str]]:
    """Start both; yields the pipeline arguments that lead there, and ends every process afterwards.

    Args:
        directory: Where they stage files and write `job_service.log` and `worker_pool.log`.
    """
    jobs, workers = _free_port(), _free_port()
    staging = directory / "staging"
    with (
        _service(directory / "job_service.log", jobs, "portability.local_job_service_main", f"--port={jobs}",
                 f"--staging_dir={staging}"),
        _service(directory / "worker_pool.log", workers, "worker.worker_pool_main", f"--service_port={workers}"),
    ):  # fmt: skip
        yield [
            "--runner=PortableRunner",
            f"--job_endpoint=localhost:{jobs}",
            "--environment_type=EXTERNAL",
            f"--environment_config=localhost:{workers}",
            "--sdk_container_image=unused",
        ]


@contextmanager
def _service(log: Path, port: int, module: str, *options: str) -> Iterator[None]:
    # The pool starts plain `python`: it must be the one of this environment.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    command = [sys.executable, "-m", f"apache_beam.runners.{module}", *options]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, stdout=stream, stderr=stream, env={**os.environ, "PATH": path}, start_new_session=True
        )
        try:
            _wait_for(port, process, log)
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        return int(taken.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("localhost", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} must listen on port {port} within {START_SECONDS} s: {log.read_text()}")
