"""The folder `root` of a pipeline: what stands where, and the lock that keeps a second run out."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from seq2seq_tfx.schemas.errors import InputError


@dataclass(frozen=True)
class Root:
    """Paths under the configuration's `root`."""

    directory: Path

    @property
    def metadata(self) -> Path:
        """The SQLite file of ML Metadata."""
        return self.directory / "metadata.sqlite"

    @property
    def artifacts(self) -> Path:
        """TFX's pipeline root: `<node>/<output>/<execution>`."""
        return self.directory / "artifacts"

    @property
    def translations(self) -> Path:
        """The remembered translations of the test sets, a file for a model and a set."""
        return self.artifacts / ".translations"

    @property
    def logs(self) -> Path:
        """What third-party libraries print, and the traces of errors, a file a run."""
        return self.directory / "logs"

    @property
    def fingerprints(self) -> Path:
        """The remembered hashes of corpus files."""
        return self.directory / "fingerprints.json"

    @property
    def receipts(self) -> Path:
        """What stages took, a line an execution."""
        return self.directory / "receipts.jsonl"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep any other run out for as long as this process lives; a killed run leaves no lock behind.

        Raises:
            InputError: If another run uses this root.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / ".lock").open("a+") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                stream.seek(0)
                holder = stream.read().strip() or "unknown"
                raise InputError(
                    f"{self.directory} must be used by one run at a time, and process {holder} is running on it; "
                    "wait for it, or give this run another root (--set root=DIR)"
                ) from error
            stream.truncate(0)
            stream.write(f"{os.getpid()}\n")
            stream.flush()
            yield
