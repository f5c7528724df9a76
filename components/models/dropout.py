"""Dropout (Srivastava 2014) that is cheap, and whose noise depends on a seed and the place in the model alone.

A killed run that goes on from a checkpoint draws the same noise without any saved generator: the seed is (seed of
the run, step). One random int64 serves four values, as 16-bit numbers compared with the rate.
"""

from typing import final

import tensorflow as tf

_VALUES_A_DRAW = 4
_RANGE = 1 << 16
_SEED_STRIDE = 0x9E3779B


@final
class DropoutStream:
    """Gives each dropout of a model its own noise, in the order in which the model calls them."""

    def __init__(self) -> None:
        self._seed_2: tf.Tensor | None = None
        self._calls = 0

    def restart(self, seed_2: tf.Tensor) -> None:
        """Begin a pass through the model.

        Args:
            seed_2: int32 (2,), as in (seed of the run, step). Made inside the `tf.function` that uses the model.
        """
        self._seed_2 = seed_2
        self._calls = 0

    def drop(self, values: tf.Tensor, rate: float, training: bool) -> tf.Tensor:
        """Set a share `rate` of the values to zero and scale the others by 1 / (1 - rate).

        The rate is exact to 1/65536. Without `training`, or with rate 0, the values come back as they are.

        Raises:
            RuntimeError: If the stream was never restarted.
        """
        if not training or rate == 0.0:
            return values
        mask = self._mask(tf.size(values), rate, values.dtype)
        return values * tf.reshape(mask, tf.shape(values))

    def _mask(self, size: tf.Tensor, rate: float, dtype: tf.DType) -> tf.Tensor:
        if self._seed_2 is None:
            raise RuntimeError("a training pass must begin with model.dropout_stream.restart(seed), it did not")
        seed_2 = self._seed_2 + tf.constant([self._calls * _SEED_STRIDE % (1 << 31), 0], tf.int32)
        self._calls += 1
        draws = tf.random.stateless_uniform(
            [(size + _VALUES_A_DRAW - 1) // _VALUES_A_DRAW], seed_2, None, None, tf.int64, alg="philox"
        )
        noise = tf.reshape(tf.bitcast(draws, tf.int16), [-1])[:size]
        dropped = round(rate * _RANGE)
        return tf.cast(noise >= dropped - _RANGE // 2, dtype) * (_RANGE / (_RANGE - dropped))
