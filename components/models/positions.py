"""How the Transformer tells places apart: sinusoids (Vaswani 2017), a learned table, or rotation (Su 2021).

Shapes: B batch, T length, H heads, D width, d size of a head. Positions may have more dimensions before T: so has what
is made of them.
"""

import math
from typing import NamedTuple, final

import keras
import numpy as np
import tensorflow as tf

from seq2seq_tfx.components.models.layers import LayerContext, ModelLayer

_SLOWEST_WAVE = 10_000.0


def position_encodings(positions_T: tf.Tensor, width: int) -> tf.Tensor:
    """PE(p, 2i) = sin(p / 10000^(2i/D)), PE(p, 2i+1) = cos(the same) (Vaswani 2017, section 3.5).

    Args:
        positions_T: int32 positions, counted from 0.
        width: D.

    Returns:
        float32 (T, D).
    """
    column_D = np.arange(width)
    rate_D = (_SLOWEST_WAVE ** (-(column_D // 2 * 2) / width)).astype(np.float32)
    shift_D = ((column_D % 2) * (math.pi / 2)).astype(np.float32)
    return tf.sin(tf.cast(positions_T, tf.float32)[..., None] * rate_D + shift_D)


@final
class LearnedPositions(ModelLayer):
    """A vector for each place (Gehring 2017); places beyond the table's last row have that row's."""

    def __init__(self, name: str, context: LayerContext, most: int, width: int) -> None:
        super().__init__(name, context)
        self.most = most
        initializer = keras.initializers.RandomNormal(stddev=width**-0.5, seed=context.seed_of(f"{name}/table"))
        self.table = self.variable("table", (most, width), initializer)

    def call(self, positions_T: tf.Tensor) -> tf.Tensor:
        """Look up: float32 (T, D)."""
        return tf.gather(self.table.value, tf.minimum(positions_T, self.most - 1))


class Rotation(NamedTuple):
    """The angles of some places, for `rotate`; the same for all layers and heads."""

    cosines_Td: tf.Tensor
    sines_Td: tf.Tensor


def make_rotation(positions_T: tf.Tensor, size: int, dtype: str) -> Rotation:
    """Angles p * 10000^(-2i/d) for the pairs i of a head (Su 2021, equation 15).

    Args:
        positions_T: int32 positions, counted from 0.
        size: d, even.
        dtype: Of the result; the angles themselves are computed in float32.
    """
    rate_d = np.tile(_SLOWEST_WAVE ** (-2.0 * np.arange(size // 2) / size), 2).astype(np.float32)
    angles_Td = tf.cast(positions_T, tf.float32)[..., None] * rate_d
    return Rotation(tf.cast(tf.cos(angles_Td), dtype), tf.cast(tf.sin(angles_Td), dtype))


def rotate(x_BHTd: tf.Tensor, rotation: Rotation | None) -> tf.Tensor:
    """Turn each pair of numbers by its place's angle, so that q . k depends on the distance of their places alone.

    A pair is (i, i + d/2), where the paper has (2i, 2i + 1): the same model, its columns in another order.
    """
    if rotation is None:
        return x_BHTd
    first, second = tf.split(x_BHTd, 2, axis=-1)
    return x_BHTd * rotation.cosines_Td + tf.concat([-second, first], axis=-1) * rotation.sines_Td
