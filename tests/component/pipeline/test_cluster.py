"""Jobs by the watched runner on Beam's own job service, with workers that work and with workers that never report."""

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.portability.api import beam_job_api_pb2
from apache_beam.runners.portability import portable_runner
from beam_services import forking_pool, job_service, worker_pool
from in_workers import modules_at_hand, wait

from seq2seq_tfx.components.gate.acceptance import checked_reason
from seq2seq_tfx.pipeline.beam_arguments import beam_arguments
from seq2seq_tfx.pipeline.cluster_checks import check_job
from seq2seq_tfx.pipeline.forking_pool import PRELOADED
from seq2seq_tfx.pipeline.watched_runner import StalledError, Stillness, Watch, WatchedResult
from seq2seq_tfx.schemas.config.running import BeamConfig
from seq2seq_tfx.schemas.errors import InputError, WorkError

STALL_MINUTES = 0.2


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a job service."""
    with job_service(tmp_path_factory.mktemp("jobs")) as address:
        yield address


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of this project's worker pool."""
    with forking_pool(tmp_path_factory.mktemp("pool")) as address:
        yield address


def section(jobs: str, workers: str, stall_minutes: float = 5.0) -> BeamConfig:
    """That leads to these services."""
    return BeamConfig(runner="portable", job_endpoint=jobs, worker_pool=workers, stall_minutes=stall_minutes)


def run(beam_section: BeamConfig) -> None:
    """A job that fails in a worker, if it gets there: a reason must have words."""
    with beam.Pipeline(argv=list(beam_arguments(beam_section, processors=1))) as pipeline:
        _ = pipeline | beam.Create([" "]) | beam.Map(checked_reason)


def test_the_workers_are_described_when_a_job_comes_back(jobs: str, workers: str, tmp_path: Path) -> None:
    job, *described = check_job(section(jobs, workers), tmp_path / "root")
    assert job.ok, job
    (worker,) = described
    assert worker.ok and worker.found.endswith(f"sees {tmp_path / 'root'}")
    assert not (tmp_path / "root").exists()


def test_a_worker_has_imported_what_takes_long_before_it_is_asked(jobs: str, workers: str, tmp_path: Path) -> None:
    given, found = tmp_path / "given", tmp_path / "found"
    given.write_text("1\n")
    with beam.Pipeline(argv=list(beam_arguments(section(jobs, workers), processors=1))) as pipeline:
        modules = pipeline | beam.io.ReadFromText(str(given)) | beam.FlatMap(modules_at_hand)
        _ = modules | beam.io.WriteToText(str(found), num_shards=1, shard_name_template="")
    assert sorted(found.read_text().split()) == sorted(PRELOADED)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_pool_takes_its_workers_with_it_when_it_ends(jobs: str, tmp_path: Path, number: int) -> None:
    with forking_pool(tmp_path) as own:
        waiting = section(jobs, own, STALL_MINUTES)
        run_forever = threading.Thread(target=wait_in_a_worker, args=(waiting, tmp_path), daemon=True)
        run_forever.start()
        pool, worker = processes_of(tmp_path)
        os.kill(pool, number)
        end = time.monotonic() + 30
        while time.monotonic() < end and (alive(worker) or alive(pool)):
            time.sleep(0.1)
        assert not alive(worker) and not alive(pool)
    run_forever.join(60)
    assert not run_forever.is_alive()


def wait_in_a_worker(beam_section: BeamConfig, folder: Path) -> None:
    """A job that waits without an end, and says which process does."""
    with pytest.raises(StalledError):
        with beam.Pipeline(argv=list(beam_arguments(beam_section, processors=1))) as pipeline:
            _ = pipeline | beam.Create([str(folder / "processes")]) | beam.Map(wait)


def processes_of(folder: Path) -> tuple[int, int]:
    """The pool and the worker."""
    end = time.monotonic() + 60
    while not (folder / "processes").exists():
        assert time.monotonic() < end, (folder / "forking_pool.log").read_text()
        time.sleep(0.1)
    pool, worker = map(int, (folder / "processes").read_text().split())
    return pool, worker


