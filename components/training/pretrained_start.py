"""Starts a model with a pre-trained encoder of the same vocabulary and architecture."""

import logging
from pathlib import Path

from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.models.description import (
    PRETRAINED_FILE,
    PRETRAINED_WEIGHTS,
    ModelDescription,
    PretrainedDescription,
)
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.models.pretrained import begin_with
from seq2seq_tfx.components.models.weights import read_arrays
from seq2seq_tfx.components.training.settings import PretrainedStart
from seq2seq_tfx.components.training.warm_start import refuse_other_architecture
from seq2seq_tfx.schemas.errors import InputError, WorkError

logger = logging.getLogger(__name__)


def start_with_pretrained(
    model: Seq2SeqModel, wanted: ModelDescription, start: PretrainedStart, folder: Path
) -> list[str]:
    """Give a model the weights of a pre-trained encoder.

    Args:
        model: As `wanted` describes.
        wanted: Architecture and vocabulary of this run.
        start: What begins with it.
        folder: Of the PretrainedEncoder.

    Returns:
        The names of the variables that were given.

    Raises:
        InputError: If its vocabulary or architecture is another one.
        WorkError: If the weights are not those that it recorded.
    """
    given = PretrainedDescription.from_json((folder / PRETRAINED_FILE).read_bytes())
    if given.vocabulary_sha256 != wanted.vocabulary_sha256:
        raise InputError(
            f"pretraining.take_from must have the vocabulary of this run (sha256 {wanted.vocabulary_sha256[:12]}...), "
            f"but {folder} has another one ({given.vocabulary_sha256[:12]}...); take it over: vocabulary.pretrained: "
            f"{folder}/vocabulary.model"
        )
    refuse_other_architecture("pretraining.take_from", folder, given.model, wanted.model)
    weights = folder / PRETRAINED_WEIGHTS
    if sha256_of_file(weights) != given.weights_sha256 or (
        start.given is not None and start.given.weights_sha256 != given.weights_sha256
    ):
        raise WorkError(
            f"{weights} must have the sha256 that {folder / PRETRAINED_FILE} records, {given.weights_sha256}, but it "
            "is another file; restore it, or run again with --force pretraining"
        )
    # One stack of layers and one vocabulary: all of a gpt begins with it.
    decoder = start.decoder or (wanted.model.family == "gpt" and wanted.source_vocabulary_size is None)
    begun = begin_with(model, read_arrays(weights), decoder)
    logger.info(
        "training starts with %s of %s variables from a pre-trained encoder",
        f"{len(begun):,}",
        f"{len(model.variables):,}",
    )
    return begun
