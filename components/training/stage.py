"""The training stage: transformed examples and a vocabulary in, weights and their description out."""

import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from seq2seq_tfx.components.files import sha256_of_file, write_atomically
from seq2seq_tfx.components.models.build import build_described, count_parameters
from seq2seq_tfx.components.models.cost import USUAL_LENGTH, flops_per_token
from seq2seq_tfx.components.models.description import DESCRIPTION_FILE, TRAINING_FILE, ModelDescription
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.models.weights import write_arrays
from seq2seq_tfx.components.preprocessing.evaluation_sentences import read_evaluation_sentences
from seq2seq_tfx.components.training.agreement import Agreement, checksum
from seq2seq_tfx.components.training.batches import Resplit
from seq2seq_tfx.components.training.loop import Folders, TrainingData, TrainingLoop, TrainingResult
from seq2seq_tfx.components.training.mixture import Mixture
from seq2seq_tfx.components.training.precision import ComputeDtype, compute_dtype, prepare_process
from seq2seq_tfx.components.training.pretrained_start import start_with_pretrained
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.strategy import join
from seq2seq_tfx.components.training.subwords import SideSamplers, SubwordSampler, make_resplit
from seq2seq_tfx.components.training.token_store import (
    TokenStore,
    discard_token_stores,
    open_token_store,
    token_stores_of,
)
from seq2seq_tfx.components.training.validation import detokenizer, make_score
from seq2seq_tfx.components.training.warm_start import warm_start
from seq2seq_tfx.components.vocabulary.files import SUMMARY_FILE, find_models
from seq2seq_tfx.schemas.errors import InputError, WorkError

logger = logging.getLogger(__name__)


class TrainingInputs(NamedTuple):
    """What the stage reads."""

    train_files: Sequence[str]
    """Gzipped TFRecord files of transformed examples."""
    eval_files: Sequence[str]
    vocabulary: Path
    """Folder of the Vocabulary artifact."""
    pretrained: Path | None = None
    """Folder of the PretrainedEncoder that the pipeline made."""


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
    place: int = 0,
) -> None:
    """Train a model, or go on with one that a killed process began, and write its weights.

    With several workers this is what each of them does (`workers.py` starts them); the chief alone writes.

    Args:
        inputs: Examples and vocabulary.
        settings: The stage's settings.
        outputs: Folders to write to.
        interrupted: Asked after each update whether to stop.
        place: How many workers of this machine come before this one.

    Raises:
        InputError: If no training pair is short enough, or if settings ask for what data or vocabulary do not have.
        WorkError: If interrupted, or if a loss is not finite.
    """
    threads = prepare_process()
    with join(settings.training, place):
        _train(inputs, settings, outputs, interrupted, threads)


def make_token_stores(inputs: TrainingInputs, settings: TrainingSettings, outputs: TrainingOutputs) -> None:
    """Read the examples, for workers that then find the stores.

    Raises:
        InputError: As `train`.
    """
    _open_stores(inputs, settings, token_stores_of(outputs.work))


def _train(
    inputs: TrainingInputs,
    settings: TrainingSettings,
    outputs: TrainingOutputs,
    interrupted: Callable[[], bool],
    threads: int,
) -> None:
    train_store, data = _open_stores(inputs, settings, token_stores_of(outputs.work))
    description = _describe(inputs.vocabulary, settings)
    dtype = compute_dtype(settings.training.precision)
    agreement = Agreement()
    agreement.require_same(
        "settings (as a checksum), precision and threads",
        checksum(settings.to_json().encode()), int(dtype == "bfloat16"), threads,
    )  # fmt: skip
    model = _built_model(settings, description, dtype, len(train_store))
    begun = _start(model, description, settings, inputs.pretrained)
    data = data._replace(score=_score(model, inputs, settings))
    loop = TrainingLoop(model, data, settings, Folders(work=outputs.work, logs=outputs.logs))
    result = loop.run(interrupted)
    if result.weights:
        figures = {
            "parameters": count_parameters(model),
            "precision": dtype,
            "threads": threads,
            "workers": settings.training.workers,
            "training_pairs": len(train_store),
            "training_pairs_too_long": train_store.dropped,
            "pretrained_variables": len(begun),
            **result.figures(),
        }
        _write(result, description, outputs.weights)
        find_models(inputs.vocabulary).copy_to(outputs.weights)
        _write_figures(outputs.weights, result, figures)
    agreement.any(False)  # a worker that left while the chief still writes would look like one that was lost
    if result.weights:
        # The checkpoints stay: a kill before TFX has recorded this result must not cost the training.
        discard_token_stores(outputs.work)


