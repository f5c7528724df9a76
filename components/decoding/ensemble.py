"""Several models that search as one: the probability of a token is the mean of theirs.

Shapes: M models, B batch, S source length, T target length, V vocabulary, N rows, D widths of all models together.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import final

import keras
import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.models.build import build_described
from seq2seq_tfx.components.models.description import DESCRIPTION_FILE, ModelDescription
from seq2seq_tfx.components.models.interface import Seq2SeqModel, Tensors
from seq2seq_tfx.components.models.weights import load_weights
from seq2seq_tfx.schemas.errors import InputError


@final
class Ensemble(Seq2SeqModel):
    """Models of one vocabulary as one model, for decoding and scoring only; it is not trained.

    Args:
        models: Two or more, of any families; the size of their vocabularies is the same.

    Raises:
        InputError: If there are too few models, or their vocabularies have different sizes.
    """

    def __init__(self, models: Sequence[Seq2SeqModel]) -> None:
        super().__init__("ensemble", "float32")
        sizes = [int(model.output_embedding.shape[0]) for model in models]
        if len(models) < 2 or len(set(sizes)) > 1:
            raise InputError(
                f"an ensemble must have two or more models with one vocabulary, got vocabularies of {sizes} subwords; "
                "train the models with the same vocabulary"
            )
        self.models = list(models)
        for number, model in enumerate(models):
            setattr(self, f"model_{number}", model)  # TensorFlow's checkpoints do not look into Keras's lists
        self.built = True

    @property
    @override
    def output_embedding(self) -> keras.Variable:
        """The first model's: of all that it says, only the vocabulary's size holds for the ensemble."""
        return self.models[0].output_embedding

    @override
    def encode(self, source_ids_BS: tf.Tensor, training: bool = False) -> Tensors:
        return _joined([model.encode(source_ids_BS, training) for model in self.models])

    @override
    def decode(self, memory: Tensors, target_in_BT: tf.Tensor, training: bool = False) -> tf.Tensor:
        parts = zip(self.models, self._split(memory), strict=True)
        return tf.concat(
            [tf.cast(model.decode(part, target_in_BT, training), tf.float32) for model, part in parts], axis=-1
        )

    @override
    def start(self, memory: Tensors, beams: int = 1) -> tuple[Tensors, Tensors]:
        started = [model.start(part, beams) for model, part in zip(self.models, self._split(memory), strict=True)]
        return _joined([fixed for fixed, _ in started]), _joined([state for _, state in started])

    @override
    def step(
        self, memory: Tensors, state: Tensors, token_BK: tf.Tensor, position: tf.Tensor
    ) -> tuple[tf.Tensor, Tensors]:
        parts = zip(self.models, self._split(memory), self._split(state), strict=True)
        stepped = [model.step(fixed, own, token_BK, position) for model, fixed, own in parts]
        return _mean_of([logits for logits, _ in stepped]), _joined([after for _, after in stepped])

    @override
    def reordered(self, state: Tensors, from_N: tf.Tensor) -> Tensors:
        parts = zip(self.models, self._split(state), strict=True)
        return _joined([model.reordered(own, from_N) for model, own in parts])

    @override
    @contextmanager
    def reading_once(self) -> Iterator[None]:
        with ExitStack() as stack:
            for model in self.models:
                stack.enter_context(model.reading_once())
            yield

    @override
    def attention_weights(self, memory: Tensors, target_in_BT: tf.Tensor) -> tf.Tensor | None:
        """The mean of the models'; None if one has no attention."""
        parts = zip(self.models, self._split(memory), strict=True)
        weights = [model.attention_weights(part, target_in_BT) for model, part in parts]
        return None if any(each is None for each in weights) else tf.add_n(weights) / len(weights)

    @override
    def logits(self, hidden_ND: tf.Tensor) -> tf.Tensor:
        """The logarithm of the mean probability: float32 (N, V)."""
        widths = [int(model.output_embedding.shape[1]) for model in self.models]
        parts = zip(self.models, tf.split(hidden_ND, widths, axis=-1), strict=True)
        return _mean_of([model.logits(tf.cast(part, model.compute_dtype)) for model, part in parts])

    def _split(self, tensors: Tensors) -> list[Tensors]:
        prefixes = [f"{number}/" for number in range(len(self.models))]
        return [
            {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
            for prefix in prefixes
        ]


def load_versions(exports: Sequence[Path], compute_dtype: str = "float32") -> Ensemble:
    """An ensemble of exports or pushed versions.

    Args:
        exports: Folders that hold `weights/`.
        compute_dtype: `float32` or `bfloat16`.

    Raises:
        InputError: If a folder holds no version, or the vocabularies differ.
    """
    descriptions = [_description_of(export) for export in exports]
    vocabularies = {description.vocabulary_sha256 for description in descriptions}
    if len(vocabularies) > 1:
        raise InputError(
            f"the versions of an ensemble must have one vocabulary, got {len(vocabularies)} in "
            f"{', '.join(str(export) for export in exports)}; take versions that were trained with the same"
        )
    models = []
    for export, description in zip(exports, descriptions, strict=True):
        model = build_described(description, seed=0, compute_dtype=compute_dtype)
        load_weights(model, export / description.exported_weights)
        models.append(model)
    return Ensemble(models)


def _description_of(export: Path) -> ModelDescription:
    try:
        return ModelDescription.from_json((export / "weights" / DESCRIPTION_FILE).read_bytes())
    except (OSError, ValueError, json.JSONDecodeError) as error:
        raise InputError(
            f"{export} must be an export or a pushed version, with weights/{DESCRIPTION_FILE}, got {error}; "
            "name the folder that holds saved_model.pb"
        ) from error


def _joined(parts: Sequence[Tensors]) -> Tensors:
    return {f"{number}/{name}": tensor for number, part in enumerate(parts) for name, tensor in part.items()}


def _mean_of(logits_MNV: Sequence[tf.Tensor]) -> tf.Tensor:
    """log of the mean of softmax(logits), without a logarithm of 0: float32 (N, V)."""
    log_probs_MNV = tf.stack([tf.nn.log_softmax(logits_NV) for logits_NV in logits_MNV])
    return tf.reduce_logsumexp(log_probs_MNV, axis=0) - tf.math.log(float(len(logits_MNV)))
