"""How a recurrent decoder looks at the source: the scores of Bahdanau 2015 and Luong 2015, global or in a window.

    a_t = softmax over the source of score(s_t, h_s)      weights
    c_t = sum over the source of a_t(s) h_s               the context

    dot        s_t . h_s                                  Luong 2015, equation 8
    general    s_t . W_a h_s                              the same
    concat     v . tanh(W_q s_t + W_k h_s)                the same; W_a [s_t; h_s] is W_q s_t + W_k h_s
    bahdanau   the same with s_{t-1}                      Bahdanau 2015, appendix A.1.2
    local      general inside a window round p_t, times a Gaussian                 Luong 2015, equations 9 and 10

Shapes: B batch, T queries, S source positions, D size of the states on both sides.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, final

import keras
import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.models.attention import mask_bias
from seq2seq_tfx.components.models.interface import Tensors
from seq2seq_tfx.components.models.layers import LayerContext, ModelLayer
from seq2seq_tfx.schemas.config.model import Attention, ModelConfig

_AT_ONCE: Final = 16
"""Target positions for which the sums of all pairs are held together."""


class Score(ModelLayer, ABC):
    """How well a decoder state and a source state fit."""

    @abstractmethod
    def keys(self, states_BSD: tf.Tensor) -> tf.Tensor:
        """What of the source is computed once: (B, S, D)."""

    @abstractmethod
    def scores(self, queries_BTD: tf.Tensor, keys_BSD: tf.Tensor) -> tf.Tensor:
        """(B, T, S)."""

    def rows(self, x_BTD: tf.Tensor, kernel: keras.Variable) -> tf.Tensor:
        """x W for a square W: (B, T, D)."""
        return tf.reshape(self.times(tf.reshape(x_BTD, [-1, kernel.shape[0]]), kernel), tf.shape(x_BTD))


@final
class DotScore(Score):
    """s . h: no variables, so both sides must live in one space."""

    @override
    def keys(self, states_BSD: tf.Tensor) -> tf.Tensor:
        return states_BSD

    @override
    def scores(self, queries_BTD: tf.Tensor, keys_BSD: tf.Tensor) -> tf.Tensor:
        return tf.matmul(queries_BTD, keys_BSD, transpose_b=True)


@final
class GeneralScore(Score):
    """s . W_a h."""

    def __init__(self, name: str, context: LayerContext, width: int) -> None:
        super().__init__(name, context)
        self.score = self.matrix("score", width, width)

    @override
    def keys(self, states_BSD: tf.Tensor) -> tf.Tensor:
        rows = tf.reshape(states_BSD, [-1, self.score.shape[0]])
        return tf.reshape(tf.matmul(rows, self.computing(self.score), transpose_b=True), tf.shape(states_BSD))

    @override
    def scores(self, queries_BTD: tf.Tensor, keys_BSD: tf.Tensor) -> tf.Tensor:
        return tf.matmul(queries_BTD, keys_BSD, transpose_b=True)


@tf.custom_gradient
def additive_scores(
    queries_BTD: tf.Tensor, keys_BSD: tf.Tensor, vector_D: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], list[tf.Tensor]]]:
    """v . tanh(q + k) for every pair of positions: (B, T, S).

    The sums of all pairs are D times larger than the scores. So they are made for one target position at a time, and
    made again for the gradient. The few positions of a step, one of each beam, are made together.
    """

    def one_sum(sums_BSD: tf.Tensor) -> tf.Tensor:
        return tf.linalg.matvec(tf.tanh(sums_BSD), vector_D)  # of 4 dimensions it crashes TensorFlow 2.16

    def one(query_BD: tf.Tensor) -> tf.Tensor:
        return one_sum(query_BD[:, None] + keys_BSD)

    def gradient(upstream_BTS: tf.Tensor) -> list[tf.Tensor]:
        return list(_additive_gradient(queries_BTD, keys_BSD, vector_D, upstream_BTS))

    if queries_BTD.shape[1] is not None and queries_BTD.shape[1] <= _AT_ONCE:
        sums_BTSD = queries_BTD[:, :, None] + keys_BSD[:, None]
        shape = tf.shape(sums_BTSD)
        scores = one_sum(tf.reshape(sums_BTSD, [-1, shape[2], queries_BTD.shape[2]]))
        return tf.reshape(scores, shape[:3]), gradient
    by_time = tf.map_fn(one, tf.transpose(queries_BTD, [1, 0, 2]), parallel_iterations=1)
    return tf.transpose(by_time, [1, 0, 2]), gradient


def _additive_gradient(
    queries_BTD: tf.Tensor, keys_BSD: tf.Tensor, vector_D: tf.Tensor, upstream_BTS: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    steps = tf.shape(queries_BTD)[1]
    array = tf.TensorArray(queries_BTD.dtype, size=steps, element_shape=[None, queries_BTD.shape[2]])

    def body(t: tf.Tensor, d_keys: tf.Tensor, d_vector: tf.Tensor, written: tf.TensorArray) -> tuple[object, ...]:
        squashed = tf.tanh(queries_BTD[:, t, None] + keys_BSD)
        upstream_BS1 = upstream_BTS[:, t, :, None]
        d_sums = upstream_BS1 * (vector_D * (1 - tf.square(squashed)))
        d_vector += tf.cast(tf.reduce_sum(squashed * upstream_BS1, axis=[0, 1]), tf.float32)
        return t + 1, d_keys + d_sums, d_vector, written.write(t, tf.reduce_sum(d_sums, axis=1))

    start = tf.constant(0), tf.zeros_like(keys_BSD), tf.zeros_like(vector_D, tf.float32), array
    _, d_keys, d_vector, array = tf.while_loop(lambda t, *_: t < steps, body, start, parallel_iterations=1)
    return tf.transpose(array.stack(), [1, 0, 2]), d_keys, tf.cast(d_vector, vector_D.dtype)


@final
class AdditiveScore(Score):
    """v . tanh(W_q s + W_k h)."""

    def __init__(self, name: str, context: LayerContext, width: int) -> None:
        super().__init__(name, context)
        self.query = self.matrix("query", width, width)
        self.key = self.matrix("key", width, width)
        initializer = keras.initializers.RandomNormal(stddev=width**-0.5, seed=context.seed_of(f"{name}/vector"))
        self.weight = self.variable("vector", (width,), initializer)

    @override
    def keys(self, states_BSD: tf.Tensor) -> tf.Tensor:
        return self.rows(states_BSD, self.key)

    @override
    def scores(self, queries_BTD: tf.Tensor, keys_BSD: tf.Tensor) -> tf.Tensor:
        return additive_scores(self.rows(queries_BTD, self.query), keys_BSD, self.computing(self.weight))


@final
class LocalWindow(ModelLayer):
    """The place in the source that a decoder state looks at, and the window round it (local-p, Luong 2015).

        p_t = S sigmoid(v_p . tanh(W_p s_t))          S the sentence's length, places counted from 0
        only p_t - reach <= s <= p_t + reach, times exp(-(s - p_t)^2 / (2 (reach / 2)^2))

    Places are computed in float32: bfloat16 has no odd numbers above 256.
    """

    def __init__(self, name: str, context: LayerContext, width: int, reach: int) -> None:
        super().__init__(name, context)
        self.width, self.reach = width, reach
        self.place = self.matrix("place", width, width)
        self.place_vector = self.matrix("place_vector", width, 1)

    def distances(self, queries_BTD: tf.Tensor, real_BS: tf.Tensor) -> tf.Tensor:
        """s - p_t: float32 (B, T, S)."""
        shape = tf.shape(queries_BTD)
        hidden = tf.tanh(self.times(tf.reshape(queries_BTD, [-1, self.width]), self.place))
        share = tf.sigmoid(tf.cast(tf.matmul(hidden, self.computing(self.place_vector)), tf.float32))
        lengths_B11 = tf.reduce_sum(tf.cast(real_BS, tf.float32), axis=1)[:, None, None]
        places_BT1 = lengths_B11 * tf.reshape(share, [shape[0], shape[1], 1])
        return tf.range(tf.shape(real_BS)[1], dtype=tf.float32) - places_BT1

    def inside(self, distances_BTS: tf.Tensor) -> tf.Tensor:
        """Which source positions are in the window: bool. At least one is: p_t is less than 1 from a word."""
        return tf.abs(distances_BTS) <= self.reach

    def gaussian(self, distances_BTS: tf.Tensor) -> tf.Tensor:
        """The factor of each weight, in the dtype of computation; sigma is half of the reach."""
        return tf.cast(tf.exp(-2.0 * tf.square(distances_BTS / self.reach)), self.compute_dtype)


@final
class SourceAttention(ModelLayer):
    """Weights of source states, and their weighted sum."""

    def __init__(self, name: str, context: LayerContext, score: Score, window: LocalWindow | None) -> None:
        super().__init__(name, context)
        self.score, self.window = score, window

    def prepare(self, states_BSD: tf.Tensor, real_BS: tf.Tensor) -> Tensors:
        """What `read` needs of a source: `states` and `keys`, (B, S, D), and `real`, (B, S)."""
        return {"states": states_BSD, "keys": self.score.keys(states_BSD), "real": real_BS}

    def read(self, queries_BTD: tf.Tensor, memory: Tensors) -> tuple[tf.Tensor, tf.Tensor]:
        """Look at the source.

        Args:
            queries_BTD: Decoder states.
            memory: From `prepare`.

        Returns:
            The contexts c_t, (B, T, D), and the weights a_t, (B, T, S). A row of weights sums to 1; to less through a
            local window, whose Gaussian is not made up for.
        """
        scores_BTS = self.score.scores(queries_BTD, memory["keys"])
        allowed_BTS = memory["real"][:, None, :]
        factor: tf.Tensor = 1.0
        if self.window is not None:
            distances = self.window.distances(queries_BTD, memory["real"])
            allowed_BTS &= self.window.inside(distances)
            factor = self.window.gaussian(distances)
        weights_BTS = tf.nn.softmax(scores_BTS + mask_bias(allowed_BTS, self.compute_dtype)) * factor
        return tf.matmul(weights_BTS, memory["states"]), weights_BTS


_SCORES: Final[dict[Attention, type[GeneralScore] | type[AdditiveScore]]] = {
    "luong_general": GeneralScore,
    "luong_local": GeneralScore,
    "luong_concat": AdditiveScore,
    "bahdanau": AdditiveScore,
}


def make_attention(config: ModelConfig, context: LayerContext) -> SourceAttention | None:
    """The attention that the configuration names; None for `none`."""
    if config.attention == "none":
        return None
    kind = _SCORES.get(config.attention)
    score = DotScore("attention", context) if kind is None else kind("attention", context, config.width)
    window = None
    if config.attention == "luong_local":
        window = LocalWindow("attention.window", context, config.width, config.local_window)
    return SourceAttention("attention.source", context, score, window)
