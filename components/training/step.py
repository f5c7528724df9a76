"""One update: forward, loss, gradients, clipping, optimiser; as one compiled TensorFlow function.

A batch is (ids that are read, ids that are predicted): for a `Seq2SeqModel` source and target; for a `LanguageModel`
two rows of one length, where `PAD_ID` says that nothing is predicted there.

Losses and gradients are sums over the real target tokens of all batches and replicas, divided by their number: the
update does not depend on how sentences are spread over rows, batches or replicas.

An update made within the scope of a `tf.distribute` strategy is done by all of its replicas: each is given the whole
batch and takes every R-th row of it, R being the number of replicas, and all move their variables alike.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias, final

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from seq2seq_tfx.components.models.gpt import Gpt
from seq2seq_tfx.components.models.interface import LanguageModel, Seq2SeqModel, Tensors, TrainableModel
from seq2seq_tfx.components.training.losses import cross_entropy
from seq2seq_tfx.components.training.moving_average import MovingAverage
from seq2seq_tfx.components.training.optimizer import Optimizer
from seq2seq_tfx.components.training.scheduled_sampling import with_own_tokens
from seq2seq_tfx.components.training.word_dropout import drop_words
from seq2seq_tfx.schemas.config.training import WordDropoutConfig
from seq2seq_tfx.schemas.features import BOS_ID, EOS_ID, PAD_ID

Ids: TypeAlias = npt.NDArray[np.int32]

_IDS = tf.TensorSpec([None, None], tf.int32)
_INTEGER = tf.TensorSpec([], tf.int32)
_NUMBER = tf.TensorSpec([], tf.float32)

_SOURCE_WORDS, _TARGET_WORDS, _OWN_TOKENS = 1, 2, 3
"""What random numbers are for: each use has its own stream of them."""


class StepResult(NamedTuple):
    """What an update tells about itself."""

    loss: tf.Tensor
    """Mean label-smoothed cross-entropy over real target tokens, nats."""
    gradient_norm: tf.Tensor
    """Global norm of the gradient before clipping."""


class StepSettings(NamedTuple):
    """What an update is told once."""

    seed: int
    smoothing: float
    clip_norm: float
    """0 turns clipping off."""
    accumulate: int = 1
    """Batches an update."""
    word_dropout: WordDropoutConfig = WordDropoutConfig()
    scheduled_sampling: bool = False
    source_loss: float = 0.0
    """gpt: what the cross-entropy of a source token counts, relative to that of a target token."""


class Moment(NamedTuple):
    """What an update is told each time."""

    step: int
    """Counted from 1."""
    learning_rate: float
    own_token_probability: float = 0.0
    """Of scheduled sampling."""


class _Sums(NamedTuple):
    """Gradients of a loss that is summed over tokens, that loss, and the number of tokens."""

    gradients: list[tf.Tensor]
    loss: tf.Tensor
    tokens: tf.Tensor


LossFunction = Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def shifted_right(target_BT: tf.Tensor) -> tf.Tensor:
    """BOS, then the target without its last position: what the decoder is fed."""
    return tf.concat([tf.fill([tf.shape(target_BT)[0], 1], BOS_ID), target_BT[:, :-1]], axis=1)


def decoding_loss(
    model: Seq2SeqModel, memory: Tensors, target_in_BT: tf.Tensor, target_BT: tf.Tensor, smoothing: float | None
) -> tuple[tf.Tensor, tf.Tensor]:
    """Cross-entropy summed over real target tokens, and their number (both float32).

    Args:
        model: The model.
        memory: The encoded source.
        target_in_BT: What the decoder is fed.
        target_BT: What it must predict.
        smoothing: Label smoothing in training, with dropout; None measures plain cross-entropy without either.
    """
    hidden_BTD = model.decode(memory, target_in_BT, training=smoothing is not None)
    return prediction_loss(hidden_BTD, model.output_embedding, target_BT, smoothing or 0.0)


def reading_loss(
    model: LanguageModel, ids_BS: tf.Tensor, predicted_BS: tf.Tensor, smoothing: float | None
) -> tuple[tf.Tensor, tf.Tensor]:
    """The same for a model of text: `predicted_BS` is PAD_ID where nothing is predicted."""
    hidden_BSD = model.read(ids_BS, training=smoothing is not None)
    return prediction_loss(hidden_BSD, model.output_embedding, predicted_BS, smoothing or 0.0)


def source_loss(model: Gpt, memory: Tensors, source_BS: tf.Tensor, smoothing: float) -> tuple[tf.Tensor, tf.Tensor]:
    """The same for the source of a gpt whose source tokens see those before them alone: each predicts the next."""
    following_BS = tf.pad(source_BS[:, 1:], [[0, 0], [0, 1]], constant_values=PAD_ID)
    return prediction_loss(memory["states"], model.source_embedding.table, following_BS, smoothing)


def prediction_loss(
    hidden_BTD: tf.Tensor, table: keras.Variable, target_BT: tf.Tensor, smoothing: float
) -> tuple[tf.Tensor, tf.Tensor]:
    """Cross-entropy summed over the places where `target_BT` is not PAD_ID, and their number (both float32)."""
    places_N = tf.reshape(tf.where(tf.reshape(tf.not_equal(target_BT, PAD_ID), [-1])), [-1])
    targets_N = tf.gather(tf.reshape(target_BT, [-1]), places_N)
    hidden_ND = tf.gather(tf.reshape(hidden_BTD, [-1, hidden_BTD.shape[-1]]), places_N)
    loss = cross_entropy(hidden_ND, tf.convert_to_tensor(table.value), targets_N, smoothing)
    return loss, tf.cast(tf.size(targets_N), tf.float32)


@final
class Update:
    """Moves a model's variables by one step, on every replica of the strategy in whose scope it was made.

    Args:
        model: The model, of the same scope.
        optimizer: Made for its trainable variables.
        settings: What stays the same from update to update.
        average: Follows the weights, if given.
    """

    def __init__(
        self, model: TrainableModel, optimizer: Optimizer, settings: StepSettings, average: MovingAverage | None = None
    ) -> None:
        self._model, self._optimizer, self._settings, self._average = model, optimizer, settings, average
        self._variables = [variable.value for variable in model.trainable_variables]
        self._strategy = tf.distribute.get_strategy()
        self._replicas = self._strategy.num_replicas_in_sync
        if settings.accumulate > 1:
            # Each replica adds up its own; they are zero between updates, so that no checkpoint needs them.
            shapes = [*(variable.shape for variable in self._variables), [], []]
            self._sums = [_accumulator(shape) for shape in shapes]

    def __call__(self, batches: Sequence[tuple[Ids, Ids]], moment: Moment) -> StepResult:
        """Update the model.

        Args:
            batches: `accumulate` of them, each source ids (B, S) and target ids with EOS (B, T).
            moment: Step, learning rate and probabilities of this update.
        """
        step, rate = tf.constant(moment.step), tf.constant(moment.learning_rate, tf.float32)
        own = tf.constant(moment.own_token_probability, tf.float32)
        batches = [rows_for_all(*batch, self._replicas) for batch in batches]
        if self._settings.accumulate == 1:
            ((source, target),) = batches
            return self._at_once(tf.constant(source), tf.constant(target), step, rate, own)
        first = (moment.step - 1) * self._settings.accumulate + 1
        for number, (source, target) in enumerate(batches, first):
            self._add(tf.constant(source), tf.constant(target), tf.constant(number), own)
        return self._apply_sums(step, rate)

    @tf.function(input_signature=(_IDS, _IDS, _INTEGER, _NUMBER, _NUMBER), autograph=False)
    def _at_once(
        self, source_BS: tf.Tensor, target_BT: tf.Tensor, step: tf.Tensor, rate: tf.Tensor, own: tf.Tensor
    ) -> StepResult:
        def update() -> StepResult:
            return self._apply(self._differentiate((source_BS, target_BT), step, own), step, rate)

        return self._on_replicas(update)

    @tf.function(input_signature=(_IDS, _IDS, _INTEGER, _NUMBER), autograph=False)
    def _add(self, source_BS: tf.Tensor, target_BT: tf.Tensor, number: tf.Tensor, own: tf.Tensor) -> None:
        def add() -> None:
            gradients, loss, tokens = self._differentiate((source_BS, target_BT), number, own)
            for total, value in zip(self._sums, (*gradients, loss, tokens), strict=True):
                total.assign_add(value)

        self._strategy.run(add)

    @tf.function(input_signature=(_INTEGER, _NUMBER), autograph=False)
    def _apply_sums(self, step: tf.Tensor, rate: tf.Tensor) -> StepResult:
        def update() -> StepResult:
            *gradients, loss, tokens = [tf.identity(total) for total in self._sums]
            result = self._apply(_Sums(gradients, loss, tokens), step, rate)
            for total in self._sums:
                total.assign(tf.zeros_like(total))
            return result

        return self._on_replicas(update)

    def _on_replicas(self, update: Callable[[], StepResult]) -> StepResult:
        """The result of one replica: all have the same."""
        return StepResult(
            *(self._strategy.experimental_local_results(value)[0] for value in self._strategy.run(update))
        )

    def _differentiate(self, batch: tuple[tf.Tensor, tf.Tensor], number: tf.Tensor, own: tf.Tensor) -> _Sums:
        """Gradients of one batch, or of this replica's rows of it.

        Noise follows from the run's seed, the batch's number, counted from 1, and the replica.
        """
        seed_2 = tf.stack([tf.constant(self._settings.seed, tf.int32), number])
        if self._replicas > 1:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            batch = batch[0][replica :: self._replicas], batch[1][replica :: self._replicas]
            seed_2 = tf.random.experimental.stateless_fold_in(seed_2, replica)
        self._model.dropout_stream.restart(seed_2)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._variables)
            loss, tokens = self._loss(batch, seed_2, own)
        gradients = [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, self._variables)]
        return _Sums(gradients, loss, tokens)

    def _loss(
        self, batch: tuple[tf.Tensor, tf.Tensor], seed_2: tf.Tensor, own: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        if isinstance(self._model, LanguageModel):
            return reading_loss(self._model, *batch, self._settings.smoothing)
        return self._translation_loss(self._model, batch, seed_2, own)

    def _translation_loss(
        self, model: Seq2SeqModel, batch: tuple[tf.Tensor, tf.Tensor], seed_2: tf.Tensor, own: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        (given_BS, target_BT), words, smoothing = batch, self._settings.word_dropout, self._settings.smoothing
        source_BS = given_BS
        target_in_BT = shifted_right(target_BT)
        if words.source:
            source_BS = drop_words(source_BS, words.source, _stream(seed_2, _SOURCE_WORDS))
        memory = model.encode(source_BS, training=True)
        if self._settings.scheduled_sampling:
            target_in_BT = with_own_tokens(model, memory, target_in_BT, own, _stream(seed_2, _OWN_TOKENS))
        if words.target:
            target_in_BT = drop_words(target_in_BT, words.target, _stream(seed_2, _TARGET_WORDS))
        loss, tokens = decoding_loss(model, memory, target_in_BT, target_BT, smoothing)
        if self._settings.source_loss and isinstance(model, Gpt):
            of_source, read = source_loss(model, memory, given_BS, smoothing)
            share = self._settings.source_loss
            return loss + share * of_source, tokens + share * read
        return loss, tokens

    def _apply(self, sums: _Sums, step: tf.Tensor, rate: tf.Tensor) -> StepResult:
        gradients, loss, tokens = sums if self._replicas == 1 else _over_replicas(sums)
        norm = tf.linalg.global_norm(gradients) / tokens
        scale = 1.0 / tokens
        if self._settings.clip_norm > 0.0:
            scale *= self._settings.clip_norm / tf.maximum(norm, self._settings.clip_norm)
        self._optimizer.update([gradient * scale for gradient in gradients], rate, step)
        if self._average is not None:
            self._average.update(step)
        return StepResult(loss / tokens, norm)


def rows_for_all(source_BS: Ids, target_BT: Ids, replicas: int) -> tuple[Ids, Ids]:
    """A batch whose rows can be dealt out evenly: what is missing are rows in which nothing is predicted.

    So no replica is ever without a row, and none of these rows adds to a loss, a gradient or the count of tokens.
    """
    missing = -len(source_BS) % replicas
    if not missing:
        return source_BS, target_BT
    source_BS, target_BT = (
        np.pad(ids, ((0, missing), (0, 0)), constant_values=PAD_ID) for ids in (source_BS, target_BT)
    )
    source_BS[-missing:, 0] = EOS_ID  # a source without a token would leave attention nothing to look at
    return source_BS, target_BT


def make_loss(model: TrainableModel) -> LossFunction:
    """Plain cross-entropy without dropout as a function of a batch's two parts: sum and number of tokens."""

    @tf.function(input_signature=(_IDS, _IDS), autograph=False)
    def loss(source_BS: tf.Tensor, target_BT: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if isinstance(model, LanguageModel):
            return reading_loss(model, source_BS, target_BT, None)
        return decoding_loss(model, model.encode(source_BS), shifted_right(target_BT), target_BT, None)

    return loss


def _over_replicas(sums: _Sums) -> _Sums:
    """The sums of all replicas, to each the same bytes: one message, since many small ones cost more than the sum."""
    parts = [*sums.gradients, sums.loss, sums.tokens]
    flat = tf.concat([tf.reshape(part, [-1]) for part in parts], axis=0)
    flat = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, flat)
    pieces = tf.split(flat, [math.prod(part.shape) for part in parts])
    *gradients, loss, tokens = [tf.reshape(piece, part.shape) for piece, part in zip(pieces, parts, strict=True)]
    return _Sums(gradients, loss, tokens)


def _stream(seed_2: tf.Tensor, use: int) -> tf.Tensor:
    return tf.random.experimental.stateless_fold_in(seed_2, use)


def _accumulator(shape: tf.TensorShape | Sequence[int]) -> tf.Variable:
    return tf.Variable(tf.zeros(shape), trainable=False, synchronization=tf.VariableSynchronization.ON_READ)
