"""Files that appear complete or not at all, content hashes, and the folders that a killed stage goes on from."""

import hashlib
import os
import tempfile
from pathlib import Path

WORK_FOLDER = ".work"
"""Beside a node's outputs; what a killed stage goes on from."""
EXECUTION_FILE = "execution"
"""In a stage's work folder: the execution that used it last."""
_BLOCK = 1 << 20


def write_atomically(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write `content` under a temporary name beside `path`, flush it to disk, then rename it.

    Args:
        path: The file; its folder is made if need be.
        content: Its bytes.
        mode: Who may read it, from its first moment on; 0o600 for what holds users' text.

    Raises:
        OSError: If the disk is full or the folder cannot be written; `path` is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def sha256_of_file(path: Path) -> str:
    """The hex sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def sha256_of_texts(*texts: str) -> str:
    """The hex sha256 of several texts; where one ends and the next begins counts."""
    digest = hashlib.sha256()
    for text in texts:
        encoded = text.encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()


def work_directory(output_uri: str, *identity: str) -> Path:
    """The folder that a stage works in and that a restart of the same work finds again.

    TFX deletes a failed node's outputs and gives each attempt a new one, so work that must survive a kill
    lives beside them, keyed by what it is made from.

    Args:
        output_uri: One of the node's output uris, `<pipeline root>/<node>/<output>/<execution>`.
        identity: Input uris, settings, code version: everything that the result depends on.

    Returns:
        `<pipeline root>/<node>/.work/<key>`, created. Its file `execution` names the execution that came last, so that
        what a finished one left over can be told from what an interrupted one goes on from.
    """
    output = Path(output_uri)
    directory = output.parents[1] / WORK_FOLDER / sha256_of_texts(*identity)[:32]
    directory.mkdir(parents=True, exist_ok=True)
    write_atomically(directory / EXECUTION_FILE, f"{output.name}\n".encode())
    return directory
