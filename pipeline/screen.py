"""Keeps the screen ours: everything that libraries print goes to a log file."""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TextIO

QUIET_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "GRPC_VERBOSITY": "NONE",
    "PYTHONWARNINGS": "ignore",
}
"""Set before TensorFlow is imported, here and in child processes."""


def quieten() -> None:
    """Turn off third-party start-up noise in this process and its children."""
    for name, value in QUIET_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore")


@contextmanager
def ours_only(log: Path) -> Iterator[None]:
    """Send everything that is printed to `log`, but for what our logger says.

    Native libraries write to the descriptors, past Python, so only descriptors catch them; and where Python's own
    streams do not stand on those (in a notebook, in a test), only replacing the streams catches what Python prints.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    with _descriptors_in(log) as screen, _our_logger_on(screen), log.open("a", encoding="utf-8") as stream:
        with redirect_stdout(stream), redirect_stderr(stream):
            try:
                yield
            finally:
                with suppress(OSError):  # the log's disk may be full; closed here, it is not flushed again outside
                    stream.close()


@contextmanager
def _descriptors_in(log: Path) -> Iterator[TextIO]:
    """Lead the descriptors 1 and 2 into a file; gives the screen that 2 stood for."""
    saved = {1: os.dup(1), 2: os.dup(2)}
    with log.open("ab") as stream:
        for descriptor in saved:
            os.dup2(stream.fileno(), descriptor)
    try:
        with os.fdopen(os.dup(saved[2]), "w", buffering=1) as screen:
            yield screen
    finally:
        for descriptor, copy in saved.items():
            os.dup2(copy, descriptor)
            os.close(copy)


@contextmanager
def _our_logger_on(screen: TextIO) -> Iterator[None]:
    handlers = [h for h in logging.getLogger("seq2seq_tfx").handlers if isinstance(h, logging.StreamHandler)]
    streams = [handler.setStream(screen) for handler in handlers]
    try:
        yield
    finally:
        for handler, previous in zip(handlers, streams, strict=True):
            handler.setStream(previous or sys.stderr)
