"""Where a job's output and its unfinished work lie, and the lock that keeps a second process out."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seq2seq_tfx.components.translation.job.inputs import SPOOL_FILE, STANDARD
from seq2seq_tfx.schemas.errors import InputError

MANIFEST_FILE: Final = "manifest.json"
DEAD_FILE: Final = "dead_letters.jsonl"
FLAGS_FILE: Final = "flags.jsonl"
BESIDE_FILES: Final = (MANIFEST_FILE, DEAD_FILE, FLAGS_FILE)
"""What a job writes beside its output."""
_LOCK_FILE: Final = "lock"
_REPLACED_FILE: Final = "replaced.json"


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
        return self.work / _REPLACED_FILE

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

    def settle(self) -> None:
        """Have the names of its files on the disk before anything counts on them: a power cut may come."""
        handle = os.open(self.work, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def clear(self) -> None:
        """Remove what was worked out; the lock, the kept standard input and the replaced job's manifest stay."""
        for path in self.work.iterdir():
            if path.name not in (_LOCK_FILE, SPOOL_FILE, _REPLACED_FILE):
                path.unlink()

    def put_back(self) -> None:
        """The output of a finished job is there as it was: let its manifest say so again."""
        manifest = self.beside(MANIFEST_FILE)
        if manifest is not None and not manifest.exists() and self.replaced.exists():
            self.replaced.replace(manifest)

    def remove(self) -> None:
        """Remove the folder of work, the lock last: as long as it is there, no other process begins."""
        with suppress(OSError):  # what is left does no harm
            for path in self.work.iterdir():
                if path.name != _LOCK_FILE:
                    path.unlink()
            (self.work / _LOCK_FILE).unlink()
            self.work.rmdir()


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
    target = Path(output) if Path(output).name else Path(output).absolute()
    _check(target, sharded, inputs)
    folder = JobFolder(target, target.with_name(f".{target.name}.job"), sharded)
    folder.work.mkdir(mode=0o700, exist_ok=True)
    with _locked(folder.work / _LOCK_FILE):
        try:
            yield folder
        finally:
            if not any(folder.work.glob("chunk-*")) and not any(folder.work.glob("answer-*")):
                folder.put_back()
                folder.remove()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    ended = InputError(f"another process has just ended its work in {path.parent}; give the command again")
    try:
        opened = path.open("a+")
    except FileNotFoundError as error:
        raise ended from error
    with opened as stream:
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
            raise ended
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield


def _check(target: Path, sharded: bool, inputs: list[str]) -> None:
    if not target.name:
        raise InputError(f"the output must be a file or folder with a name, got {target}")
    if not target.parent.is_dir():
        raise InputError(f"the output's folder must exist, got {target}; make {target.parent} first")
    if sharded and target.exists() and not target.is_dir():
        raise InputError(f"the output must be a folder where it is cut into shards, but {target} is a file")
    if not sharded and target.is_dir():
        raise InputError(f"the output must be a file, but {target} is a folder; name a file in it")
    written = [target, *(target.with_name(f"{target.name}.{name}") for name in BESIDE_FILES)]
    for path in (path for path in inputs if path != STANDARD):
        if not sharded and any(each.exists() and each.samefile(path) for each in written):
            raise InputError(
                f"the output and the files beside it ({', '.join(BESIDE_FILES)}) must be others than the input, got "
                f"{path} and the output {target}; name another output"
            )
        if sharded and target.resolve() == Path(path).resolve().parent:
            raise InputError(f"the output's folder must hold no input, but {path} lies in {target}; name another")
