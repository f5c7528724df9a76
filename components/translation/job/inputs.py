"""The files that a job reads: names, globs, folders and standard input, each known by its content."""

import glob
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.settings import CorpusFile
from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.schemas.errors import InputError

STANDARD: Final = "-"
"""Names standard input or standard output."""
SPOOL_FILE: Final = "standard-input"


def find_inputs(given: Sequence[str]) -> list[str]:
    """The inputs in the order that they are read in: as given, those of a glob or a folder by name.

    Args:
        given: Files, globs, folders (of which the files right in them count, hidden ones apart), or `-`.

    Raises:
        InputError: If one names no readable file, or has a name that is not UTF-8; if standard input is not alone.
    """
    if STANDARD in given and len(given) > 1:
        raise InputError(f"standard input must be the only input, got {' '.join(given)}; translate it by itself")
    found = [path for name in given for path in _files_of(name)]
    for path in found:
        if path != STANDARD and not (os.path.isfile(path) and os.access(path, os.R_OK)):
            raise InputError(f"an input must be a readable file, but {path} is not; correct the name or its rights")
        shown = path.encode("utf-8", "backslashreplace").decode()
        if shown != path:
            raise InputError(f"the name of an input must be UTF-8, but {shown} is not; rename the file")
    return found


def _files_of(name: str) -> list[str]:
    if name == STANDARD or os.path.isfile(name):
        return [name]
    if os.path.isdir(name):
        found = sorted(path for path in glob.glob(os.path.join(glob.escape(name), "*")) if os.path.isfile(path))
    else:
        found = sorted(path for path in glob.glob(name, recursive=True) if os.path.isfile(path))
    if not found:
        raise InputError(f"an input must name files, but {name} names none; correct the name")
    return found


def fingerprinted(paths: Sequence[str], spool: Path, stream: BinaryIO) -> tuple[CorpusFile, ...]:
    """The inputs by content.

    Args:
        paths: From `find_inputs`.
        spool: File that standard input is kept in while the job lasts, readable by its owner alone.
        stream: Standard input.

    Raises:
        OSError: If a file cannot be read, or the disk is full.
    """
    if STANDARD in paths:
        with open(os.open(spool, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            shutil.copyfileobj(stream, target)
        paths = [str(spool)]
    return tuple(
        CorpusFile(corpus="inputs", side="source", path=path, sha256=sha256_of_file(Path(path))) for path in paths
    )


def opened(files: Sequence[CorpusFile]) -> list[InputFile]:
    """The files as the formats read them: each is refused if it is no longer what it was known as."""
    return [InputFile(file) for file in files]
