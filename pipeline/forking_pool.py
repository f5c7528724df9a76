"""Workers of Beam that are forked from a process which has imported everything already."""

import logging
import multiprocessing
import os
import threading
import traceback
from multiprocessing.context import ForkServerProcess
from typing import Any, Final, final

from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
from typing_extensions import override

logger = logging.getLogger("worker_pool")

PRELOADED: Final = (
    "apache_beam.runners.worker.sdk_worker",
    "apache_beam.io.parquetio",
    "tensorflow_transform.beam",
    "tensorflow_data_validation",
    "tensorflow_model_analysis",
    "tfx.components.transform.executor",
    "tfx.components.statistics_gen.executor",
    "tfx.components.evaluator.executor",
    "seq2seq_tfx.components.corpus.executor",
    "seq2seq_tfx.components.evaluation.executor",
    "seq2seq_tfx.components.translation.job.model",
)
"""What the jobs of the stages and of `seq2seq translate` take long to import."""

_STOP_SECONDS: Final = 10.0


@final
class ForkingPool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    """Starts and stops workers when a runner asks for it.

    Args:
        context: Whose server of forks has what `PRELOADED` names.
    """

    def __init__(self, context: Any) -> None:
        self._context = context
        self._workers: dict[str, ForkServerProcess] = {}
        self._lock = threading.Lock()

    @override
    def StartWorker(self, request: Any, context: Any) -> Any:
        """Fork a worker that takes its work from the runner's address; an error goes back in words."""
        arguments = (request.control_endpoint.url, request.worker_id)
        try:
            worker = self._context.Process(target=_work, args=arguments, name=request.worker_id)
            worker.start()
        except Exception:
            return beam_fn_api_pb2.StartWorkerResponse(error=traceback.format_exc())
        with self._lock:
            self._forget_ended()
            self._workers[request.worker_id] = worker
        logger.info("worker %s: process %s for %s", request.worker_id, worker.pid, request.control_endpoint.url)
        return beam_fn_api_pb2.StartWorkerResponse()

    @override
    def StopWorker(self, request: Any, context: Any) -> Any:
        """End a worker; one that is not there is ended already."""
        with self._lock:
            worker = self._workers.pop(request.worker_id, None)
        if worker is not None:
            _end(worker)
            logger.info("worker %s: ended", request.worker_id)
        return beam_fn_api_pb2.StopWorkerResponse()

    def end_all(self) -> None:
        """End every worker."""
        with self._lock:
            workers = [*self._workers.values()]
            self._workers.clear()
        for worker in workers:
            worker.terminate()  # all at once: each may need its time
        for worker in workers:
            _end(worker)

    def _forget_ended(self) -> None:
        """Those whose runner went away, or that were killed, are asked for by nobody any more."""
        for name in [name for name, worker in self._workers.items() if not worker.is_alive()]:
            del self._workers[name]


def _end(worker: ForkServerProcess) -> None:
    worker.terminate()
    worker.join(_STOP_SECONDS)
    if worker.is_alive():
        worker.kill()
        worker.join()


def _work(control: str, worker_id: str) -> None:
    """In the forked process: do what the runner says until it says no more, or until the pool is gone."""
    from apache_beam.runners.worker.sdk_worker import SdkHarness

    logging.basicConfig(level=logging.WARNING)
    threading.Thread(target=_end_with_the_pool, daemon=True, name="end with the pool").start()
    SdkHarness(control, worker_id=worker_id, state_cache_size=0, data_buffer_time_limit_ms=-1).run()


def _end_with_the_pool() -> None:
    pool = multiprocessing.parent_process()
    assert pool is not None
    pool.join()
    os._exit(1)


def _nothing() -> None:
    """Makes the server of forks start."""


def forking_context() -> Any:
    """What starts processes as forks of one that has imported `PRELOADED`; returns when that is done."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED])
    first = context.Process(target=_nothing)
    first.start()
    first.join()
    return context
