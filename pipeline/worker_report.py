"""What a process that does the work of a Beam job is, to be held against the process of the run. No Beam."""

import platform
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seq2seq_tfx import __version__
from seq2seq_tfx.components.files import sha256_of_texts
from seq2seq_tfx.pipeline.code_version import code_version

_ON_BEAM: Final = ("corpus", "statistics", "preprocessing", "evaluation")
"""Stage folders whose code runs in the workers."""


@dataclass(frozen=True)
class WorkerReport:
    """One process."""

    host: str
    python: str
    """Version."""
    package: str
    """Version of this package."""
    code: str
    """A hash of its code and of the libraries that it computes with, as far as workers run them."""
    read: str
    """The text of the probe file; empty where it cannot be read."""


def report(path: str) -> WorkerReport:
    """Of this process.

    Args:
        path: The probe file.
    """
    try:
        read = Path(path).read_text(encoding="utf-8")
    except OSError:
        read = ""
    return WorkerReport(
        host=socket.gethostname(),
        python=platform.python_version(),
        package=__version__,
        code=sha256_of_texts(*(code_version(folder) for folder in _ON_BEAM)),
        read=read,
    )
