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

START_SECONDS = 120.0
RUNNERS = "apache_beam.runners"
TESTS = str(Path(__file__).parent)


@contextmanager
def portable_runner(directory: Path) -> Iterator[list[str]]:
    """Start both; yields the pipeline arguments that lead there, and ends every process afterwards.

    Args:
        directory: Where they stage files and write `job_service.log` and `worker_pool.log`.
    """
    with job_service(directory) as jobs, worker_pool(directory) as workers:
        yield [
            "--runner=PortableRunner",
            f"--job_endpoint={jobs}",
            "--environment_type=EXTERNAL",
            f"--environment_config={workers}",
            "--sdk_container_image=unused",
        ]


@contextmanager
def job_service(directory: Path) -> Iterator[str]:
    """Start the job service alone; yields its address."""
    port = _free_port()
    options = (f"--port={port}", f"--staging_dir={directory / 'staging'}")
    with _service(directory / "job_service.log", port, f"{RUNNERS}.portability.local_job_service_main", *options):
        yield f"localhost:{port}"


@contextmanager
def worker_pool(directory: Path, programs: Path = Path(sys.executable).parent) -> Iterator[str]:
    """Start the worker pool alone; yields its address.

    Args:
        directory: Where it writes `worker_pool.log`.
        programs: The folder that comes first in its PATH: it starts plain `python`, by default this environment's.
    """
    port, log = _free_port(), directory / "worker_pool.log"
    with _service(log, port, f"{RUNNERS}.worker.worker_pool_main", f"--service_port={port}", programs=programs):
        yield f"localhost:{port}"


@contextmanager
def forking_pool(directory: Path) -> Iterator[str]:
    """Start the project's own worker pool; yields its address.

    Args:
        directory: Where it writes `forking_pool.log`.
    """
    port, log = _free_port(), directory / "forking_pool.log"
    with _service(log, port, "seq2seq_tfx.pipeline.worker_pool", f"--port={port}"):
        yield f"localhost:{port}"


@contextmanager
def _service(
    log: Path, port: int, module: str, *options: str, programs: Path = Path(sys.executable).parent
) -> Iterator[None]:
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    command = [sys.executable, "-m", module, *options]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            stdout=stream,
            stderr=stream,
            env={**os.environ, "PATH": path, "PYTHONPATH": TESTS},
            start_new_session=True,
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
