"""Whether a job begins, goes on, is done already, or must be refused."""

import logging
from pathlib import Path
from typing import Any

from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.translation.job.folder import BESIDE_FILES, MANIFEST_FILE, JobFolder
from seq2seq_tfx.components.translation.job.identity import JobIdentity
from seq2seq_tfx.components.translation.job.publishing import altered_file, read_manifest, shards_in
from seq2seq_tfx.schemas.errors import InputError

logger = logging.getLogger(__name__)


def begin(folder: JobFolder, identity: JobIdentity, restart: bool) -> dict[str, Any] | None:
    """Make the job's folder ready.

    Args:
        folder: Locked.
        identity: What is to be done.
        restart: Whether to start over, whatever is there.

    Returns:
        The manifest of the job if it is done already.

    Raises:
        InputError: If what is there belongs to another job: the differences are named.
    """
    if restart:
        folder.clear()
    else:
        manifest = _finished(folder, identity)
        if manifest is not None:
            return manifest
        _refuse_other(folder, identity)
    if folder.identity.exists():
        logger.info("going on from what is finished")
    write_atomically(folder.identity, identity.to_json().encode(), mode=0o600)
    if restart:  # after that: whenever a kill comes, what lies there belongs to a job
        _set_aside(folder)
    return None


def _set_aside(folder: JobFolder) -> None:
    """Let the job that is begun be resumed without `--restart`: the finished one's manifest is out of the way."""
    path = folder.beside(MANIFEST_FILE)
    if path is not None and path.exists():
        path.replace(folder.replaced)


def _finished(folder: JobFolder, identity: JobIdentity) -> dict[str, Any] | None:
    path = folder.beside(MANIFEST_FILE)
    if path is None or folder.output is None:
        return None
    manifest = read_manifest(path)
    if manifest is None:
        taken = _would_be_replaced(folder)
        if taken and not folder.identity.exists():
            raise InputError(
                f"the output must be new, or this job's, but {taken[0]} exists and there is no {path.name}; "
                "name another output, or give --restart to replace it"
            )
        return None
    _refuse(identity, JobIdentity.model_validate(manifest["job"]), str(folder.output))
    altered = altered_file(manifest, folder.output if folder.sharded else folder.output.parent)
    if altered is not None:
        raise InputError(
            f"{altered} must be as the finished job wrote it ({path}), but was changed or removed; give --restart to "
            "translate again"
        )
    return manifest


def _would_be_replaced(folder: JobFolder) -> list[Path]:
    """The files that are there under names that a job gives."""
    assert folder.output is not None
    beside = [path for name in BESIDE_FILES if (path := folder.beside(name)) is not None]
    output = shards_in(folder.output) if folder.sharded else [folder.output]
    return [path for path in (*output, *beside) if path.exists()]


def _refuse_other(folder: JobFolder, identity: JobIdentity) -> None:
    try:
        before = JobIdentity.from_json(folder.identity.read_bytes())
    except FileNotFoundError:
        folder.clear()
        return
    except ValueError as error:
        raise InputError(
            f"{folder.identity} must say which job was begun here, but another version of the program wrote it; give "
            "--restart to start over"
        ) from error
    _refuse(identity, before, str(folder.work))


def _refuse(identity: JobIdentity, before: JobIdentity, place: str) -> None:
    differences = identity.differences(before)
    if differences:
        raise InputError(
            f"the job must be the one that {place} was begun with, but {'; '.join(differences)}; name another output, "
            "or give --restart to start over"
        )
