"""Progress lines with time left, for anything that may take over ten seconds."""

import logging
import time
from collections.abc import Callable
from typing import final

logger = logging.getLogger(__name__)


@final
class Progress:
    """Logs how far a piece of work is, at most once in `every_seconds`.

    Args:
        label: What is being done, as in `training`.
        total: Units of work in all; None if nobody knows.
        unit: Their name, as in `steps`.
        every_seconds: Shortest time between two lines.
        clock: Seconds, monotonic; replaced in tests.

    Example:
        >>> progress = Progress("demo", total=2, unit="steps")
        >>> progress.advance_to(1)
    """

    def __init__(
        self,
        label: str,
        *,
        total: int | None,
        unit: str,
        every_seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._label, self._total, self._unit = label, total, unit
        self._every_seconds, self._clock = every_seconds, clock
        self._started = self._last = clock()
        self._first: int | None = None

    def advance_to(self, done: int, detail: str = "") -> None:
        """Say that `done` of the units are done; `detail` is appended to the line."""
        now = self._clock()
        if self._first is None:
            self._first = done
        if now - self._last < self._every_seconds:
            return
        self._last = now
        logger.info("%s", self._line(done, now, detail))

    def _line(self, done: int, now: float, detail: str) -> str:
        if self._total is None:
            return f"{self._label}: {done:,} {self._unit}"
        line = f"{self._label}: {done:,} of {self._total:,} {self._unit}"
        fresh = done - (self._first or 0)
        if fresh > 0:
            left = (now - self._started) / fresh * (self._total - done)
            line += f", {clock_time(left)} left"
        return f"{line}, {detail}" if detail else line


def clock_time(seconds: float) -> str:
    """Seconds as people read them.

    Example:
        >>> clock_time(75.2)
        '1:15'
    """
    minutes, rest = divmod(round(max(seconds, 0.0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
