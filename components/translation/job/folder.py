"""Where a job's output and its unfinished work lie, and the lock that keeps a second process out."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seq2seq_tfx.components.translation.job.inputs import SPOOL_FILE, STANDARD
from seq2seq_tfx.schemas.errors import InputError

_LOCK_FILE: Final = "lock"


@dataclass(frozen=True)
class JobFolder:
    """Paths of one job."""

    output: Path | None
    """The file, or the folder of shards; None for standard output."""
    work: Path
    """What is unfinished; gone once the job is done."""
    sharded: bool

    @property
    def index(self) -> Path:
        """What the job knows."""
        return self.work / "index.sqlite"

    @property
    def identity(self) -> Path:
        """What the job is."""
        return self.work / "job.json"

    @property
    def spool(self) -> Path:
        """Standard input."""
        return self.work / SPOOL_FILE

    @property
    def replaced(self) -> Path:
        """The manifest of the finished job whose output this one replaces."""
        return self.work / "replaced.json"

    @property
    def plan(self) -> Path:
        """What a first pass over the records knows."""
        return self.work / "plan.sqlite"

    def chunk(self, number: int) -> Path:
        """A finished part of the output."""
        return self.work / f"chunk-{number:07d}"

    def beside(self, name: str) -> Path | None:
        """A file that belongs to the output, as `manifest.json`."""
        if self.output is None:
            return None
        return self.output / name if self.sharded else self.output.with_name(f"{self.output.name}.{name}")

    def clear(self) -> None:
        """Remove what was worked out; the lock and the kept standard input stay."""
        for path in self.work.iterdir():
            if path.name not in (_LOCK_FILE, SPOOL_FILE):
                path.unlink()


@contextmanager
def job_folder(output: str, sharded: bool, inputs: list[str]) -> Iterator[JobFolder]:
    """The folder of a job, locked while it lasts. A killed job leaves no lock behind.

    Work that has nothing to go on from is removed at the end: after success, and where nothing was finished.

    Args:
        output: A file, a folder for shards, or `-`.
        sharded: Whether it is a folder.
        inputs: Files that it must not replace.

    Raises:
        InputError: If the output cannot be, or another process works on it.
    """
    if output == STANDARD:
        with tempfile.TemporaryDirectory(prefix="seq2seq-translate-") as work:
            yield JobFolder(None, Path(work), sharded=False)
        return
    target = Path(output)
    _check(target, sharded, inputs)
    folder = JobFolder(target, target.with_name(f".{target.name}.job"), sharded)
    folder.work.mkdir(mode=0o700, exist_ok=True)
    with _locked(folder.work / _LOCK_FILE):
        try:
            yield folder
        finally:
            if not any(folder.work.glob("chunk-*")) and not any(folder.work.glob("answer-*")):
                shutil.rmtree(folder.work, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            gone = not path.exists() or path.stat().st_ino != os.fstat(stream.fileno()).st_ino
        except BlockingIOError as error:
            stream.seek(0)
            holder = stream.read().strip() or "unknown"
            raise InputError(
                f"one process at a time must write an output, and process {holder} is at work on {path.parent}; "
                "wait for it, or name another output"
            ) from error
        if gone:
            raise InputError(f"another process has just ended its work in {path.parent}; give the command again")
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield


def _check(target: Path, sharded: bool, inputs: list[str]) -> None:
    if not target.parent.is_dir():
        raise InputError(f"the output's folder must exist, got {target}; make {target.parent} first")
    if sharded and target.exists() and not target.is_dir():
        raise InputError(f"the output must be a folder where it is cut into shards, but {target} is a file")
    if not sharded and target.is_dir():
        raise InputError(f"the output must be a file, but {target} is a folder; name a file in it")
    for path in inputs:
        if path != STANDARD and target.exists() and target.samefile(path):
            raise InputError(f"the output must be another file than the input, got {target} for both")
        if path != STANDARD and sharded and target.resolve() == Path(path).resolve().parent:
            raise InputError(f"the output's folder must hold no input, but {path} lies in {target}; name another")
