"""What `seq2seq doctor` looks at: one function a question, each answer a line that says what to do if it is wrong."""

import fcntl
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

from seq2seq_tfx.components.corpus.patterns import resolve_files
from seq2seq_tfx.components.corpus.readers.compression import DamagedError, MisnamedError, plain_pieces
from seq2seq_tfx.components.corpus.readers.opening import state_of
from seq2seq_tfx.components.pushing.destination import problem_of
from seq2seq_tfx.pipeline.machine import cores, free_bytes, instruction_set, memory_bytes, nearest_folder
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.formats import is_remote
from seq2seq_tfx.schemas.config.loading import LoadedConfig, missing_files
from seq2seq_tfx.schemas.errors import CorpusError
from seq2seq_tfx.schemas.redaction import redacted

DISTRIBUTION: Final = "seq2seq-tfx"
PYTHON: Final = (3, 10)
"""Of the compat lane."""

_GIB: Final = 1 << 30
_LEAST_MEMORY_BYTES: Final = 4 * _GIB
_LEAST_FREE_BYTES: Final = 2 * _GIB
_ROOM_FOR_EACH_CORPUS_BYTE: Final = 20
"""A compressed pair is stored again as examples, transformed examples and translations."""
_PARQUET_MAGIC: Final = b"PAR1"


@dataclass(frozen=True)
class Check:
    """One answer."""

    name: str
    found: str
    """What is there."""
    advice: str = ""
    """What to do; empty if all is well."""

    @property
    def ok(self) -> bool:
        """Whether nothing has to be done."""
        return not self.advice


def check_machine() -> Iterator[Check]:
    """Python, packages, processor, memory and the temporary folder."""
    yield check_python(sys.version_info[:3])
    yield check_packages(metadata.requires(DISTRIBUTION) or [])
    yield _processor()
    memory = memory_bytes()
    few = f"give the machine at least {_LEAST_MEMORY_BYTES / _GIB:.0f} GiB: training and Beam keep data in memory"
    yield Check("memory", f"{memory / _GIB:.1f} GiB", few if memory < _LEAST_MEMORY_BYTES else "")
    yield check_space("temporary folder", Path(tempfile.gettempdir()), _LEAST_FREE_BYTES)


def check_pipeline(loaded: LoadedConfig) -> Iterator[Check]:
    """The root, the space under it and the corpora of a configuration."""
    yield Check("configuration", str(loaded.path))
    corpus_bytes = 0
    yield from (Check("corpora", line, "a corpus file cannot be read") for line in missing_files(loaded))
    for corpus in loaded.config.corpora:
        checks = list(check_corpus(corpus, loaded.directory))
        corpus_bytes += sum(size for _, size in checks)
        yield from (check for check, _ in checks)
    yield check_root(loaded.root)
    yield check_space("disk", loaded.root, _LEAST_FREE_BYTES + _ROOM_FOR_EACH_CORPUS_BYTE * corpus_bytes)
    if loaded.config.push.destination is not None:
        yield check_destination(loaded.config.push.destination)


def check_python(version: tuple[int, int, int]) -> Check:
    """Whether this Python is the compat lane's."""
    wanted = ".".join(map(str, PYTHON))
    advice = "" if version[:2] == PYTHON else f"use Python {wanted}: TFX 1.16 has no wheels for another"
    return Check("python", f"{'.'.join(map(str, version))} (compat lane: {wanted})", advice)


def check_packages(requirements: list[str]) -> Check:
    """Whether the installed packages are those that the project was made for."""
    wrong = []
    parsed = [requirement for requirement in map(Requirement, requirements) if _wanted_here(requirement)]
    for requirement in parsed:
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} is {version}, not {requirement.specifier}")
    advice = "install from requirements/compat.txt into an environment of its own" if wrong else ""
    return Check("packages", "; ".join(wrong) or f"{len(parsed)} as required", advice)


def _wanted_here(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _processor() -> Check:
    name = instruction_set()
    words = "computes in bfloat16" if name.endswith("bf16") else "no bfloat16: training in float32"
    return Check("processor", f"{cores()} cores, {name} ({words})")


def check_space(name: str, path: Path, needed_bytes: int) -> Check:
    """Whether there is room for what will be written at a path."""
    free = free_bytes(path)
    found = f"{free / _GIB:.1f} GiB free for {path}"
    return Check(
        name, found, f"make room: about {needed_bytes / _GIB:.1f} GiB are needed" if free < needed_bytes else ""
    )


def check_corpus(corpus: Corpus, directory: Path) -> Iterator[tuple[Check, int]]:
    """What the names of a corpus stand for, and each file that is there with its size in bytes.

    Args:
        corpus: Its configuration.
        directory: What relative paths start from.
    """
    name = f"corpus {corpus.name}"
    try:
        resolved = resolve_files(corpus, directory)
        problems = resolved.problems
        for _, path in resolved.files:
            if is_remote(path):
                size = state_of(path).size
                yield Check(name, f"{path}, {size:,} bytes"), size
            elif os.access(path, os.R_OK) and Path(path).is_file():
                yield check_corpus_file(name, Path(path)), Path(path).stat().st_size
    except (CorpusError, OSError) as error:
        problems = (str(error),)
    for problem in problems:
        yield Check(name, problem, "a corpus file cannot be read: correct the path or put the file there"), 0


def check_corpus_file(name: str, path: Path) -> Check:
    """Whether a file that is there has content that can be read as its name says."""
    size = path.stat().st_size
    found = f"{path}, {size:,} bytes"
    if size == 0:
        return Check(name, found, "give it at least one row, or take the corpus out of the configuration")
    try:
        with path.open("rb") as stream:
            start = b"".join(islice(plain_pieces(str(path), stream.read), 2))
    except MisnamedError as error:
        return Check(name, found, f"it {error}")
    except (DamagedError, OSError) as error:
        return Check(name, found, f"copy the file again: {error}")
    if path.suffix == ".parquet" and not (start.startswith(_PARQUET_MAGIC) and _ending(path) == _PARQUET_MAGIC):
        return Check(name, found, "copy the file again: a whole Parquet file begins and ends with PAR1")
    return Check(name, found)


def _ending(path: Path) -> bytes:
    with path.open("rb") as stream:
        stream.seek(-min(len(_PARQUET_MAGIC), path.stat().st_size), os.SEEK_END)
        return stream.read()


def check_destination(destination: str) -> Check:
    """Whether the object store that pushed models are copied to can be reached."""
    problem = problem_of(destination)
    advice = "correct push.destination, or give the environment keys that may use it" if problem else ""
    return Check("destination", f"{redacted(destination)}, {problem or 'there'}", advice)


def check_root(root: Path) -> Check:
    """Whether a run could write under the root, and no other run is on it."""
    folder = nearest_folder(root)
    if root.exists() and not root.is_dir():
        return Check("root", str(root), "it is a file: choose another root, or move the file away")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Check(
            "root", str(root), f"this user may not write in {folder}: change its rights or choose another root"
        )
    holder = _holder(root / ".lock")
    if holder is not None:
        return Check("root", f"{root}, in use by process {holder}", "wait for that run, or give --set root=DIR")
    return Check("root", f"{root}, {'there' if root.exists() else 'will be made'}, not in use")


def _holder(lock: Path) -> str | None:
    """The process that holds a root's lock, if any."""
    try:
        with lock.open("r+") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return lock.read_text().strip() or "unknown"
    except OSError:
        return None
    return None
