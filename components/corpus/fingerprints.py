"""Corpus files by content: their sha256, remembered so that an unchanged file is not read again."""

import json
import logging
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from seq2seq_tfx.components.corpus.settings import CorpusFile, given_files
from seq2seq_tfx.components.files import sha256_of_file, write_atomically
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError, InputError

logger = logging.getLogger(__name__)

_SETTLED_SECONDS = 2.0
"""A file that changed less than so long ago is read again next time: two writes may fall into one tick of its clock."""


def fingerprint_files(
    corpora: Iterable[Corpus], directory: Path, memory: Path, *, clock: Callable[[], float] = time.time
) -> tuple[CorpusFile, ...]:
    """Know every corpus file by its sha256.

    A file is read again when its path, size, inode or status-change time differs from the remembered one. The
    status-change time cannot be set back, so a changed byte is noticed even with size and modification time kept; and
    `touch` leads to the same sha256, hence changes nothing.

    Args:
        corpora: The corpora of the configuration.
        directory: What relative paths start from.
        memory: JSON file to remember in; unreadable or unwritable, it only costs the reading.
        clock: Seconds since the epoch; replaced in tests.

    Raises:
        CorpusError: If files are missing or cannot be read; all of them are named.
    """
    wanted = [
        (corpus.name, side, Path(os.path.abspath(directory / given)))
        for corpus in corpora
        for side, given in given_files(corpus)
    ]
    _refuse_unreadable(wanted)
    remembered = _load(memory)
    found = dict(remembered)
    files = tuple(
        CorpusFile(corpus=name, side=side, path=str(path), sha256=_sha256(path, found, clock))
        for name, side, path in wanted
    )
    if found != remembered:
        _save(memory, found)
    return files


def fingerprint_paths(
    paths: Iterable[Path], memory: Path, *, clock: Callable[[], float] = time.time
) -> tuple[str, ...]:
    """The sha256 of other given files, remembered in the same way.

    Args:
        paths: Absolute.
        memory: JSON file to remember in.
        clock: Seconds since the epoch; replaced in tests.

    Raises:
        InputError: If a file cannot be read.
    """
    remembered = _load(memory)
    found = dict(remembered)
    try:
        digests = tuple(_sha256(path, found, clock) for path in paths)
    except OSError as error:
        raise InputError(f"a file that the configuration names must be readable, but: {error}") from error
    if found != remembered:
        _save(memory, found)
    return digests


def _refuse_unreadable(wanted: Iterable[tuple[str, str, Path]]) -> None:
    problems = []
    for name, side, path in wanted:
        if not path.exists():
            problems.append(f"corpus {name!r}, {side}: {path} does not exist")
        elif not path.is_file():
            problems.append(f"corpus {name!r}, {side}: {path} is not a file")
        elif not os.access(path, os.R_OK):
            problems.append(f"corpus {name!r}, {side}: {path} may not be read by this user")
    if problems:
        listed = "\n  ".join(problems)
        raise CorpusError(
            f"every corpus file must exist and be readable; correct the paths or put the files there:\n  {listed}"
        )


def _sha256(path: Path, found: dict[str, dict[str, Any]], clock: Callable[[], float]) -> str:
    identity = _identity(path)
    entry = found.get(str(path))
    if entry is not None and all(entry.get(key) == value for key, value in identity.items()):
        return str(entry["sha256"])
    try:
        digest = sha256_of_file(path)
    except OSError as error:
        raise CorpusError(f"corpus file {path} must be readable, but reading it failed: {error}") from error
    found.pop(str(path), None)
    if _identity(path) == identity and clock() - identity["ctime_ns"] / 1e9 > _SETTLED_SECONDS:
        found[str(path)] = {**identity, "sha256": digest}
    return digest


def _identity(path: Path) -> dict[str, int]:
    status = path.stat()
    return {"size": status.st_size, "inode": status.st_ino, "ctime_ns": status.st_ctime_ns}


def _load(memory: Path) -> dict[str, dict[str, Any]]:
    try:
        content = json.loads(memory.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {path: entry for path, entry in content.items() if isinstance(entry, dict) and "sha256" in entry}


def _save(memory: Path, found: dict[str, dict[str, Any]]) -> None:
    try:
        write_atomically(memory, json.dumps(found, sort_keys=True, indent=1).encode())
    except OSError as error:
        logger.debug("the corpus files' sha256 cannot be remembered in %s: %s", memory, error)
