"""The training stage: transformed examples and a vocabulary in, weights and their description out."""

import json
import logging
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from seq2seq_tfx.components.files import sha256_of_file, write_atomically
from seq2seq_tfx.components.models.build import build_model, count_parameters
from seq2seq_tfx.components.models.cost import USUAL_LENGTH, flops_per_token
from seq2seq_tfx.components.models.description import (
    AVERAGED_WEIGHTS,
    DESCRIPTION_FILE,
    LAST_WEIGHTS,
    TRAINING_FILE,
    ModelDescription,
)
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.models.weights import save_weights, write_arrays
from seq2seq_tfx.components.training.loop import Folders, TrainingData, TrainingLoop, TrainingResult
from seq2seq_tfx.components.training.precision import compute_dtype, prepare_process
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.token_store import open_token_store
from seq2seq_tfx.components.vocabulary.files import SUMMARY_FILE, find_models
from seq2seq_tfx.schemas.errors import InputError

logger = logging.getLogger(__name__)

_STORES, _DISCARDED = "tokens", "tokens.discarded"


class TrainingInputs(NamedTuple):
    """What the stage reads."""

    train_files: Sequence[str]
    """Gzipped TFRecord files of transformed examples."""
    eval_files: Sequence[str]
    vocabulary: Path
    """Folder of the Vocabulary artifact."""


class TrainingOutputs(NamedTuple):
    """Where the stage writes."""

    weights: Path
    """Folder that gets the weights and what describes them."""
    logs: Path
    """Folder that gets TensorBoard's event files and `metrics.jsonl`."""
    work: Path
    """Folder that a restart of the same work finds again."""


def train(
    inputs: TrainingInputs,
    settings: TrainingSettings,
    outputs: TrainingOutputs,
    interrupted: Callable[[], bool] = lambda: False,
) -> None:
    """Train a model, or go on with one that a killed process began, and write its weights.

    Args:
        inputs: Examples and vocabulary.
        settings: The stage's settings.
        outputs: Folders to write to.
        interrupted: Asked after each update whether to stop.

    Raises:
        InputError: If no training pair is short enough.
        WorkError: If interrupted, or if a loss is not finite.
    """
    threads = prepare_process()
    shutil.rmtree(outputs.work / _DISCARDED, ignore_errors=True)
    data = _open_stores(inputs, settings, outputs.work / _STORES)
    description = _describe(inputs.vocabulary, settings)
    dtype = compute_dtype(settings.training.precision)
    model = build_model(
        settings.model,
        description.vocabulary_size,
        seed=settings.seed,
        compute_dtype=dtype,
        source_vocabulary_size=description.source_vocabulary_size,
    )
    operations = flops_per_token(settings.model, description.vocabulary_size) / 1e6
    logger.info(
        "%s with %s parameters, %s MFLOPs a target token (forward, %s tokens a side), %s training pairs, %s",
        settings.model.family, f"{count_parameters(model):,}", f"{operations:,.1f}", USUAL_LENGTH,
        f"{len(data.train):,}", dtype,
    )  # fmt: skip
    loop = TrainingLoop(model, data, settings, Folders(work=outputs.work, logs=outputs.logs))
    result = loop.run(interrupted)
    figures = {
        "parameters": count_parameters(model),
        "precision": dtype,
        "threads": threads,
        "training_pairs": len(data.train),
        "training_pairs_too_long": data.train.dropped,
        **_figures_of(result),
    }
    _write(model, result, description, outputs.weights)
    find_models(inputs.vocabulary).copy_to(outputs.weights)
    _write_figures(outputs.weights, figures)
    # The checkpoints stay: a kill before TFX has recorded this result must not cost the training.
    (outputs.work / _STORES).rename(outputs.work / _DISCARDED)
    shutil.rmtree(outputs.work / _DISCARDED)


def _open_stores(inputs: TrainingInputs, settings: TrainingSettings, folder: Path) -> TrainingData:
    longest = min(settings.training.max_length, settings.training.batch_tokens)
    train = open_token_store(folder / "train", inputs.train_files, longest, "train")
    if not len(train):
        raise InputError(
            f"training needs pairs of at most {longest:,} tokens, there are none ({train.dropped:,} are longer); "
            "raise training.max_length and training.batch_tokens, or give more text"
        )
    return TrainingData(train, open_token_store(folder / "eval", inputs.eval_files, longest, "eval"))


def _describe(vocabulary: Path, settings: TrainingSettings) -> ModelDescription:
    summary = json.loads((vocabulary / SUMMARY_FILE).read_text())
    return ModelDescription(
        model=settings.model,
        vocabulary_size=summary["size"],
        source_vocabulary_size=summary["source_size"],
        vocabulary_sha256=summary["sha256"],
    )


def _figures_of(result: TrainingResult) -> dict[str, object]:
    progress = result.progress
    return {
        "first_step": result.first_step,
        "steps": progress.step,
        "epochs": progress.position.epoch,
        "wall_seconds": progress.seconds,
        "target_tokens_per_second": progress.target_tokens / max(progress.seconds, 1e-9),
        "input_wait_share": progress.waited_seconds / max(progress.seconds, 1e-9),
        "padding_share": 1.0 - progress.real_tokens / max(progress.padded_tokens, 1),
        "validations": [{"step": step, "eval_loss": loss} for step, loss in progress.validations],
    }


def _write(model: Seq2SeqModel, result: TrainingResult, description: ModelDescription, folder: Path) -> None:
    save_weights(model, folder / LAST_WEIGHTS)
    write_arrays(folder / AVERAGED_WEIGHTS, result.averaged)
    write_atomically(folder / DESCRIPTION_FILE, description.to_json().encode())


def _write_figures(folder: Path, figures: dict[str, object]) -> None:
    sums = {Path(name).stem: sha256_of_file(folder / name) for name in (AVERAGED_WEIGHTS, LAST_WEIGHTS)}
    text = json.dumps({"weights_sha256": sums, **figures}, indent=2, sort_keys=True)
    write_atomically(folder / TRAINING_FILE, text.encode())
