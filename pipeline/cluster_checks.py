"""What `seq2seq doctor` asks a Beam runner that is not in this process: its services, its workers, its file system.

Beam itself is not imported here: a job is tried by a process of its own, which can be ended.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from seq2seq_tfx.pipeline.beam_arguments import beam_arguments
from seq2seq_tfx.pipeline.checks import Check
from seq2seq_tfx.pipeline.flink_rest import read_cluster
from seq2seq_tfx.pipeline.machine import cores
from seq2seq_tfx.pipeline.screen import QUIET_ENVIRONMENT
from seq2seq_tfx.pipeline.worker_report import WorkerReport, report
from seq2seq_tfx.schemas.config.loading import LoadedConfig
from seq2seq_tfx.schemas.config.running import BeamConfig
from seq2seq_tfx.schemas.errors import WorkError

FLINK_VERSION: Final = "1.19"
"""What Beam 2.62's job server is made for."""
NETWORK_BYTES: Final = 1 << 30
"""Of each TaskManager: with Flink's default the transform stage has too few buffers, with this it was seen to run."""

_CONNECT_SECONDS: Final = 5.0
_STALL_MINUTES: Final = 2.0
_JOB_SECONDS: Final = 300.0
_ASKED_PER_PART: Final = 4
_MOST_ASKED: Final = 64
_PROGRAM: Final = "from seq2seq_tfx.pipeline.cluster_probe import main; main()"
_HERE: Final = ("localhost", "127.0.0.1")
_IN_PROCESS: Final = {
    "local": "Beam's FnApiRunner, in the run's own process",
    "multi_processing": "Beam's FnApiRunner, with {processes} processes of this machine",
    "dataflow": "Google Cloud's; its options are there, and nothing of it is tried here",
}


def check_runner(loaded: LoadedConfig) -> Iterator[Check]:
    """Whether the configuration's Beam runner could do its jobs."""
    beam = loaded.config.beam
    if beam.runner in _IN_PROCESS:
        words = _IN_PROCESS[beam.runner].format(processes=beam.parallelism or cores())
        yield Check("beam runner", f"{beam.runner}: {words}")
        return
    yield Check("beam runner", f"{beam.runner}: jobs go to {beam.job_endpoint}, workers come from {beam.worker_pool}")
    services = [*check_services(beam)]
    yield from services
    if beam.flink_rest is not None:
        yield from check_flink(beam.flink_rest, beam.parallelism or 1)
    if all(check.ok for check in services):
        yield from check_job(beam, loaded.root)


def check_services(beam: BeamConfig) -> Iterator[Check]:
    """Whether anything listens where the job service and the worker pool should."""
    jobs, pool = str(beam.job_endpoint), str(beam.worker_pool)
    advice = "start it (docs/distributed.md says how), or correct beam.job_endpoint"
    yield _check_service("job service", jobs, advice)
    if _host(pool) in _HERE and any(_host(each) not in _HERE for each in (jobs, beam.flink_rest or jobs)):
        yield Check("worker pool", f"{pool} of each machine of the cluster, which only these can reach")
        return
    advice = f"start it on each machine of the cluster, or correct beam.worker_pool: {_pool_command(pool)}"
    yield _check_service("worker pool", pool, advice)


