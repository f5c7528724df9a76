"""Which weights a setting names, by content. Light: no TensorFlow, because `seq2seq plan` asks too."""

import json
import os
from pathlib import Path

from seq2seq_tfx.components.models.description import PRETRAINED_FILE
from seq2seq_tfx.components.training.settings import InitialWeights, PretrainedStart
from seq2seq_tfx.components.versions import CURRENT_FILE, EXPORT_FILE
from seq2seq_tfx.schemas.config.pretraining import PretrainingConfig
from seq2seq_tfx.schemas.errors import InputError

_SETTING = "training.initialise_from"


def find_initial_weights(given: str | None, directory: Path) -> InitialWeights | None:
    """Know the weights by the sha256 that their export recorded; training checks it against the file.

    Args:
        given: The setting.
        directory: What relative paths start from.

    Raises:
        InputError: If there is no export.
    """
    if given is None:
        return None
    path = Path(os.path.abspath(directory / given))
    try:
        record = json.loads((path / EXPORT_FILE).read_bytes())
        return InitialWeights(path=str(path), weights_sha256=record["weights_sha256"])
    except FileNotFoundError:
        raise InputError(
            f"{_SETTING} must be the folder of a pushed version or of an export, got {path}, {_lack(path)}"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{_SETTING} must be the folder of a pushed version or of an export, got {path}, whose {EXPORT_FILE} "
            f"cannot be read ({error}); give another version"
        ) from error


def find_pretrained(config: PretrainingConfig, directory: Path) -> PretrainedStart | None:
    """How training begins with a pre-trained encoder; None if it does not.

    Args:
        config: The section.
        directory: What relative paths start from.

    Raises:
        InputError: If `pretraining.take_from` names no pre-trained encoder.
    """
    if config.take_from is None:
        return None if config.objective == "none" else PretrainedStart(decoder=config.decoder)
    path = Path(os.path.abspath(directory / config.take_from))
    try:
        record = json.loads((path / PRETRAINED_FILE).read_bytes())
        given = InitialWeights(path=str(path), weights_sha256=record["weights_sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"pretraining.take_from must be the folder that a stage pretraining wrote, got {path}, whose "
            f"{PRETRAINED_FILE} cannot be read ({error}); `seq2seq status` of that pipeline names the folder"
        ) from error
    return PretrainedStart(decoder=config.decoder, given=given)


def _lack(path: Path) -> str:
    if (path / CURRENT_FILE).exists():
        number = (path / CURRENT_FILE).read_text().strip()
        return f"which holds several; name one, as in {path / number} (the one in use changes with each push)"
    return f"which has no {EXPORT_FILE}; `seq2seq models CONFIG` lists the versions"
