"""The pre-training stage: sentences of pairs and monolingual ones in, layers that have learned a language out."""

import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from seq2seq_tfx.components.files import sha256_of_file, write_atomically
from seq2seq_tfx.components.models.bert import MaskedLanguageModel
from seq2seq_tfx.components.models.build import count_parameters
from seq2seq_tfx.components.models.description import (
    PRETRAINED_FILE,
    PRETRAINED_WEIGHTS,
    TRAINING_FILE,
    PretrainedDescription,
)
from seq2seq_tfx.components.models.gpt import CausalLanguageModel
from seq2seq_tfx.components.models.interface import LanguageModel
from seq2seq_tfx.components.models.weights import write_arrays
from seq2seq_tfx.components.pretraining.masking import Masking, begins_word, shifted
from seq2seq_tfx.components.pretraining.monolingual import SentenceReader
from seq2seq_tfx.components.pretraining.sentences import MakeExample, Part, Sentences, side_numbers
from seq2seq_tfx.components.pretraining.settings import PretrainingSettings
from seq2seq_tfx.components.training.batches import Ids, Resplit
from seq2seq_tfx.components.training.loop import Folders, TrainingData, TrainingLoop, TrainingResult
from seq2seq_tfx.components.training.precision import compute_dtype, prepare_process
from seq2seq_tfx.components.training.token_store import (
    TokenStore,
    discard_token_stores,
    open_token_store,
    token_stores_of,
)
from seq2seq_tfx.components.vocabulary.files import SUMMARY_FILE, find_models
from seq2seq_tfx.schemas.errors import InputError
from seq2seq_tfx.schemas.features import SIDES

logger = logging.getLogger(__name__)

_EXPORTED: Final = "averaged"


class PretrainingInputs(NamedTuple):
    """What the stage reads."""

    train_files: Sequence[str]
    """Gzipped TFRecord files of transformed examples."""
    eval_files: Sequence[str]
    vocabulary: Path
    """Folder of the Vocabulary artifact."""
    sentence_files: Sequence[Sequence[str]] = ((), ())
    """Gzipped TFRecord files of monolingual corpora's sentences: of the source, and of the target."""


class PretrainingOutputs(NamedTuple):
    """Where the stage writes."""

    encoder: Path
    """Folder that gets the weights and what describes them."""
    logs: Path
    """Folder that gets TensorBoard's event files and `metrics.jsonl`."""
    work: Path
    """Folder that a restart of the same work finds again."""


def pretrain(
    inputs: PretrainingInputs,
    settings: PretrainingSettings,
    outputs: PretrainingOutputs,
    interrupted: Callable[[], bool] = lambda: False,
) -> None:
    """Train a language model, or go on with one that a killed process began, and write its weights.

    Args:
        inputs: Examples and vocabulary.
        settings: The stage's settings.
        outputs: Folders to write to.
        interrupted: Asked after each update whether to stop.

    Raises:
        InputError: If no sentence is short enough.
        WorkError: If interrupted, or if a loss is not finite.
    """
    threads, config = prepare_process(), settings.pretraining
    summary = json.loads((inputs.vocabulary / SUMMARY_FILE).read_text())
    size = summary["size"] if config.sides != "source" else summary["source_size"] or summary["size"]
    make = _examples_of(settings, inputs.vocabulary, size)
    text = _open_text(inputs, settings, token_stores_of(outputs.work))
    data = _sentences(text, settings, make)
    dtype = compute_dtype(config.precision)
    model = _build(settings, size, dtype)
    logger.info(
        "%s language model with %s parameters, %s training sentences, %s",
        config.objective, f"{count_parameters(model):,}", f"{len(data.train):,}", dtype,
    )  # fmt: skip
    loop = TrainingLoop(model, data, settings.as_training(), Folders(work=outputs.work, logs=outputs.logs))
    result = loop.run(interrupted)
    _write(result, settings, (size, summary["sha256"]), outputs.encoder)
    find_models(inputs.vocabulary).copy_to(outputs.encoder)
    figures = {
        "parameters": count_parameters(model),
        "precision": dtype,
        "threads": threads,
        "training_sentences": len(data.train),
        **text.figures(),
        **result.figures(),
    }
    write_atomically(outputs.encoder / TRAINING_FILE, json.dumps(figures, indent=2, sort_keys=True).encode())
    # The checkpoints stay: a kill before TFX has recorded this result must not cost the training.
    discard_token_stores(outputs.work)