def _check_service(name: str, address: str, advice: str) -> Check:
    try:
        place = (_host(address), int(address.rpartition(":")[2]))
        socket.create_connection(place, timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        return Check(name, f"{address} does not answer ({error.strerror or error})", advice)
    return Check(name, f"{address} answers")


def _host(address: str) -> str:
    return address.rpartition(":")[0]


def _pool_command(address: str) -> str:
    where = "" if _host(address) in _HERE else f" --host {_host(address)}"
    return f"VENV/bin/python -m seq2seq_tfx.pipeline.worker_pool --port {address.rpartition(':')[2]}{where}"


def check_flink(address: str, parallelism: int) -> Iterator[Check]:
    """Whether a Flink cluster is of the right version and large enough.

    Args:
        address: HOST:PORT of its REST interface.
        parallelism: Into how many parts a step is divided.
    """
    try:
        cluster = read_cluster(address)
    except WorkError as error:
        yield Check("flink", str(error), "start the cluster (docs/distributed.md says how), or correct beam.flink_rest")
        return
    right = cluster.version.startswith(f"{FLINK_VERSION}.")
    advice = "" if right else f"use Flink {FLINK_VERSION}: Beam 2.62's job server is made for it"
    yield Check("flink", f"version {cluster.version} at {address}", advice)
    slots = f"{cluster.free_slots} of {cluster.slots} free, {parallelism} needed"
    advice = ""
    if cluster.slots < parallelism:
        advice = (
            f"start more TaskManagers, raise taskmanager.numberOfTaskSlots, or set beam.parallelism: {cluster.slots}"
        )
    elif cluster.free_slots < parallelism:
        advice = "wait for the cluster's other jobs, or cancel those that are left over"
    yield Check("flink slots", slots, advice)
    least = min(cluster.network_bytes, default=0)
    few = f"set taskmanager.memory.network.min and .max to {NETWORK_BYTES >> 20}m or more, and restart the TaskManagers"
    found = f"{len(cluster.network_bytes)} TaskManagers, with {least >> 20} MiB for network buffers or more"
    yield Check("flink memory", found, few if least < NETWORK_BYTES else "")


def check_job(beam: BeamConfig, root: Path) -> Iterator[Check]:
    """Whether a tiny job comes back, from workers that run this program and see the same files.

    Args:
        beam: The section.
        root: The pipeline's folder, in which a file is written for the time of the job.
    """
    arguments = [*beam_arguments(beam, cores()), f"--stall_minutes={_STALL_MINUTES}"]
    times = min(_ASKED_PER_PART * (beam.parallelism or 1), _MOST_ASKED)
    try:
        with _probe_file(root) as path:
            own = report(str(path))
            answer = _answer({"arguments": arguments, "path": str(path), "times": times})
    except OSError as error:
        yield Check("beam job", f"no file can be written in {root} ({error.strerror})", "make that folder writable")
        return
    if "error" in answer:
        yield Check("beam job", answer["error"], _advice(answer, beam))
        return
    workers = [WorkerReport(**each) for each in answer["workers"]]
    none = "update the job service: it must be of Beam 2.62 and give a job's metrics" if not workers else ""
    yield Check("beam job", f"{times} questions, answered by {len(workers)} kinds of workers", none)
    for worker in workers:
        yield check_worker(worker, own, root)


def check_worker(worker: WorkerReport, own: WorkerReport, root: Path) -> Check:
    """Whether a worker could do the work of this process.

    Args:
        worker: What it is.
        own: What this process is, which could read the probe file.
        root: The folder with the probe file.
    """
    name = f"worker {worker.host}"
    found = f"Python {worker.python}, seq2seq-tfx {worker.package}"
    if worker.python.split(".")[:2] != own.python.split(".")[:2]:
        return Check(name, found, f"start its worker pool with Python {own.python}, as the run has it")
    if worker.package != own.package:
        return Check(name, found, f"install seq2seq-tfx {own.package} there, as the run has it, and restart its pool")
    if worker.code != own.code:
        found += ", but with other code or libraries"
        return Check(name, found, "install the same wheel and requirements/compat.txt there, and restart its pool")
    if worker.read != own.read:
        found += f", but it does not see {root}"
        return Check(name, found, "put root on a file system that every machine sees under the same path")
    return Check(name, f"{found}, sees {root}")


@contextmanager
def _probe_file(root: Path) -> Iterator[Path]:
    """A file with a text that nobody can guess; a root that was not there is gone again afterwards."""
    made = not root.exists()
    root.mkdir(parents=True, exist_ok=True)
    path = root / f".probe-{secrets.token_hex(4)}"
    try:
        path.write_text(secrets.token_hex(16), encoding="utf-8")
        yield path
    finally:
        path.unlink(missing_ok=True)
        if made:
            with suppress(OSError):
                root.rmdir()


def _answer(request: dict[str, Any], seconds: float = _JOB_SECONDS) -> dict[str, Any]:
    """What the process that tries the job prints last; it is killed after some time, whatever it waits for."""
    program = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **QUIET_ENVIRONMENT},
        start_new_session=True,
    )
    try:
        printed, said = program.communicate(json.dumps(request), timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, signal.SIGKILL)
        program.communicate()
        return {"error": f"no end after {seconds:.0f} seconds", "kind": "TimeoutExpired"}
    try:
        answer: dict[str, Any] = json.loads(_last_line(printed.splitlines()))
    except ValueError:
        return {"error": _last_line(said.splitlines()) or f"it ended with {program.returncode}", "kind": "Exit"}
    return answer


def _last_line(lines: Sequence[str]) -> str:
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _advice(answer: dict[str, Any], beam: BeamConfig) -> str:
    if answer["kind"] == "StalledError":
        command = _pool_command(str(beam.worker_pool))
        return f"start the worker pool with this project's environment: {command}"
    if "No module named" in answer["error"]:
        return "install this package into the environment of the worker pool, and restart it"
    return "look into the logs of the job service and of the worker pool, which say more"
