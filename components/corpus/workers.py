"""Where the parallel phases of ingestion run: in this process, or in several; `beam_workers.py` has a third place.

The results are the same bytes. What a worker imports decides how soon it starts: no TensorFlow, no Beam.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import connection
from types import TracebackType
from typing import Any, Final, Protocol, final

from typing_extensions import Self

from seq2seq_tfx.schemas.errors import WorkError

Work = Callable[[str], None]
"""A function of a module, from a task as JSON to files; doing it twice is doing it once."""

_FEW_TASKS: Final = 2
_WAITING_PER_WORKER: Final = 4


class Workers(Protocol):
    """Runs tasks, in any order."""

    def run(self, work: Work, tasks: Iterable[str]) -> None:
        """Do all tasks; they may be taken while others run.

        Raises:
            WorkError: If a worker dies.
        """


@final
class OneWorker:
    """This process."""

    def run(self, work: Work, tasks: Iterable[str]) -> None:
        """Do all tasks, one after the other."""
        for task in tasks:
            work(task)


@final
class ProcessWorkers:
    """Processes of this machine, started when there is more than a little to do, and ended with this one.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def run(self, work: Work, tasks: Iterable[str]) -> None:
        """Do all tasks; those that come late are begun while the first are under way.

        Raises:
            WorkError: If a process dies, of lack of memory most often.
        """
        rest = iter(tasks)
        first = list(islice(rest, _FEW_TASKS + 1))
        if self._count == 1 or (self._pool is None and len(first) <= _FEW_TASKS):
            OneWorker().run(work, chain(first, rest))
            return
        try:
            self._run(work, chain(first, rest))
        except BrokenProcessPool as error:
            raise WorkError(
                f"the corpus stage's {self._count} processes must live to its end, but one was killed (most often by "
                "the system, for lack of memory); give the machine more memory or fewer cores and run again"
            ) from error

    def _run(self, work: Work, tasks: Iterable[str]) -> None:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._count, multiprocessing.get_context("spawn"), initializer=_prepare_process
            )
        waiting: deque[Future[None]] = deque()
        try:
            for task in tasks:
                waiting.append(self._pool.submit(work, task))
                if len(waiting) > _WAITING_PER_WORKER * self._count:
                    waiting.popleft().result()
            while waiting:
                waiting.popleft().result()
        finally:
            # After an error, none may still write when the folder is removed.
            for future in waiting:
                future.cancel()
            wait(waiting)


def _prepare_process() -> None:
    """Leave interruptions to the parent, and end with it even when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent: Any = multiprocessing.parent_process()
    connection.wait([parent.sentinel])
    os._exit(1)
