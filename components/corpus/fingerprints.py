"""Corpus files by content: their sha256, remembered so that an unchanged file is not read again."""

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from seq2seq_tfx.components.corpus.patterns import resolve_files
from seq2seq_tfx.components.corpus.readers.opening import open_bytes, state_of
from seq2seq_tfx.components.corpus.settings import CorpusFile
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.formats import is_remote
from seq2seq_tfx.schemas.errors import CorpusError

logger = logging.getLogger(__name__)

_SETTLED_SECONDS = 2.0
"""A file that changed less than so long ago is read again next time: two writes may fall into one tick of its clock."""
_BLOCK_BYTES = 1 << 20


def fingerprint_files(
    corpora: Iterable[Corpus],
    directory: Path,
    memory: Path,
    *,
    span: int | None = None,
    clock: Callable[[], float] = time.time,
) -> tuple[CorpusFile, ...]:
    """Find every corpus file and know it by its sha256.

    A file is read again when its path, size, inode or status-change time differs from the remembered one. The
    status-change time cannot be set back, so a changed byte is noticed even with size and modification time kept; and
    `touch` leads to the same sha256, hence changes nothing. A file of a Beam file system is known by its sha256 too; it
    is read again when its size, time of update or the checksum that the file system keeps differs.

    Args:
        corpora: The corpora of the configuration.
        directory: What relative paths start from.
        memory: JSON file to remember in; unreadable or unwritable, it only costs the reading.
        span: The span that `{SPAN}` in names stands for; by default the newest one.
        clock: Seconds since the epoch; replaced in tests.

    Raises:
        CorpusError: If files are missing or cannot be read; all of them are named.
    """
    wanted = _found_files(corpora, directory, span)
    digests = fingerprint_paths([path for _, _, path in wanted], memory, clock=clock)
    return tuple(
        CorpusFile(corpus=name, side=side, path=path, sha256=sha256)
        for (name, side, path), sha256 in zip(wanted, digests, strict=True)
    )


def fingerprint_paths(paths: Sequence[str], memory: Path, *, clock: Callable[[], float] = time.time) -> tuple[str, ...]:
    """The sha256 of given files, remembered as `fingerprint_files` says.

    Args:
        paths: Absolute.
        memory: JSON file to remember in.
        clock: Seconds since the epoch; replaced in tests.

    Raises:
        CorpusError: If a file cannot be read.
    """
    remembered = _load(memory)
    found = dict(remembered)
    digests = tuple(_sha256(path, found, clock) for path in paths)
    if found != remembered:
        _save(memory, found)
    return digests


def _found_files(corpora: Iterable[Corpus], directory: Path, span: int | None) -> list[tuple[str, str, str]]:
    """Corpus, side and path of every file, all of them readable."""
    wanted, problems = [], []
    for corpus in corpora:
        resolved = resolve_files(corpus, directory, span)
        problems += [f"corpus {corpus.name!r}, {problem}" for problem in resolved.problems]
        for side, path in resolved.files:
            wanted.append((corpus.name, side, path))
            problem = _unreadable(path)
            if problem is not None:
                problems.append(f"corpus {corpus.name!r}, {side}: {path} {problem}")
    if problems:
        listed = "\n  ".join(problems)
        raise CorpusError(
            f"every corpus file must exist and be readable; correct the paths or put the files there:\n  {listed}"
        )
    return wanted


def _unreadable(path: str) -> str | None:
    if is_remote(path):
        try:
            state_of(path)
        except OSError as error:
            return f"cannot be looked at: {error}"
        return None
    if not os.path.exists(path):
        return "does not exist"
    if not os.path.isfile(path):
        return "is not a file"
    return None if os.access(path, os.R_OK) else "may not be read by this user"


def _sha256(path: str, found: dict[str, dict[str, Any]], clock: Callable[[], float]) -> str:
    try:
        state = state_of(path)
        entry = found.get(path)
        if entry is not None and all(entry.get(key) == value for key, value in state._asdict().items()):
            return str(entry["sha256"])
        digest = _sha256_of_content(path)
        unchanged = state_of(path) == state
    except OSError as error:
        raise CorpusError(f"the given file {path} must be readable, but reading it failed: {error}") from error
    found.pop(path, None)
    if unchanged and state.changed_ns and clock() - state.changed_ns / 1e9 > _SETTLED_SECONDS:
        found[path] = {**state._asdict(), "sha256": digest}
    return digest


def _sha256_of_content(path: str) -> str:
    digest = hashlib.sha256()
    with open_bytes(path) as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


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
