"""Copies the version in use to an object store: all of its objects first, the pointer last. No TensorFlow, no TFX.

An object appears whole or not at all. `<destination>/<version>/provenance.json` is written after the other objects of
its version, so a version that has it is complete; `<destination>/current` is written after that, so it names a complete
version.
"""

import json
import logging
import shutil
from pathlib import Path
from typing import Any, final

from seq2seq_tfx.components.pushing.in_use import serving_config
from seq2seq_tfx.components.versions import (
    CURRENT_FILE,
    PROVENANCE_FILE,
    SERVING_FILE,
    Version,
    current_version,
)
from seq2seq_tfx.schemas.errors import InputError, WorkError
from seq2seq_tfx.schemas.redaction import redacted

logger = logging.getLogger(__name__)

_BLOCK_BYTES = 1 << 20
_LONGEST_ERROR = 300


def copy_to_destination(push_directory: Path, destination: str, name: str) -> None:
    """Make the version in use here the version in use there; what is there already is not copied again.

    Args:
        push_directory: The folder of the versions.
        destination: Address of a folder of an object store, as in `s3://bucket/folder`.
        name: The pipeline's name.

    Raises:
        InputError: If another model has the version's number there.
        WorkError: If the store cannot be reached or written; its `current` names a complete version all the same.
    """
    version = current_version(push_directory)
    if version is None:
        return
    try:
        store = _Store(destination)
        folder = destination.partition("?")[0].rstrip("/")
        _copy_version(store, version, folder)
        store.write(SERVING_FILE, serving_config(folder, version.number, name).encode())
        store.write(CURRENT_FILE, f"{version.number}\n".encode())
    # Arrow's own errors are of these classes too.
    except (OSError, ValueError, NotImplementedError) as error:
        raise WorkError(
            f"version {version.number}, which is in use in {push_directory}, must be copied to {redacted(destination)} "
            f"(push.destination), and that failed ({_said(error)}); the copy there is as it was or incomplete and "
            "not in use; put that right and repeat the command: it goes on with the copy"
        ) from error
    logger.info("version %d is in use in %s", version.number, redacted(destination))


def problem_of(destination: str) -> str | None:
    """Why a destination cannot be written to, as far as reading it tells; None if nothing is wrong with it."""
    try:
        return None if _Store(destination).is_there() else "there is no such bucket"
    except (OSError, ValueError, NotImplementedError) as error:
        return _said(error)


def _said(error: Exception) -> str:
    """An error of the store on one line; it may repeat the address."""
    return redacted(str(error))[:_LONGEST_ERROR]


def _copy_version(store: "_Store", version: Version, folder: str) -> None:
    there = store.read(f"{version.number}/{PROVENANCE_FILE}")
    if there is not None:
        export_id = _export_id(there)
        if export_id != version.identity.export_id:
            raise InputError(
                f"{redacted(folder)}/{version.number} must be the model of {version.path}, but it is another "
                f"({export_id}); give each pipeline a push.destination of its own, or remove what is there"
            )
        return
    files = sorted(path for path in version.path.rglob("*") if path.is_file())
    last = version.path / PROVENANCE_FILE
    for path in (*(each for each in files if each != last), last):
        store.copy(path, f"{version.number}/{path.relative_to(version.path).as_posix()}")


def _export_id(provenance: bytes) -> str:
    try:
        document: dict[str, Any] = json.loads(provenance)
        return str(document["export_id"])
    except (ValueError, KeyError, TypeError):
        return "its provenance.json cannot be read"


@final
class _Store:
    """A folder of an object store, as Arrow reaches it."""

    def __init__(self, destination: str) -> None:
        from pyarrow import fs

        self._missing = fs.FileType.NotFound
        self._files, base = fs.FileSystem.from_uri(destination)
        self._base = base.rstrip("/")

    def is_there(self) -> bool:
        """Whether the bucket exists; the folder in it need not."""
        bucket = self._base.partition("/")[0]
        return bool(self._files.get_file_info(bucket).type != self._missing)

    def read(self, name: str) -> bytes | None:
        """An object's bytes; None if it is not there."""
        if self._files.get_file_info(self._path(name)).type == self._missing:
            return None
        with self._files.open_input_stream(self._path(name)) as stream:
            return bytes(stream.read())

    def write(self, name: str, content: bytes) -> None:
        """Replace an object, unless it is as wanted."""
        if self.read(name) != content:
            with self._files.open_output_stream(self._path(name)) as stream:
                stream.write(content)

    def copy(self, path: Path, name: str) -> None:
        """Replace an object by a file."""
        with path.open("rb") as source, self._files.open_output_stream(self._path(name)) as stream:
            shutil.copyfileobj(source, stream, _BLOCK_BYTES)

    def _path(self, name: str) -> str:
        return f"{self._base}/{name}"
