"""Publishes a model: complete or not at all, once, and only then in use.

The order on disk is: copy to `.incoming-N`; flush; write `.pending`; rename to `N`; replace `current`, then
TensorFlow Serving's configuration; remove `.pending`. A kill before the rename leaves nothing in the way. After it, the
model is there but not in use, and `.pending` tells the next push of the same model to finish; without that mark a model
which is already there is left as it is, so that a roll back is not undone by running again.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.pushing.in_use import changing, flush, half_written, put_in_use
from seq2seq_tfx.components.pushing.model_card import model_card
from seq2seq_tfx.components.versions import (
    INCOMING,
    MODEL_CARD_FILE,
    PENDING_FILE,
    PROVENANCE_FILE,
    Identity,
    current_version,
    find_version,
    list_versions,
    pending_number,
)
from seq2seq_tfx.schemas.errors import WorkError


@dataclass(frozen=True, kw_only=True)
class PushRecord:
    """What is known of a model when it is pushed."""

    name: str
    """The pipeline's name."""
    export_id: str
    compute_type: str
    """What its SavedModel computes in."""
    provenance: dict[str, Any]
    """Settings, sha256 of every corpus file, versions of code and libraries, machine: `provenance.json`."""
    decision: dict[str, Any]
    """The gate's `decision.json`."""
    pairs: dict[str, Any] | None = None
    """Corpus name to `read` (pairs) and `kept` (split to pairs), where the corpus ledger is at hand."""
    training: dict[str, Any] | None = None
    """What training wrote of itself (`training.json`), where it is at hand."""


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """Where a model is."""

    version: int
    path: Path
    already: bool
    """Whether it was there before, so that nothing was changed."""


def push_version(
    export_dir: Path, push_directory: Path, record: PushRecord, clock: Callable[[], float] | None = None
) -> Pushed:
    """Copy an export to the next version and put it in use, unless this model was ever pushed.

    Args:
        export_dir: The SavedModel's folder, with what stands beside it.
        push_directory: The folder of the versions; made if missing.
        record: What the version says about itself.
        clock: Seconds since 1970; replaced in tests.

    Raises:
        WorkError: If the disk is full or cannot be written; no version appears then.
    """
    push_directory.mkdir(parents=True, exist_ok=True)
    with changing(push_directory):
        return _push(export_dir, push_directory, record, clock)


def _push(export_dir: Path, push_directory: Path, record: PushRecord, clock: Callable[[], float] | None) -> Pushed:
    for left_over in push_directory.glob(f"{INCOMING}*"):
        shutil.rmtree(left_over)
    for file in half_written(push_directory):
        file.unlink()
    there = find_version(push_directory, record.export_id)
    if there is not None:
        finished = pending_number(push_directory) == there.number
        if finished:
            put_in_use(push_directory, there.number, record.name)
        return Pushed(version=there.number, path=there.path, already=not finished)
    (push_directory / PENDING_FILE).unlink(missing_ok=True)
    versions = list_versions(push_directory)
    number = versions[-1].number + 1 if versions else 1
    in_use = current_version(push_directory)
    documents = _Documents(record, number, None if in_use is None else in_use.identity, clock)
    _publish(export_dir, push_directory, number, documents)
    return Pushed(version=number, path=push_directory / str(number), already=False)


class _Documents:
    """The files that a version adds to its export."""

    def __init__(
        self, record: PushRecord, number: int, replaced: Identity | None, clock: Callable[[], float] | None
    ) -> None:
        now = datetime.fromtimestamp(clock(), timezone.utc) if clock else datetime.now(timezone.utc)
        self.name = record.name
        self._provenance = {
            **record.provenance,
            "name": record.name,
            "version": number,
            "export_id": record.export_id,
            "pushed_at": now.isoformat(timespec="seconds"),
            "replaced": None if replaced is None else {"version": replaced.number, "export_id": replaced.export_id},
            "decision": record.decision,
            "pairs": record.pairs,
            "training": record.training,
            "precision": {
                "training": (record.training or {}).get("precision"),
                "export": record.compute_type,
            },
        }

    def write(self, folder: Path) -> None:
        """Write the version's papers beside its export."""
        self._provenance["bytes"] = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        text = json.dumps(self._provenance, indent=1, sort_keys=True, ensure_ascii=False)
        (folder / PROVENANCE_FILE).write_text(f"{text}\n", encoding="utf-8")
        (folder / MODEL_CARD_FILE).write_text(model_card(self._provenance), encoding="utf-8")


def _publish(export_dir: Path, push_directory: Path, number: int, documents: _Documents) -> None:
    incoming = push_directory / f"{INCOMING}{number}"
    try:
        shutil.copytree(export_dir, incoming, copy_function=shutil.copyfile)
        documents.write(incoming)
        _flush_tree(incoming)
        write_atomically(push_directory / PENDING_FILE, f"{number}\n".encode())
        incoming.rename(push_directory / str(number))
        put_in_use(push_directory, number, documents.name)
    except OSError as error:
        shutil.rmtree(incoming, ignore_errors=True)
        reason = error.args[0][0][2] if isinstance(error, shutil.Error) else error.strerror or error
        raise WorkError(
            f"version {number} must be written to {push_directory}, and that failed ({reason}); "
            "make room or give the folder back its rights, and run again: it goes on with the push"
        ) from error


def _flush_tree(folder: Path) -> None:
    for parent, _, names in os.walk(folder):
        for name in names:
            flush(Path(parent) / name)
        flush(Path(parent))
