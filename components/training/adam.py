"""Adam (Kingma and Ba 2015) by TensorFlow's fused kernel: one pass over each variable, in place; and AdamW."""

from collections.abc import Sequence
from typing import final

import keras
import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.training.optimizer import Optimizer

BETA_1, BETA_2, EPSILON = 0.9, 0.98, 1e-9
"""Vaswani 2017, section 5.3."""

_EMBEDDING = "table"


def decays(variable: keras.Variable) -> bool:
    """Whether weight decay pulls a variable towards 0: matrices, but embeddings.

    Biases and the scales of normalisation are offsets and gains, whose size does not make a function less smooth; a
    row of an embedding would shrink in the many updates in which its token does not occur (a dense decay), so that rare
    tokens lose what they learned.
    """
    return len(variable.shape) > 1 and variable.path.rpartition("/")[2] != _EMBEDDING


@final
class Adam(Optimizer):
    """First and second moments of each variable, and the update.

    With weight decay it is AdamW (Loshchilov and Hutter 2019, algorithm 2): the decay is a step of its own and never
    enters the moments.

    Args:
        variables: What is trained.
        weight_decay: Share of each matrix, embeddings apart, taken away in an update, times the learning rate.
    """

    def __init__(self, variables: Sequence[keras.Variable], weight_decay: float = 0.0) -> None:
        super().__init__(variables)
        self._weight_decay = weight_decay
        self._decays = [weight_decay > 0.0 and decays(variable) for variable in variables]
        shapes = [target.shape for target in self._targets]
        self._first = [self.slot("first", *each) for each in zip(self._names, shapes, strict=True)]
        self._second = [self.slot("second", *each) for each in zip(self._names, shapes, strict=True)]

    @override
    def update(self, gradients: Sequence[tf.Tensor], learning_rate: tf.Tensor, step: tf.Tensor) -> None:
        power = tf.cast(step, tf.float32)
        for number, (target, gradient) in enumerate(zip(self._targets, gradients, strict=True)):
            if self._decays[number]:
                target.assign_sub(learning_rate * self._weight_decay * target)
            tf.raw_ops.ResourceApplyAdam(
                var=target.handle,
                m=self._first[number].handle,
                v=self._second[number].handle,
                beta1_power=tf.pow(BETA_1, power),
                beta2_power=tf.pow(BETA_2, power),
                lr=learning_rate,
                beta1=BETA_1,
                beta2=BETA_2,
                epsilon=EPSILON,
                grad=gradient,
            )
