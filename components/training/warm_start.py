"""Starts a model with the weights of an export of the same vocabulary and architecture; what differs is named."""

import json
import logging
from pathlib import Path

from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.models.description import ModelDescription
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.models.weights import load_weights
from seq2seq_tfx.components.training.settings import InitialWeights
from seq2seq_tfx.components.versions import EXPORT_FILE
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.errors import InputError, WorkError

logger = logging.getLogger(__name__)

_FREE = "dropout"
"""Settings with this in their names change no weight: fine-tuning may have other ones."""


def warm_start(model: Seq2SeqModel, wanted: ModelDescription, initial: InitialWeights) -> None:
    """Give a model the weights of an export.

    Args:
        model: As `wanted` describes.
        wanted: Architecture and vocabulary of this run.
        initial: Where the weights are, and their sha256.

    Raises:
        InputError: If the export's vocabulary or architecture is another one.
        WorkError: If the weights are not those that the export recorded.
    """
    folder = Path(initial.path)
    given = _described(folder)
    _refuse_other_vocabulary(folder, given, wanted)
    refuse_other_architecture("training.initialise_from", folder, given.model, wanted.model)
    weights = folder / given.exported_weights
    if sha256_of_file(weights) != initial.weights_sha256:
        raise WorkError(
            f"{weights} must have the sha256 that {folder / EXPORT_FILE} records, {initial.weights_sha256}, but it is "
            "another file; restore the version, or give another one in training.initialise_from"
        )
    load_weights(model, weights)
    logger.info("training starts with the weights of %s", folder)


def _described(folder: Path) -> ModelDescription:
    record = json.loads((folder / EXPORT_FILE).read_bytes())
    return ModelDescription.model_validate({key: record[key] for key in ModelDescription.model_fields if key in record})


def _refuse_other_vocabulary(folder: Path, given: ModelDescription, wanted: ModelDescription) -> None:
    if given.vocabulary_sha256 != wanted.vocabulary_sha256:
        raise InputError(
            "training.initialise_from must have the vocabulary of this run (sha256 "
            f"{wanted.vocabulary_sha256[:12]}...), but {folder} has another one ({given.vocabulary_sha256[:12]}...); "
            f"set vocabulary.pretrained to its own: {_models_of(folder)}"
        )


def _models_of(folder: Path) -> str:
    models = find_models(folder)
    return " and ".join(dict.fromkeys(str(path) for path in models))


def refuse_other_architecture(setting: str, folder: Path, given: ModelConfig, wanted: ModelConfig) -> None:
    """Weights fit an equal architecture alone.

    Args:
        setting: What names them.
        folder: Where they are.
        given: Their architecture.
        wanted: That of this run.

    Raises:
        InputError: If something differs that weights depend on.
    """
    ours, theirs = (each.model_dump(exclude={"preset"}) for each in (wanted, given))
    different = [
        f"{key} is {ours[key]} here and {theirs[key]} there"
        for key in ours
        if _FREE not in key and ours[key] != theirs[key]
    ]
    if different:
        raise InputError(
            f"{setting} must have the architecture of the section model, but {folder} has another one: "
            f"{', '.join(different)}; set these keys to what they are there"
        )
