"""One update: forward, loss, gradients, clipping, Adam; as one compiled TensorFlow function.

Losses and gradients are sums over the real target tokens of all replicas, divided by their number: the update does
not depend on how sentences are spread over rows or replicas.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.training.losses import cross_entropy
from seq2seq_tfx.components.training.optimizer import Adam
from seq2seq_tfx.schemas.features import BOS_ID, PAD_ID

_IDS = tf.TensorSpec([None, None], tf.int32)
_INTEGER = tf.TensorSpec([], tf.int32)
_NUMBER = tf.TensorSpec([], tf.float32)


class StepResult(NamedTuple):
    """What an update tells about itself."""

    loss: tf.Tensor
    """Mean label-smoothed cross-entropy over real target tokens, nats."""
    gradient_norm: tf.Tensor
    """Global norm of the gradient before clipping."""


class StepSettings(NamedTuple):
    """What an update is told."""

    seed: int
    smoothing: float
    clip_norm: float
    """0 turns clipping off."""


UpdateFunction = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], StepResult]
LossFunction = Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def shifted_right(target_BT: tf.Tensor) -> tf.Tensor:
    """BOS, then the target without its last position: what the decoder is fed."""
    return tf.concat([tf.fill([tf.shape(target_BT)[0], 1], BOS_ID), target_BT[:, :-1]], axis=1)


def loss_sum(
    model: Seq2SeqModel, batch: tuple[tf.Tensor, tf.Tensor], smoothing: float, training: bool
) -> tuple[tf.Tensor, tf.Tensor]:
    """Cross-entropy summed over real target tokens, and their number (both float32)."""
    source_BS, target_BT = batch
    real_BT = tf.not_equal(target_BT, PAD_ID)
    hidden_BTD = model.decode(model.encode(source_BS, training), shifted_right(target_BT), training)
    places_N = tf.reshape(tf.where(tf.reshape(real_BT, [-1])), [-1])
    targets_N = tf.gather(tf.reshape(target_BT, [-1]), places_N)
    hidden_ND = tf.gather(tf.reshape(hidden_BTD, [-1, hidden_BTD.shape[-1]]), places_N)
    embedding_VD = tf.convert_to_tensor(model.output_embedding.value)
    return cross_entropy(hidden_ND, embedding_VD, targets_N, smoothing), tf.cast(tf.size(targets_N), tf.float32)


def make_update(model: Seq2SeqModel, optimizer: Adam, settings: StepSettings) -> UpdateFunction:
    """The update as a function of (source ids, target ids with EOS, step counted from 1, learning rate)."""
    variables = [variable.value for variable in model.trainable_variables]

    @tf.function(input_signature=(_IDS, _IDS, _INTEGER, _NUMBER), autograph=False)
    def update(source_BS: tf.Tensor, target_BT: tf.Tensor, step: tf.Tensor, learning_rate: tf.Tensor) -> StepResult:
        replicas = tf.distribute.get_replica_context()
        model.dropout_stream.restart(tf.stack([tf.constant(settings.seed, tf.int32), step]))
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            loss, tokens = loss_sum(model, (source_BS, target_BT), settings.smoothing, training=True)
        gradients = [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, variables)]
        gradients, loss, tokens = replicas.all_reduce(tf.distribute.ReduceOp.SUM, (gradients, loss, tokens))
        norm = tf.linalg.global_norm(gradients) / tokens
        scale = 1.0 / tokens
        if settings.clip_norm > 0.0:
            scale *= settings.clip_norm / tf.maximum(norm, settings.clip_norm)
        optimizer.update([gradient * scale for gradient in gradients], learning_rate, step)
        return StepResult(loss / tokens, norm)

    return update


def make_loss(model: Seq2SeqModel) -> LossFunction:
    """Plain cross-entropy without dropout as a function of (source ids, target ids): sum and number of tokens."""

    @tf.function(input_signature=(_IDS, _IDS), autograph=False)
    def loss(source_BS: tf.Tensor, target_BT: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return loss_sum(model, (source_BS, target_BT), 0.0, training=False)

    return loss
