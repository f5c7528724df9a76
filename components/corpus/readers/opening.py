"""Files of this machine and of Beam's file systems, as streams of raw bytes."""

import importlib
import importlib.util
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, cast

from seq2seq_tfx.schemas.config.formats import is_remote
from seq2seq_tfx.schemas.errors import CorpusError

_AZURE: Final = ("azure", "azure.storage.blob")
_EXTRAS: Final = {
    "gs": ("gcp", "google.cloud.storage"),
    "s3": ("aws", "boto3"),
    "abfs": _AZURE,
    "abfss": _AZURE,
    "azfs": _AZURE,
}
"""Scheme to the extra of apache-beam that brings its file system, and a module that shows whether it is installed."""


class FileState(NamedTuple):
    """What tells that a file was not written again."""

    size: int
    changed_ns: int
    """Its status-change time, nanoseconds since the epoch; in a Beam file system its last update."""
    mark: str
    """Its inode; in a Beam file system the checksum that this keeps (an ETag, a CRC32C)."""


def open_bytes(path: str) -> AbstractContextManager[BinaryIO]:
    """Open a file as it lies there, never decompressed.

    Raises:
        CorpusError: If Beam has no file system for the path.
        OSError: If the file cannot be opened.
    """
    if not is_remote(path):
        return Path(path).open("rb", buffering=0)
    filesystems = _beam_filesystems(path)
    uncompressed = importlib.import_module("apache_beam.io.filesystem").CompressionTypes.UNCOMPRESSED
    opened = _called(path, filesystems.open, path, "application/octet-stream", uncompressed)
    return cast("AbstractContextManager[BinaryIO]", opened)


def state_of(path: str) -> FileState:
    """What must differ once a file is written again.

    Raises:
        CorpusError: If Beam has no file system for the path.
        OSError: If there is no such file.
    """
    if not is_remote(path):
        status = os.stat(path)
        return FileState(status.st_size, status.st_ctime_ns, str(status.st_ino))
    filesystems = _beam_filesystems(path)
    found = _called(path, filesystems.match, [path])[0].metadata_list
    if not found:
        raise FileNotFoundError(f"{path} does not exist")
    updated = round((found[0].last_updated_in_seconds or 0) * 1e9)
    return FileState(found[0].size_in_bytes, updated, str(_called(path, filesystems.checksum, path)))


def remote_files(pattern: str) -> list[str]:
    """The files of a Beam file system that match a glob pattern, sorted.

    Raises:
        CorpusError: If Beam has no file system for the pattern.
        OSError: If the file system cannot be asked.
    """
    found = _called(pattern, _beam_filesystems(pattern).match, [pattern])[0].metadata_list
    return sorted(each.path for each in found)


def _beam_filesystems(path: str) -> Any:
    """Beam's `FileSystems`, imported by name: a command that reads local files alone must never load Beam."""
    scheme = path.partition("://")[0].lower()
    extra, module = _EXTRAS.get(scheme, ("", ""))
    if module and not _is_installed(module):
        raise _cannot_open(
            path, f"its extra is missing; install apache-beam[{extra}], or copy the file to this machine"
        )
    filesystems = importlib.import_module("apache_beam.io.filesystems").FileSystems
    if getattr(filesystems, "_pipeline_options", None) is None:  # no pipeline gave some; S3 wants any
        options = importlib.import_module("apache_beam.options.pipeline_options").PipelineOptions
        filesystems.set_options(options(flags=[]))
    try:
        filesystems.get_filesystem(path)
    except ValueError as error:
        known = ", ".join(f"{name}://" for name in _EXTRAS)
        reason = (
            "its name node is an option of Beam, which no setting gives" if scheme == "hdfs" else f"it knows {known}"
        )
        raise _cannot_open(path, f"{reason}; copy the file to this machine") from error
    return filesystems


def _cannot_open(path: str, reason: str) -> CorpusError:
    return CorpusError(f"{path} must lie in a file system that Beam can open here, but {reason}")


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even its parent package
        return False


def _called(path: str, function: Any, *arguments: Any) -> Any:
    """Call a file system; each has errors of its own, which callers know as OSError."""
    try:
        return function(*arguments)
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{path}: {type(error).__name__}: {error}") from error
