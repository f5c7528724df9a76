"""Keeps the screen ours: everything that libraries print goes to a log file."""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

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
    """Send file descriptors 1 and 2 to `log`, while our logger and `sys.stdout`/`sys.stderr` keep the real ones.

    Native libraries write to the descriptors, past Python, so only the descriptors catch them.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    saved = {1: os.dup(1), 2: os.dup(2)}
    screen = os.fdopen(os.dup(saved[2]), "w", buffering=1)
    handlers = [h for h in logging.getLogger("seq2seq_tfx").handlers if isinstance(h, logging.StreamHandler)]
    streams = [handler.setStream(screen) for handler in handlers]
    with log.open("ab") as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
    try:
        yield
    finally:
        for buffered in (sys.stdout, sys.stderr):
            with suppress(OSError):  # the log's disk may be full
                buffered.flush()
        for descriptor, copy in saved.items():
            os.dup2(copy, descriptor)
            os.close(copy)
        for handler, previous in zip(handlers, streams, strict=True):
            handler.setStream(previous or sys.stderr)
        screen.close()
