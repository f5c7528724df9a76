"""Beam's PortableRunner, without its endless waiting: a job in which nothing happens any more is stopped.

A worker that never reports, because its environment is wrong, would otherwise keep a job running for ever. So would a
job of Flink's that fails while nobody reads what its job server says of it.
"""

import functools
import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, final

from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions, PortableOptions
from apache_beam.portability.api import beam_job_api_pb2
from apache_beam.runners.portability import portable_runner
from apache_beam.runners.runner import PipelineState
from typing_extensions import override

from seq2seq_tfx.pipeline.flink_rest import job_progress
from seq2seq_tfx.pipeline.job_errors import error_of
from seq2seq_tfx.schemas.errors import WorkError

logger = logging.getLogger("beam_job")
"""Not one of this project's: what the job says belongs into the log file."""
grpc: Any = portable_runner.grpc
"""Beam's own, whose errors its job service raises."""

_POLL_SECONDS: Final = 0.5
_LOOK_SECONDS: Final = 10.0
"""Between two looks at metrics and at Flink, which cost more than a state."""
_ANSWER_SECONDS: Final = 30.0
_LOST_SECONDS: Final = 120.0
"""A job service that does not answer for so long is gone."""
_STREAM_SECONDS: Final = 365 * 24 * 3600
"""How long messages and states are read at most: Beam ends them after a minute, and then Flink's job server no job."""
_DOCTOR: Final = "`seq2seq doctor CONFIG` looks at the cluster and says what to change"


class WatchOptions(PipelineOptions):
    """What the section `beam` says to the runner here, beside Beam's own options."""

    @classmethod
    @override
    def _add_argparse_args(cls, parser: Any) -> None:
        parser.add_argument("--stall_minutes", type=float, default=30.0)
        parser.add_argument("--flink_rest", default=None)


@dataclass(frozen=True)
class Watch:
    """How a job is watched."""

    stall_seconds: float
    flink_rest: str | None
    job_endpoint: str
    worker_pool: str

    @staticmethod
    def from_options(options: PipelineOptions) -> "Watch":
        """What a pipeline's options say."""
        ours, portable = options.view_as(WatchOptions), options.view_as(PortableOptions)
        return Watch(ours.stall_minutes * 60, ours.flink_rest, portable.job_endpoint, portable.environment_config)


@final
class WatchedRunner(portable_runner.PortableRunner):
    """Hands the pipeline to a job service, and watches the job; Beam finds the class by its full name."""

    @override
    def run_portable_pipeline(self, pipeline: Any, options: PipelineOptions) -> "WatchedResult":
        """Submit the job.

        Raises:
            WorkError: If the job service does not answer, or does not take the job.
        """
        watch = Watch.from_options(options)
        options.view_as(PortableOptions).job_server_timeout = _STREAM_SECONDS
        named = options.view_as(GoogleCloudOptions)
        named.job_name = named.job_name or f"seq2seq-{uuid.uuid4().hex[:8]}"  # Flink shows it, and it is asked for
        submit = functools.partial(super().run_portable_pipeline, pipeline, options)
        try:
            _require_service(watch.job_endpoint, min(_LOST_SECONDS, watch.stall_seconds))
            job = _within(watch.stall_seconds, submit)
        except (grpc.FutureTimeoutError, grpc.RpcError, queue.Empty) as error:
            raise WorkError(
                f"Beam's job service must take the job at {watch.job_endpoint} (beam.job_endpoint), "
                f"got {_words(error)}; {_DOCTOR}"
            ) from error
        return WatchedResult(job, named.job_name, watch)


def _require_service(address: str, seconds: float) -> None:
    with grpc.insecure_channel(address) as channel:
        grpc.channel_ready_future(channel).result(timeout=seconds)


def _within(seconds: float, submit: Callable[[], portable_runner.PipelineResult]) -> portable_runner.PipelineResult:
    """The job that a function submits, or what it raises; `queue.Empty` if it does neither in time.

    A job that is there too late is cancelled: nobody would watch it.
    """
    done: queue.SimpleQueue[tuple[portable_runner.PipelineResult | None, BaseException | None]] = queue.SimpleQueue()
    late = threading.Event()

    def attempt() -> None:
        try:
            job = submit()
        except BaseException as error:
            done.put((None, error))
            return
        done.put((job, None))
        if late.is_set():
            job.cancel()

    threading.Thread(target=attempt, daemon=True, name="submit").start()
    try:
        result, error = done.get(timeout=seconds)
    except queue.Empty:
        late.set()
        raise
    if error is not None:
        raise error
    return result


def _words(error: BaseException) -> str:
    if isinstance(error, grpc.RpcError):
        return str(getattr(error, "details", lambda: error)())
    return "no answer"


class StalledError(WorkError):
    """Nothing happens in a job any more."""


