"""Workers of Beam that are forked from a process which has imported everything already."""

import logging
import multiprocessing
import os
import sys
import threading
import traceback
from multiprocessing.context import ForkServerProcess
from typing import Any, Final, final

from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
from typing_extensions import override

from seq2seq_tfx.schemas.errors import WorkError

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
        self._workers: dict[str, list[ForkServerProcess]] = {}
        self._closed = False
        self._lock = threading.Lock()

    @override
    def StartWorker(self, request: Any, context: Any) -> Any:
        """Fork a worker that takes its work from the runner's address; an error goes back in words."""
        arguments = (request.control_endpoint.url, request.worker_id)
        try:
            with self._lock:
                if self._closed:
                    return beam_fn_api_pb2.StartWorkerResponse(error="the worker pool is ending")
                worker = self._context.Process(target=_work, args=arguments, name=request.worker_id)
                worker.start()
                self._forget_ended()
                self._workers.setdefault(request.worker_id, []).append(worker)
        except Exception:
            return beam_fn_api_pb2.StartWorkerResponse(error=traceback.format_exc())
        logger.info("worker %s: process %s for %s", request.worker_id, worker.pid, request.control_endpoint.url)
        return beam_fn_api_pb2.StartWorkerResponse()

    @override
    def StopWorker(self, request: Any, context: Any) -> Any:
        """End a worker; one that is not there is ended already.

        Flink counts workers anew for each job. Where two jobs have one of that name, which one is meant cannot be
        known; each ends by itself when its runner closes the connection.
        """
        with self._lock:
            self._forget_ended()
            named = self._workers.get(request.worker_id, [])
            worker = named.pop() if len(named) == 1 else None
        if worker is not None:
            _end(worker)
            logger.info("worker %s: ended", request.worker_id)
        return beam_fn_api_pb2.StopWorkerResponse()

    def end_all(self) -> None:
        """End every worker, and start no more."""
        with self._lock:
            self._closed = True
            workers = [worker for named in self._workers.values() for worker in named]
            self._workers.clear()
        for worker in workers:
            worker.terminate()  # all at once: each may need its time
        for worker in workers:
            _end(worker)

    def _forget_ended(self) -> None:
        """Those whose runner went away, or that were killed, are asked for by nobody any more."""
        living = {name: [each for each in named if each.is_alive()] for name, named in self._workers.items()}
        self._workers = {name: named for name, named in living.items() if named}


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


def _require_modules() -> None:
    """In a forked process: end with a status if not everything could be imported; Python says nothing of that."""
    missing = [name for name in PRELOADED if name not in sys.modules]
    if missing:
        print(f"the environment of the worker pool must have {', '.join(missing)}", file=sys.stderr)
    sys.exit(bool(missing))


def forking_context() -> Any:
    """What starts processes as forks of one that has imported `PRELOADED`; returns when that is done.

    Raises:
        WorkError: If a module cannot be imported.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED])
    first = context.Process(target=_require_modules)
    first.start()
    first.join()
    if first.exitcode:
        raise WorkError(
            "the worker pool must be able to import what workers need; install the project's lock file there"
        )
    return context
