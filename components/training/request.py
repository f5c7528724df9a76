"""What the process that runs the training stage tells its workers, in a file that all of them can read."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import ConfigDict

from seq2seq_tfx import __version__
from seq2seq_tfx.components.files import WORK_FOLDER, write_atomically
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.stage import TrainingInputs, TrainingOutputs
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.errors import WorkError

REQUEST_FILE: Final = "workers.json"
_POLL_SECONDS: Final = 0.5


class TrainingRequest(Section):
    """One training, as its workers are asked for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inputs: TrainingInputs
    """All workers see these files under the same paths."""
    settings: TrainingSettings
    """The stage's."""
    outputs: TrainingOutputs
    """Written by the chief; the others read the checkpoints there."""
    version: str = __version__
    """Of this package."""

    @classmethod
    def write(cls, inputs: TrainingInputs, settings: TrainingSettings, outputs: TrainingOutputs) -> Path:
        """Leave a new request in the work folder; returns its file."""
        request = cls(inputs=inputs, settings=settings, outputs=outputs)
        path = outputs.work / REQUEST_FILE
        write_atomically(path, request.to_json().encode())
        return path

    @classmethod
    def read(cls, path: Path) -> "TrainingRequest":
        """Read what `write` left.

        Raises:
            WorkError: If another version of this package wrote it.
        """
        request = cls.from_json(path.read_bytes())
        if request.version != __version__:
            raise WorkError(
                f"all workers must have the same version of seq2seq-tfx, the chief has {request.version}, "
                f"this one {__version__}; install the same"
            )
        return request


def await_request(root: Path, wait: Callable[[float], None] = time.sleep) -> Path:
    """The newest request of a pipeline's training, once there is one.

    Args:
        root: The pipeline's `root`, on a file system that is shared with the chief.
        wait: Called between two looks.
    """
    while True:
        found = []
        for path in root.glob(f"artifacts/*/{WORK_FOLDER}/*/{REQUEST_FILE}"):
            with suppress(FileNotFoundError):  # the chief may have ended
                found.append((path.stat().st_mtime, path))
        if found:
            return max(found)[1]
        wait(_POLL_SECONDS)
