"""What stands in a push directory: versions, and which of them is in use. Light: no TensorFlow, no TFX.

A folder whose name is a whole number is a version. It appeared by one rename, so it is complete. `current` names the
version in use; `.pending` names one whose push has not said so yet. Names that start with a dot are no versions, and
TensorFlow Serving passes over them too.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from seq2seq_tfx.schemas.errors import InputError, WorkError

CURRENT_FILE: Final = "current"
PENDING_FILE: Final = ".pending"
SERVING_FILE: Final = "tensorflow_serving.config"
"""Which version TensorFlow Serving offers, in its own words."""
INCOMING: Final = ".incoming-"
"""How the name of a version begins while its files are copied."""
REMOVED: Final = ".removed-"
"""How it begins while its files are removed."""
ADOPTED_FOLDER: Final = ".adopted"
"""A folder for each version that a root's ML Metadata had not seen; its link leads to the version."""
EXPORT_FILE: Final = "export.json"
PROVENANCE_FILE: Final = "provenance.json"
MODEL_CARD_FILE: Final = "model_card.md"
TRANSLATED_BY: Final = "translated_by"
"""Of translations in ML Metadata: the `export_id` of the model that made them."""


@dataclass(frozen=True)
class Identity:
    """Which model a version is, known even when its folder is gone."""

    number: int
    export_id: str
    """Equal weights, vocabulary and decoding settings have the same."""


@dataclass(frozen=True)
class Version:
    """One pushed model."""

    number: int
    path: Path
    current: bool
    """Whether it is the one in use."""

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """What the model was made of, as its push recorded it.

        Raises:
            WorkError: If the version's `provenance.json` cannot be read, or does not say which model it is.
        """
        path = self.path / PROVENANCE_FILE
        document = _read_json(path)
        missing = [key for key in ("export_id", "replaced") if key not in document]
        if missing:
            raise WorkError(
                f"{path} must say which model the version is, but lacks {' and '.join(missing)}; "
                "restore the file that the push wrote, or move the version's folder out of the push directory"
            )
        return document

    @property
    def identity(self) -> Identity:
        """Which model it is."""
        return Identity(self.number, str(self.provenance["export_id"]))

    @property
    def replaced(self) -> Identity | None:
        """The model that was in use when this one was pushed; None for the first."""
        replaced = self.provenance["replaced"]
        return None if replaced is None else Identity(int(replaced["version"]), str(replaced["export_id"]))


def list_versions(push_directory: Path) -> list[Version]:
    """Every version, oldest first; none if the folder does not exist.

    Args:
        push_directory: The folder that holds the versions.
    """
    in_use = _number_in(push_directory / CURRENT_FILE)
    if not push_directory.is_dir():
        return []
    numbers = sorted(int(path.name) for path in push_directory.iterdir() if _is_number(path.name) and path.is_dir())
    return [Version(number, push_directory / str(number), number == in_use) for number in numbers]


def current_version(push_directory: Path) -> Version | None:
    """The version in use; None if nothing was ever pushed.

    Raises:
        WorkError: If `current` names a version that is not there: a missing model must not pass for a first one.
    """
    number = _number_in(push_directory / CURRENT_FILE)
    if number is None:
        return None
    found = [version for version in list_versions(push_directory) if version.current]
    if not found:
        raise WorkError(
            f"{push_directory / CURRENT_FILE} must name a version beside it, got {number}, which is not there; "
            "write the number of another version into it"
        )
    return found[0]


def pending_number(push_directory: Path) -> int | None:
    """The number that an interrupted push gave to its version; None if none was interrupted."""
    return _number_in(push_directory / PENDING_FILE)


def find_version(push_directory: Path, export_id: str) -> Version | None:
    """The version of a model, if it was ever pushed."""
    return next((each for each in list_versions(push_directory) if each.identity.export_id == export_id), None)


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and not name.startswith("0")


def _number_in(path: Path) -> int | None:
    try:
        text = path.read_bytes().decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return None
    if not _is_number(text):
        raise InputError(f"{path} must hold the number of a version, got {text[:40]!r}; write one of those beside it")
    return int(text)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WorkError(
            f"{path} must be the JSON file that the push wrote, and cannot be read ({error}); "
            "restore it, or move the version's folder out of the push directory"
        ) from error
    return document
