"""One worker of a training, as a process of its own.

Usage: python -m seq2seq_tfx.components.training.worker WHERE

WHERE is the pipeline's `root`: the worker waits there for the training to begin, and takes the part that the
environment variable TF_CONFIG gives it. (`workers.py` starts its own with a request's file as WHERE, `--place N` and
`--supervised`: such a worker writes what it has to say on its standard output as lines of JSON, and ends with the
process that started it.)
"""

import argparse
import json
import logging
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import Final, TextIO, final

import tensorflow as tf

from seq2seq_tfx.components.training.cluster import LOST
from seq2seq_tfx.components.training.request import TrainingRequest, await_request
from seq2seq_tfx.components.training.stage import train
from seq2seq_tfx.components.training.strategy import MESSAGE_SECONDS
from seq2seq_tfx.schemas.errors import InputError, Seq2SeqError

logger = logging.getLogger("seq2seq_tfx")

_PEER_ERRORS: Final = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
)

_SIGNS: Final = ("aborted by", "timed out", "heartbeat")
"""What the line has that says why, in many lines of places in the graph."""


def main() -> int:
    """Work; returns the exit status: that of the error, if there was one."""
    parser = argparse.ArgumentParser(prog="python -m seq2seq_tfx.components.training.worker")
    parser.add_argument("where", type=Path)
    parser.add_argument("--place", type=int, default=0)
    parser.add_argument("--supervised", action="store_true")
    arguments = parser.parse_args()
    screen = _screen(arguments.supervised)
    try:
        _work(arguments.where, arguments.place)
    except _PEER_ERRORS as error:
        traceback.print_exc()
        return _report(screen, LOST, _in_words(error))
    except Seq2SeqError as error:
        return _report(screen, "InputError" if isinstance(error, InputError) else "WorkError", str(error))
    except Exception:  # told by the end of the log
        traceback.print_exc()
        return 1
    return 0


def _work(where: Path, place: int) -> None:
    request = TrainingRequest.read(where if where.is_file() else await_request(where))
    train(request.inputs, request.settings, request.outputs, place=place)


def _in_words(error: tf.errors.OpError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = next((line for line in lines if any(sign in line for sign in _SIGNS)), lines[0] if lines else "")
    return (
        f"training lost another worker, or waited {MESSAGE_SECONDS} seconds for it ({type(error).__name__}: "
        f"{said[:200]}); see what that one says, and run again: it goes on from the last checkpoint"
    )


def _screen(supervised: bool) -> TextIO | None:
    """Where to report to; None for a person, who reads the log lines."""
    logger.setLevel(logging.INFO)
    if not supervised:
        logging.basicConfig(format="%(message)s")
        return None
    screen = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # what libraries print goes to the log
    logger.addHandler(_Lines(screen))
    logger.propagate = False
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    return screen


@final
class _Lines(logging.Handler):
    """Log records as lines of JSON."""

    def __init__(self, screen: TextIO) -> None:
        super().__init__()
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        """Write one."""
        self._screen.write(json.dumps({"level": record.levelno, "text": record.getMessage()}) + "\n")


def _report(screen: TextIO | None, kind: str, text: str) -> int:
    if screen is None:
        logger.error("%s", text)
    else:
        screen.write(json.dumps({"error": kind, "text": text}) + "\n")
    return InputError.exit_status if kind == "InputError" else 1


def _end_with_supervisor() -> None:
    sys.stdin.buffer.read()  # nothing is ever sent: it ends when the other side does
    os._exit(1)


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not by the interpreter's own end: TensorFlow's server of a cluster may wait there for others.
    os._exit(status)
