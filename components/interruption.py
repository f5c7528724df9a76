"""Ctrl-C and SIGTERM end long work where it can go on later; a second one ends it at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruption() -> Iterator[threading.Event]:
    """While it lasts, the first signal sets the event that it yields; outside the main thread it does nothing.

    Example:
        >>> with interruption() as interrupted:
        ...     interrupted.is_set()
        False
    """
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def note(_number: int, _frame: FrameType | None) -> None:
        interrupted.set()
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in _SIGNALS:
        signal.signal(number, note)
    try:
        yield interrupted
    finally:
        restore()
