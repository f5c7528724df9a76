"""Says that a stage is still at work, for stages that say nothing themselves."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import final

from typing_extensions import override

from seq2seq_tfx.components.progress import clock_time

logger = logging.getLogger(__name__)

SILENCE_SECONDS = 12.0
"""After so long without a line of ours, one is written."""


@contextmanager
def heartbeat(label: str, seconds_last_time: float | None, silence_seconds: float = SILENCE_SECONDS) -> Iterator[None]:
    """While the block runs, break every long silence with a line.

    Args:
        label: What runs.
        seconds_last_time: How long it took when it last ran, for the time left; None if it never did.
        silence_seconds: How long a silence may be.
    """
    listener, stop = _Listener(), threading.Event()
    thread = threading.Thread(
        target=_beat, args=(label, seconds_last_time, silence_seconds, listener, stop), daemon=True, name="heartbeat"
    )
    ours = logging.getLogger("seq2seq_tfx")
    ours.addHandler(listener)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        ours.removeHandler(listener)


@final
class _Listener(logging.Handler):
    """Remembers when a line was last written."""

    def __init__(self) -> None:
        super().__init__(level=logging.INFO)
        self.last = time.monotonic()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.last = time.monotonic()


def _beat(
    label: str, seconds_last_time: float | None, silence_seconds: float, listener: _Listener, stop: threading.Event
) -> None:
    started = time.monotonic()
    while not stop.wait(max(listener.last + silence_seconds - time.monotonic(), 0.01)):
        if time.monotonic() - listener.last >= silence_seconds:
            logger.info("%s", line(label, time.monotonic() - started, seconds_last_time))


def line(label: str, seconds: float, seconds_last_time: float | None) -> str:
    """What the heartbeat says.

    Example:
        >>> line("statistics", 10.2, 15.0)
        'statistics: at work for 0:10, about 0:05 left (it took 0:15 last time)'
    """
    said = f"{label}: at work for {clock_time(seconds)}"
    if seconds_last_time is None:
        return f"{said}; how long it takes is known after the first run"
    left = max(seconds_last_time - seconds, 0.0)
    return f"{said}, about {clock_time(left)} left (it took {clock_time(seconds_last_time)} last time)"