@final
class Stillness:
    """For how long something has been the same.

    Args:
        clock: Seconds of a clock that never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: object = None
        self._since = clock()

    def seconds(self, seen: object) -> float:
        """Note what is seen now; how long ago it was last something else."""
        if seen != self._seen:
            self._seen, self._since = seen, self._clock()
        return self._clock() - self._since


@final
class WatchedResult(portable_runner.PipelineResult):
    """A job that runs; waiting for it ends when nothing happens in it any more."""

    def __init__(self, job: portable_runner.PipelineResult, name: str, watch: Watch) -> None:
        # Both streams are kept, though one is not read: where nothing refers to it any more, it is cancelled.
        streams = (job._message_stream, job._state_stream)
        super().__init__(job._job_service, job._job_id, *streams, job._cleanup_callbacks)
        self._name, self._watch = name, watch
        self._looked_at, self._steps_seen = 0.0, ""
        self._metrics_seen: tuple[bytes, ...] = ()
        self._answered = time.monotonic()

    @override
    def wait_until_finish(self, duration: float | None = None) -> str:
        """Wait for the end of the job; it is cancelled if it stalls, or if the waiting is interrupted.

        Args:
            duration: Milliseconds after which the waiting ends and the job goes on; None for no limit.

        Returns:
            The state, one of `PipelineState`.

        Raises:
            StalledError: If nothing happens in the job any more.
            WorkError: If its service is lost.
            Seq2SeqError: If the job fails with an error that the work raised.
            RuntimeError: If it fails for another reason.
        """
        reader = threading.Thread(target=self._read_messages, daemon=True, name="job messages")
        reader.start()
        end = time.monotonic() + duration / 1000 if duration else float("inf")
        try:
            ended = self._watch_until(end)
        except BaseException:
            with suppress(grpc.RpcError):
                self._job_service.Cancel(self._request("CancelJob"), timeout=_ANSWER_SECONDS)
            raise
        finally:
            self._cleanup()
        if ended:
            reader.join(10)
            if self._state != PipelineState.DONE:
                raise error_of(self._last_error_message())
        return self._state

    def _watch_until(self, end: float) -> bool:
        """Whether the job ended before that time."""
        stillness = Stillness()
        while True:
            state = self._poll()
            if state in portable_runner.TERMINAL_STATES:
                return True
            still = stillness.seconds((state, len(self._messages), self._signs()))
            if still >= self._watch.stall_seconds:
                raise StalledError(self._stalled())
            if time.monotonic() >= end:
                return False
            time.sleep(_POLL_SECONDS)

    def _poll(self) -> int | None:
        """The state; None if the service does not answer just now."""
        try:
            state = self._job_service.GetState(self._request("GetJobState"), timeout=_ANSWER_SECONDS).state
        except grpc.RpcError as error:
            silent = time.monotonic() - self._answered
            if silent >= min(_LOST_SECONDS, self._watch.stall_seconds):
                raise WorkError(
                    f"Beam's job service must answer at {self._watch.job_endpoint} until the job ends, got "
                    f"{_words(error)} for {silent:.0f} seconds; start it again and run again ({_DOCTOR})"
                ) from error
            return None
        self._answered = time.monotonic()
        self._state = self.runner_api_state_to_pipeline_state(state)
        return int(state)

    def _signs(self) -> tuple[tuple[bytes, ...], str]:
        """Metrics, and with Flink what its steps have read and written; looked up now and then."""
        if time.monotonic() - self._looked_at >= min(_LOOK_SECONDS, self._watch.stall_seconds / 4):
            self._looked_at = time.monotonic()
            with suppress(grpc.RpcError):
                answer = self._job_service.GetJobMetrics(self._request("GetJobMetrics"), timeout=_ANSWER_SECONDS)
                counted = (*answer.metrics.attempted, *answer.metrics.committed)
                self._metrics_seen = tuple(sorted(each.SerializeToString(deterministic=True) for each in counted))
            if self._watch.flink_rest:
                with suppress(OSError, ValueError):
                    self._steps_seen = job_progress(self._watch.flink_rest, self._name)
        return self._metrics_seen, self._steps_seen

    def _stalled(self) -> str:
        minutes = self._watch.stall_seconds / 60
        return (
            f"Beam job {self._job_id} must go forward, got no new state, message, metric or record for {minutes:g} "
            f"minutes while it was {self._state}; it was stopped. Look into the log of the worker pool at "
            f"{self._watch.worker_pool}: it must have been started with this project's environment, or no worker ever "
            f"reports ({_DOCTOR}). If a step only takes longer, raise beam.stall_minutes"
        )

    def _read_messages(self) -> None:
        """Keep what the job says, and log it; the stream ends with the job."""
        with suppress(grpc.RpcError):
            for message in self._message_stream:
                self._messages.append(message)
                if message.HasField("message_response"):
                    said = message.message_response
                    logger.log(portable_runner.MESSAGE_LOG_LEVELS[said.importance], "%s", said.message_text)

    def _request(self, kind: str) -> Any:
        return getattr(beam_job_api_pb2, f"{kind}Request")(job_id=self._job_id)
