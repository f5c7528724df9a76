"""What `seq2seq doctor` looks at: one function a question, each answer a line that says what to do if it is wrong."""

import fcntl
import gzip
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

from seq2seq_tfx.pipeline.machine import cores, free_bytes, instruction_set, memory_bytes, nearest_folder
from seq2seq_tfx.schemas.config.loading import LoadedConfig, corpus_files, missing_files

DISTRIBUTION: Final = "seq2seq-tfx"
PYTHON: Final = (3, 10)
"""Of the compat lane."""

_GIB: Final = 1 << 30
_LEAST_MEMORY_BYTES: Final = 4 * _GIB
_LEAST_FREE_BYTES: Final = 2 * _GIB
_ROOM_FOR_EACH_CORPUS_BYTE: Final = 20
"""A compressed pair is stored again as examples, transformed examples and translations."""
_GZIP_MAGIC: Final = b"\x1f\x8b"


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
    """The root, the space under it, the corpora and the Beam runner of a configuration."""
    yield Check("configuration", str(loaded.path))
    corpus_bytes = 0
    yield from (Check("corpora", line, "a corpus file cannot be read") for line in missing_files(loaded))
    for corpus in loaded.config.corpora:
        paths = [loaded.resolve(name) for _, name in corpus_files(corpus)]
        readable = [path for path in paths if os.access(path, os.R_OK) and path.is_file()]
        corpus_bytes += sum(path.stat().st_size for path in readable)
        yield from (check_corpus_file(f"corpus {corpus.name}", path) for path in readable)
    yield check_root(loaded.root)
    yield check_space("disk", loaded.root, _LEAST_FREE_BYTES + _ROOM_FOR_EACH_CORPUS_BYTE * corpus_bytes)
    yield Check("beam runner", f"{loaded.config.beam.runner}: Beam's FnApiRunner, in the run's own process")


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


def check_corpus_file(name: str, path: Path) -> Check:
    """Whether a file that is there has content that can be read as its name says."""
    size = path.stat().st_size
    found = f"{path}, {size:,} bytes"
    if size == 0:
        return Check(name, found, "give it at least one line, or take the corpus out of the configuration")
    with path.open("rb") as stream:
        compressed = stream.read(2) == _GZIP_MAGIC
    if compressed != (path.suffix == ".gz"):
        return Check(name, found, "give gzip files, and no others, names that end in .gz")
    if compressed:
        try:
            with gzip.open(path) as stream:
                stream.read(1 << 16)
        except (OSError, EOFError) as error:
            return Check(name, found, f"copy the file again: {error}")
    return Check(name, found)


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