def _build(settings: PretrainingSettings, vocabulary_size: int, dtype: str) -> LanguageModel:
    if settings.pretraining.objective == "masked":
        return MaskedLanguageModel(settings.model, vocabulary_size, settings.seed, dtype)
    return CausalLanguageModel(settings.model, vocabulary_size, settings.seed, dtype)


def _examples_of(settings: PretrainingSettings, vocabulary: Path, vocabulary_size: int) -> MakeExample:
    config = settings.pretraining
    if config.objective == "causal":
        return shifted
    begins = begins_word(find_models(vocabulary).source.read_bytes()) if config.whole_words else None
    return Masking(config.mask_share, begins, vocabulary_size, settings.seed)


class _Text(NamedTuple):
    """What was read."""

    train: TokenStore
    evaluation: TokenStore
    monolingual: Sequence[Part]

    def figures(self) -> dict[str, int]:
        """Its sizes."""
        return {
            "training_pairs_too_long": self.train.dropped,
            "monolingual_sentences": sum(len(part.store) for part in self.monolingual),
            "monolingual_sentences_too_long": sum(part.store.dropped for part in self.monolingual),
        }


def _open_text(inputs: PretrainingInputs, settings: PretrainingSettings, folder: Path) -> _Text:
    config = settings.pretraining
    longest = min(config.max_length, config.batch_tokens)
    train = open_token_store(folder / "train", inputs.train_files, longest, "train")
    evaluation = open_token_store(folder / "eval", inputs.eval_files, longest, "eval")
    parts = []
    for side in side_numbers(config.sides):
        if files := inputs.sentence_files[side]:
            name, read = f"monolingual-{SIDES[side]}", SentenceReader(inputs.vocabulary, settings, side)
            parts.append(Part(open_token_store(folder / name, files, longest, name, read), side))
    return _Text(train, evaluation, parts)


def _sentences(text: _Text, settings: PretrainingSettings, make: MakeExample) -> TrainingData:
    """Training sentences are made into other examples at each visit, those of the eval split always into the same."""
    config = settings.pretraining
    train, evaluation = (
        [Part(store, side) for side in side_numbers(config.sides)] for store in (text.train, text.evaluation)
    )
    sentences = Sentences([*train, *text.monolingual])
    if not len(sentences):
        raise InputError(
            f"pretraining needs sentences of at most {min(config.max_length, config.batch_tokens):,} tokens, there are "
            f"none ({text.train.dropped:,} pairs are longer); raise pretraining.max_length and "
            "pretraining.batch_tokens, or give more text"
        )
    return TrainingData(sentences, Sentences(evaluation, fixed=make), resplit=_at_each_visit(make))


def _at_each_visit(make: MakeExample) -> Resplit:
    def example(visit: int, pair: tuple[Ids, Ids]) -> tuple[Ids, Ids]:
        return make(visit, pair[0])

    return example


def _write(result: TrainingResult, settings: PretrainingSettings, vocabulary: tuple[int, str], folder: Path) -> None:
    weights, objective = folder / PRETRAINED_WEIGHTS, settings.pretraining.objective
    write_arrays(weights, result.weights[_EXPORTED])
    description = PretrainedDescription.model_validate(
        {
            "model": settings.model,
            "objective": objective,
            "vocabulary_size": vocabulary[0],
            "vocabulary_sha256": vocabulary[1],
            "weights_sha256": sha256_of_file(weights),
        }
    )
    write_atomically(folder / PRETRAINED_FILE, description.to_json().encode())
