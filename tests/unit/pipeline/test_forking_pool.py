"""A pool of forked workers keeps to those that a runner means, and lets none outlive it."""

import multiprocessing
from collections.abc import Iterator

import pytest
from apache_beam.portability.api import beam_fn_api_pb2, endpoints_pb2

from seq2seq_tfx.pipeline.forking_pool import ForkingPool


@pytest.fixture
def pool() -> Iterator[ForkingPool]:
    """Whose server of forks has imported nothing: what workers do does not matter here."""
    found = ForkingPool(multiprocessing.get_context("forkserver"))
    yield found
    found.end_all()


def start(pool: ForkingPool, name: str) -> str:
    """Ask for a worker, whose runner answers nowhere; the error, if there is one."""
    endpoint = endpoints_pb2.ApiServiceDescriptor(url="localhost:1")
    request = beam_fn_api_pb2.StartWorkerRequest(worker_id=name, control_endpoint=endpoint)
    return str(pool.StartWorker(request, None).error)


def stop(pool: ForkingPool, name: str) -> None:
    pool.StopWorker(beam_fn_api_pb2.StopWorkerRequest(worker_id=name), None)


def names() -> list[str]:
    """Of the workers that run."""
    return sorted(process.name for process in multiprocessing.active_children())


def test_the_worker_that_is_named_is_ended(pool: ForkingPool) -> None:
    assert [start(pool, name) for name in ("1-1", "1-2")] == ["", ""]
    stop(pool, "1-1")
    stop(pool, "no such")
    assert names() == ["1-2"]


def test_none_is_ended_when_two_jobs_have_one_of_that_name(pool: ForkingPool) -> None:
    assert [start(pool, "1-1") for _ in range(2)] == ["", ""]
    stop(pool, "1-1")
    assert names() == ["1-1", "1-1"]


def test_no_worker_is_left_and_none_begins_when_the_pool_has_ended(pool: ForkingPool) -> None:
    assert [start(pool, "1-1") for _ in range(2)] == ["", ""]
    pool.end_all()
    assert names() == []
    assert start(pool, "1-1") == "the worker pool is ending"
