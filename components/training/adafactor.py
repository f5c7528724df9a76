"""Adafactor (Shazeer and Stern 2018): second moments of a matrix kept as a row and a column, no first moments.

    beta_t = 1 - t ** -0.8                                       how much of the past is kept
    R_t    = beta_t R + (1 - beta_t) rowmeans(G^2 + e1)          C_t likewise by columns
    V_t    = R_t C_t / mean(R_t)                                 vectors: V_t = beta_t V + (1 - beta_t) (G^2 + e1)
    U_t    = G / sqrt(V_t), divided by max(1, RMS(U_t) / d)
    X_t    = X - max(e2, RMS(X)) rho_t U_t                       rho_t: the schedule's learning rate

Algorithm 4 of the paper with its constants; means in place of sums change nothing, since they cancel in V_t. The
state of an (m, n) matrix is m + n numbers, where Adam has 2mn.
"""

from collections.abc import Sequence
from typing import Final, final

import keras
import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.training.optimizer import Optimizer

EPSILON_1: Final = 1e-30
EPSILON_2: Final = 1e-3
THRESHOLD: Final = 1.0
"""d: an update's root mean square is clipped to it."""
DECAY_POWER: Final = -0.8


@final
class Adafactor(Optimizer):
    """See the module."""

    def __init__(self, variables: Sequence[keras.Variable]) -> None:
        super().__init__(variables)
        for name, target in zip(self._names, self._targets, strict=True):
            if target.shape.rank >= 2:
                self.slot("rows", name, target.shape[:-1])
                self.slot("columns", name, target.shape[:-2] + target.shape[-1:])
            else:
                self.slot("second", name, target.shape)

    @override
    def update(self, gradients: Sequence[tf.Tensor], learning_rate: tf.Tensor, step: tf.Tensor) -> None:
        fresh = tf.pow(tf.cast(step, tf.float32), DECAY_POWER)
        for name, target, gradient in zip(self._names, self._targets, gradients, strict=True):
            scaled = gradient * self._inverse_root(name, tf.square(gradient) + EPSILON_1, fresh)
            size = tf.maximum(EPSILON_2, _root_mean_square(target)) * learning_rate
            target.assign_sub(scaled * (size / tf.maximum(1.0, _root_mean_square(scaled) / THRESHOLD)))

    def _inverse_root(self, name: str, squares: tf.Tensor, fresh: tf.Tensor) -> tf.Tensor:
        """1 / sqrt(V_t), in a shape that multiplies the gradient's."""
        if squares.shape.rank < 2:
            return tf.math.rsqrt(_moved(self.slots[f"second/{name}"], squares, fresh))
        rows = _moved(self.slots[f"rows/{name}"], tf.reduce_mean(squares, axis=-1), fresh)
        columns = _moved(self.slots[f"columns/{name}"], tf.reduce_mean(squares, axis=-2), fresh)
        # Roots are taken apart: the product of two small squares would be 0 in float32.
        share = rows / tf.reduce_mean(rows, axis=-1, keepdims=True)
        return tf.math.rsqrt(share)[..., :, None] * tf.math.rsqrt(columns)[..., None, :]


def _moved(slot: tf.Variable, fresh_value: tf.Tensor, fresh: tf.Tensor) -> tf.Tensor:
    """The slot after it took a share `fresh` of the new value."""
    return slot.assign_add(fresh * (fresh_value - slot), read_value=True)


def _root_mean_square(values: tf.Tensor) -> tf.Tensor:
    return tf.sqrt(tf.reduce_mean(tf.square(values)))
