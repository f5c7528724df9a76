"""Finds the export that a user names: a version, the folder of versions, or an artifact. Light: no TensorFlow."""

import json
from pathlib import Path
from typing import Any, Final

from seq2seq_tfx.components.versions import EXPORT_FILE, PROVENANCE_FILE, current_version
from seq2seq_tfx.schemas.config.translation import TranslationConfig
from seq2seq_tfx.schemas.errors import InputError, WorkError

_SAVED_MODEL: Final = "saved_model.pb"
_SERVING_FOLDER: Final = "Format-Serving"
"""Where TFX keeps what is served, inside a `Model` artifact."""


def find_export(model: Path) -> Path:
    """The folder that holds `saved_model.pb`.

    Args:
        model: A pushed version, its parent (then the version in use), an export, or a `Model` artifact's folder.

    Raises:
        InputError: If there is no export there.
    """
    for folder in (model, model / _SERVING_FOLDER):
        if (folder / _SAVED_MODEL).is_file():
            return folder
    try:
        version = current_version(model) if model.is_dir() else None
    except WorkError as error:
        raise InputError(str(error)) from error
    if version is not None:
        if (version.path / _SAVED_MODEL).is_file():
            return version.path
        raise InputError(f"{version.path} must hold {_SAVED_MODEL}, but does not; put another version in use")
    found = f"{model} holds neither {_SAVED_MODEL} nor `current`" if model.is_dir() else f"{model} is no folder"
    raise InputError(f"the model must be a pushed version, the folder that holds the versions, or an export; {found}")


def read_export_record(export: Path) -> dict[str, Any]:
    """The `export.json` of an export: its identity and settings.

    Raises:
        InputError: If it is missing or unreadable.
    """
    path = export / EXPORT_FILE
    try:
        record: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} must say what the export was made of, but cannot be read ({error}); export again"
        ) from error
    return record


def translation_settings(export: Path) -> TranslationConfig:
    """The `translation` section that a pushed version was made with; the defaults for a bare export.

    Raises:
        InputError: If its `provenance.json` cannot be read, or has settings that this program does not know.
    """
    path = export / PROVENANCE_FILE
    if not path.exists():
        return TranslationConfig()
    try:
        config = json.loads(path.read_bytes()).get("config", {})
        return TranslationConfig.model_validate(config.get("translation", {}))
    except (OSError, AttributeError, ValueError) as error:
        raise InputError(
            f"{path} must say how the version translates, but does not ({type(error).__name__}: {error}); "
            "push it again, or name another version"
        ) from error