def _built_model(
    settings: TrainingSettings, description: ModelDescription, dtype: ComputeDtype, pairs: int
) -> Seq2SeqModel:
    """The model before its first update; a line says how large it is."""
    model = build_described(description, seed=settings.seed, compute_dtype=dtype)
    operations = flops_per_token(settings.model, description.vocabulary_size) / 1e6
    logger.info(
        "%s with %s parameters, %s MFLOPs a target token (forward, %s tokens a side), %s training pairs, %s",
        settings.model.family, f"{count_parameters(model):,}", f"{operations:,.1f}", USUAL_LENGTH, f"{pairs:,}", dtype,
    )  # fmt: skip
    return model


def _start(
    model: Seq2SeqModel, description: ModelDescription, settings: TrainingSettings, made: Path | None
) -> list[str]:
    """Give the model what it begins with, if anything; returns what came from a pre-trained encoder."""
    if settings.initial_weights is not None:
        warm_start(model, description, settings.initial_weights)
    start = settings.pretrained
    if start is None:
        return []
    folder = made if start.given is None else Path(start.given.path)
    if folder is None:
        raise WorkError("training must be given the encoder that the stage pretraining made, there is none; run it")
    return start_with_pretrained(model, description, start, folder)


def _open_stores(inputs: TrainingInputs, settings: TrainingSettings, folder: Path) -> tuple[TokenStore, TrainingData]:
    longest = min(settings.training.max_length, settings.training.batch_tokens)
    train = open_token_store(folder / "train", inputs.train_files, longest, "train")
    if not len(train):
        raise InputError(
            f"training needs pairs of at most {longest:,} tokens, there are none ({train.dropped:,} are longer); "
            "raise training.max_length and training.batch_tokens, or give more text"
        )
    evaluation = open_token_store(folder / "eval", inputs.eval_files, longest, "eval")
    if not len(evaluation) and (settings.training.export == "best" or settings.training.validation.patience):
        raise InputError(
            f"training.export: best and training.validation.patience need eval pairs of at most {longest:,} tokens, "
            f"there are none ({evaluation.dropped:,} are longer); raise training.max_length"
        )
    resplit = _resplit(inputs.vocabulary, settings, longest)
    return train, TrainingData(train, evaluation, mixture=_mixture(train, settings), resplit=resplit)


def _mixture(train: TokenStore, settings: TrainingSettings) -> Mixture | None:
    config = settings.training
    if not config.corpus_weights and config.temperature == 1.0:
        return None
    try:
        mixture = Mixture(train.corpora, config.corpus_weights, config.temperature, settings.seed)
    except ValueError as error:
        raise InputError(f"training.corpus_weights must leave pairs to train on; {error}; raise a weight") from error
    shown = ", ".join(f"{name} {share:,.1f} of {len(train.corpora[name]):,}" for name, share in mixture.shares.items())
    logger.info("pairs seen in an epoch: %s", shown)
    return mixture


def _resplit(vocabulary: Path, settings: TrainingSettings, longest: int) -> Resplit | None:
    config = settings.training.subword_sampling
    if config.sides == "none":
        return None
    models = find_models(vocabulary)
    sides = SideSamplers(
        SubwordSampler(models.source.read_bytes(), config) if config.source else None,
        SubwordSampler(models.target.read_bytes(), config) if config.target else None,
    )
    return make_resplit(sides, settings.seed, longest)


def _score(model: Seq2SeqModel, inputs: TrainingInputs, settings: TrainingSettings) -> Callable[[], float] | None:
    config = settings.training.validation
    if config.metric == "loss":
        return None
    sentences = read_evaluation_sentences(inputs.eval_files, config.max_sentences)
    if not sentences:
        raise InputError(f"training.validation.metric: {config.metric} must have eval pairs, there are none; use loss")
    detokenize = detokenizer(find_models(inputs.vocabulary).target.read_bytes())
    return make_score(model, sentences, detokenize, config, settings.languages.target)


def _describe(vocabulary: Path, settings: TrainingSettings) -> ModelDescription:
    summary = json.loads((vocabulary / SUMMARY_FILE).read_text())
    return ModelDescription(
        model=settings.model,
        vocabulary_size=summary["size"],
        source_vocabulary_size=summary["source_size"],
        vocabulary_sha256=summary["sha256"],
        exported=settings.training.export,
    )


def _write(result: TrainingResult, description: ModelDescription, folder: Path) -> None:
    for name, arrays in result.weights.items():
        write_arrays(folder / f"weights/{name}.npz", arrays)
    write_atomically(folder / DESCRIPTION_FILE, description.to_json().encode())


def _write_figures(folder: Path, result: TrainingResult, figures: dict[str, object]) -> None:
    sums = {name: sha256_of_file(folder / f"weights/{name}.npz") for name in result.weights}
    text = json.dumps({"weights_sha256": sums, **figures}, indent=2, sort_keys=True)
    write_atomically(folder / TRAINING_FILE, text.encode())
