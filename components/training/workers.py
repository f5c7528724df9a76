"""Training by several processes: starts the local ones, shows what the chief says, and ends all when one ends.

The process that runs the stage computes nothing itself: TensorFlow can join a cluster only before it has been used, and
earlier stages have used it there.
"""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NamedTuple, final

from seq2seq_tfx.components.interruption import interruption
from seq2seq_tfx.components.training.cluster import LOST, VARIABLE, WORKER_MODULE, given_cluster, tf_config
from seq2seq_tfx.components.training.request import TrainingRequest
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.stage import TrainingInputs, TrainingOutputs, make_token_stores
from seq2seq_tfx.schemas.errors import InputError, Seq2SeqError, WorkError

logger = logging.getLogger(__name__)

_POLL_SECONDS: Final = 0.1
_GRACE_SECONDS: Final = 10.0
"""How long the others have to end by themselves once one has ended; with the longest wait for a message under 60."""
_LOG_LINES: Final = 5


def train_on_workers(
    inputs: TrainingInputs,
    settings: TrainingSettings,
    outputs: TrainingOutputs,
    interrupted: Callable[[], bool] = lambda: False,
) -> None:
    """Train as `train` does, by `training.workers` processes.

    They run on this machine, each on its share of the processors; or, with `TF_CONFIG` in the environment, this one is
    the chief's machine, and the others are started where it says.

    Args:
        inputs: Examples and vocabulary.
        settings: The stage's settings.
        outputs: Folders to write to.
        interrupted: Asked now and then whether to stop.

    Raises:
        InputError: As `train`; or if `TF_CONFIG` does not fit.
        WorkError: As `train`; or if a worker ended before the work was done.
    """
    workers = settings.training.workers
    cluster = given_cluster(workers)
    make_token_stores(inputs, settings, outputs)
    request = TrainingRequest.write(inputs, settings, outputs)
    try:
        with _started(request, None if cluster else workers) as processes:
            _supervise(processes, workers, interrupted)
    finally:
        request.unlink(missing_ok=True)


@contextmanager
def _started(request: Path, local: int | None) -> Iterator[list["_Worker"]]:
    """The processes of this machine: `local` of them, or the chief of a given cluster. None outlives the block."""
    if local is None:
        seats = [_Seat(number=0, place=0, processors=(), tf_config=os.environ[VARIABLE])]
    else:
        addresses = free_addresses(local)
        seats = [_Seat(n, n, _processors(n, local), tf_config(addresses, n)) for n in range(local)]
    with ExitStack() as stack:
        workers = []
        for seat in seats:
            worker = _Worker(seat, request)
            stack.callback(worker.stop)
            workers.append(worker)
        yield workers


def _supervise(workers: Sequence["_Worker"], of: int, interrupted: Callable[[], bool]) -> None:
    """Wait until all have done their work.

    Args:
        workers: Those of this machine, the chief first.
        of: How many there are in all.
        interrupted: Asked now and then whether to stop.

    Raises:
        Seq2SeqError: The error of the worker that ended first.
    """
    chief, failed, told, deadline = workers[0], None, False, float("inf")
    with interruption() as signalled:
        while any(worker.process.poll() is None for worker in workers) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            if not told and (signalled.is_set() or interrupted()):
                told = True
                for worker in workers:
                    worker.process.send_signal(signal.SIGTERM)
            failed = failed or next((worker for worker in workers if worker.process.poll()), None)
            if failed or chief.process.poll() == 0:
                deadline = min(deadline, time.monotonic() + _GRACE_SECONDS)
    ended = [failed or chief, *(worker for worker in workers if worker.process.poll())]
    for worker in workers:
        worker.stop()
    # The chief ends well only after all have done their work.
    if chief.process.returncode != 0:
        own = [worker.error for worker in workers if worker.error and worker.error.kind != LOST]
        if told and not own:
            raise WorkError("training was interrupted; the next run goes on from the last checkpoint")
        raise _error_of(own[0]) if own else _end_of(ended, of)


def _error_of(error: "_Error") -> Seq2SeqError:
    return InputError(error.text) if error.kind == "InputError" else WorkError(error.text)


def _end_of(ended: Sequence["_Worker"], of: int) -> WorkError:
    """What to say where no worker had an error of its own: how the first one ended, not that others missed it."""
    first = next((worker for worker in ended if not worker.error), None)
    if first is None:
        return WorkError(ended[0].error.text if ended[0].error else "")
    return WorkError(
        f"every worker must train to the end, worker {first.seat.number} of {of} (the chief is 0) "
        f"{_ending(first.process.returncode)}; the others were stopped, and the next run goes on from the last "
        f"checkpoint. {first.last_lines()}"
    )


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was killed by signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"was killed by signal {-status}"


class _Seat(NamedTuple):
    """Where a process sits."""

    number: int
    """Among all workers."""
    place: int
    """Among those of this machine."""
    processors: Sequence[int]
    """It runs on these; on all if none are given."""
    tf_config: str


class _Error(NamedTuple):
    """What a worker reported as its end."""

    kind: str
    text: str


@final
class _Worker:
    """A running process, and what it said."""

    def __init__(self, seat: _Seat, request: Path) -> None:
        self.seat = seat
        self.error: _Error | None = None
        self._log = request.parent / f"worker-{seat.number}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", WORKER_MODULE, str(request), "--place", str(seat.place), "--supervised"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, VARIABLE: seat.tf_config},
                start_new_session=True,  # Ctrl-C reaches it through this process alone
            )
        if seat.processors:
            os.sched_setaffinity(self.process.pid, seat.processors)
        self._reader = threading.Thread(target=self._read, name=f"worker-{seat.number}", daemon=True)
        self._reader.start()

    def stop(self) -> None:
        """End it at once if it still runs; files are written atomically, so none is left half written."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def last_lines(self) -> str:
        """The end of its log."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-_LOG_LINES:]
        shown = "\n  ".join(lines)
        return f"The last lines of {self._log}:\n  {shown}" if lines else f"It left {self._log} empty"

    def _read(self) -> None:
        if self.process.stdout is None:
            return
        for line in self.process.stdout:
            said = json.loads(line)
            if "error" in said:
                self.error = _Error(said["error"], said["text"])
            elif self.seat.number == 0:
                logger.log(said["level"], "%s", said["text"])
            elif said["level"] >= logging.WARNING:
                logger.log(said["level"], "worker %s: %s", self.seat.number, said["text"])


def _processors(place: int, workers: int) -> list[int]:
    """An equal share of this process's processors; none, for all of them, where there are fewer than workers."""
    known = sorted(os.sched_getaffinity(0))
    share = len(known) // workers
    return known[place * share : (place + 1) * share]


def free_addresses(count: int) -> list[str]:
    """Ports of this machine that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("localhost", 0))
        return [f"localhost:{each.getsockname()[1]}" for each in sockets]