def alive(process: int) -> bool:
    """Whether it runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_error_of_ours_is_raised_as_the_worker_raised_it(jobs: str, workers: str) -> None:
    with pytest.raises(InputError) as caught:
        run(section(jobs, workers))
    with pytest.raises(InputError) as here:
        checked_reason(" ")
    assert str(caught.value) == str(here.value)


def test_a_job_is_stopped_with_the_reason_when_no_worker_ever_reports(jobs: str, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'No module named apache_beam' >&2\nexit 1\n")
    python.chmod(0o755)
    with worker_pool(tmp_path, programs=tmp_path) as workers:
        with pytest.raises(StalledError) as caught:
            run(section(jobs, workers, STALL_MINUTES))
    message = str(caught.value)
    assert f"log of the worker pool at {workers}" in message and "for 0.2 minutes while it was RUNNING" in message
    assert "No module named apache_beam" in (tmp_path / "worker_pool.log").read_text()


def test_the_address_is_named_when_no_job_service_answers(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match=r"must take the job at localhost:1 \(beam.job_endpoint\), got no answer"):
        run(section("localhost:1", "localhost:1", stall_minutes=0.01))


class ScriptedJobs:
    """A job service with one job, which is in the next of some states each time it is asked; the last one stays."""

    def __init__(self, *states: Any) -> None:
        self.states = list(states)
        self.cancelled: list[str] = []

    def GetState(self, request: Any, timeout: float) -> Any:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, BaseException):
            raise state
        return beam_job_api_pb2.JobStateEvent(state=state)

    def GetJobMetrics(self, request: Any, timeout: float) -> Any:
        return beam_job_api_pb2.GetJobMetricsResponse()

    def Cancel(self, request: Any, timeout: float) -> None:
        self.cancelled.append(request.job_id)


def watched(jobs: ScriptedJobs, stall_seconds: float = 60.0, messages: Sequence[Any] = ()) -> WatchedResult:
    """The job, as the runner gives it."""
    watch = Watch(stall_seconds, flink_rest=None, job_endpoint="jobs:1", worker_pool="pool:2")
    return WatchedResult(portable_runner.PipelineResult(jobs, "job-1", iter(messages), iter(())), "name", watch)


RUNNING, DONE = beam_job_api_pb2.JobState.RUNNING, beam_job_api_pb2.JobState.DONE
FAILED = beam_job_api_pb2.JobState.FAILED


def test_a_job_is_waited_for_when_its_service_is_away_for_a_moment() -> None:
    jobs = ScriptedJobs(RUNNING, portable_runner.grpc.RpcError("away"), DONE)
    assert watched(jobs).wait_until_finish() == "DONE"
    assert jobs.cancelled == []


def test_the_last_error_that_a_job_tells_is_the_run_s() -> None:
    told = [("heartbeat timed out", "ERROR"), ("TaskManager is lost", "ERROR"), ("cleaning up", "BASIC")]
    messages = [
        beam_job_api_pb2.JobMessagesResponse(
            message_response=beam_job_api_pb2.JobMessage(message_text=text, importance=f"JOB_MESSAGE_{importance}")
        )
        for text, importance in told
    ]
    with pytest.raises(RuntimeError, match="TaskManager is lost"):
        watched(ScriptedJobs(RUNNING, FAILED), messages=messages).wait_until_finish()


def test_what_a_job_tells_is_read_as_long_as_it_runs(jobs: str, workers: str) -> None:
    pipeline = beam.Pipeline(argv=list(beam_arguments(section(jobs, workers), processors=1)))
    _ = pipeline | beam.Create([1]) | beam.Map(str)
    result = pipeline.run()
    assert isinstance(result, WatchedResult)
    left = result._message_stream.time_remaining()
    result.wait_until_finish()
    assert left is None or left > 100 * 24 * 3600


def test_a_job_goes_on_when_only_the_waiting_has_a_limit() -> None:
    jobs = ScriptedJobs(RUNNING)
    assert watched(jobs).wait_until_finish(duration=600) == "RUNNING"
    assert jobs.cancelled == []


def test_a_job_is_cancelled_when_the_run_is_interrupted() -> None:
    jobs = ScriptedJobs(RUNNING, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        watched(jobs).wait_until_finish()
    assert jobs.cancelled == ["job-1"]


def test_the_run_ends_when_the_job_service_is_gone() -> None:
    jobs = ScriptedJobs(RUNNING, portable_runner.grpc.RpcError("gone"))
    with pytest.raises(WorkError, match="must answer at jobs:1 until the job ends, got gone for"):
        watched(jobs, stall_seconds=1.0).wait_until_finish()


def test_stillness_begins_anew_when_something_changes() -> None:
    now = [0.0]
    stillness = Stillness(lambda: now[0])
    seen = []
    for now[0], what in ((1.0, "a"), (5.0, "a"), (6.0, "b"), (6.5, "b"), (9.0, "a")):
        seen.append(stillness.seconds(what))
    assert seen == [0.0, 4.0, 0.0, 0.5, 0.0]
