"""Puts a version in use: `current` names it, and TensorFlow Serving is told of it. Light: no TensorFlow, no TFX."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.versions import CURRENT_FILE, PENDING_FILE, SERVING_FILE


@contextmanager
def changing(push_directory: Path) -> Iterator[None]:
    """Keep a second push, roll back or clean out; readers are not kept out, and need not be.

    Args:
        push_directory: The folder of the versions; it must exist.
    """
    handle = os.open(push_directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def put_in_use(push_directory: Path, number: int, name: str) -> None:
    """Let `current` and TensorFlow Serving's configuration name a version; no interrupted push may change that later.

    `current` decides, and changes at once. A kill before the end leaves the same call to be made again.

    Args:
        push_directory: The folder of the versions.
        number: The version.
        name: The pipeline's name, under which TensorFlow Serving offers the model.
    """
    flush(push_directory)
    write_atomically(push_directory / CURRENT_FILE, f"{number}\n".encode())
    write_atomically(push_directory / SERVING_FILE, serving_config(push_directory, number, name).encode())
    flush(push_directory)
    (push_directory / PENDING_FILE).unlink(missing_ok=True)
    flush(push_directory)


def half_written(push_directory: Path) -> list[Path]:
    """What a kill left of `current` and its like while they were written; nobody reads these files."""
    names = (CURRENT_FILE, PENDING_FILE, SERVING_FILE)
    return sorted(path for name in names for path in push_directory.glob(f".{name}.*"))


def serving_config(push_directory: Path | str, number: int, name: str) -> str:
    """What `tensorflow_model_server --model_config_file` reads; without it, it serves the highest number.

    Args:
        push_directory: The folder of the versions, absolute, or its address in an object store.
        number: The version to serve.
        name: The model's name in requests.
    """
    # JSON's way of writing a string is also that of protocol buffers' text format.
    return (
        "model_config_list {\n"
        "  config {\n"
        f"    name: {json.dumps(name)}\n"
        f"    base_path: {json.dumps(str(push_directory), ensure_ascii=False)}\n"
        '    model_platform: "tensorflow"\n'
        "    model_version_policy {\n"
        f"      specific {{ versions: {number} }}\n"
        "    }\n"
        "  }\n"
        "}\n"
    )


def flush(path: Path) -> None:
    """Have the disk hold a file's bytes, or a folder's names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
