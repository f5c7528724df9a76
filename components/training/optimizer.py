"""Adam (Kingma and Ba 2015) by TensorFlow's fused kernel: one pass over each variable, in place."""

from collections.abc import Sequence
from typing import final

import keras
import tensorflow as tf

BETA_1, BETA_2, EPSILON = 0.9, 0.98, 1e-9
"""Vaswani 2017, section 5.3."""


@final
class Adam:
    """First and second moments of each variable, and the update.

    Args:
        variables: What is trained; the order and paths name the slots in checkpoints.
    """

    def __init__(self, variables: Sequence[keras.Variable]) -> None:
        self._targets = [variable.value for variable in variables]
        names = [variable.path for variable in variables]
        self._first = [tf.Variable(tf.zeros_like(target), trainable=False) for target in self._targets]
        self._second = [tf.Variable(tf.zeros_like(target), trainable=False) for target in self._targets]
        self.slots = {f"first/{name}": slot for name, slot in zip(names, self._first, strict=True)}
        self.slots |= {f"second/{name}": slot for name, slot in zip(names, self._second, strict=True)}
        """All state by name; a checkpoint keeps it."""

    def update(self, gradients: Sequence[tf.Tensor], learning_rate: tf.Tensor, step: tf.Tensor) -> None:
        """Move the variables.

        Args:
            gradients: Dense, one a variable.
            learning_rate: float32 scalar.
            step: int32 scalar, the update counted from 1; the moments' bias correction follows from it.
        """
        power = tf.cast(step, tf.float32)
        for target, first, second, gradient in zip(self._targets, self._first, self._second, gradients, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=target.handle,
                m=first.handle,
                v=second.handle,
                beta1_power=tf.pow(BETA_1, power),
                beta2_power=tf.pow(BETA_2, power),
                lr=learning_rate,
                beta1=BETA_1,
                beta2=BETA_2,
                epsilon=EPSILON,
                grad=gradient,
            )
