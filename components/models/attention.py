"""Multi-head scaled dot-product attention (Vaswani 2017, section 3.2), whole sequences and step by step.

MultiHead(Q, K, V) = Concat(head_1 ... head_h) W_O, head_i = softmax(Q W_Qi (K W_Ki)^T / sqrt(d)) V W_Vi, no biases.
The projections of queries, keys and values of one input are one matrix product.

Shapes: B batch, T queries, S keys, H heads, d size of a head, D = H*d width.
"""

from typing import NamedTuple, final

import tensorflow as tf

from seq2seq_tfx.components.models.layers import LayerContext, ModelLayer

_MASKED = -1e9


def mask_bias(allowed: tf.Tensor, dtype: str) -> tf.Tensor:
    """0 where attention is allowed, a number whose exponential is 0 elsewhere."""
    return tf.cast(tf.where(allowed, 0.0, _MASKED), dtype)


def causal_bias(length: tf.Tensor, dtype: str) -> tf.Tensor:
    """(1, 1, T, T): position t may attend to positions 0 to t."""
    positions_T = tf.range(length)
    return mask_bias(positions_T[None, None, :] <= positions_T[None, :, None], dtype)[None]


def padding_bias(real_BS: tf.Tensor, dtype: str) -> tf.Tensor:
    """(B, 1, 1, S): padding may not be attended to."""
    return mask_bias(real_BS, dtype)[:, None, None, :]


class KeysValues(NamedTuple):
    """What can be read of a sequence."""

    keys_BHSd: tf.Tensor
    values_BHSd: tf.Tensor
    bias: tf.Tensor | None
    """Added to the scores; broadcasts to (B, H, T, S)."""


def appended(before: KeysValues, keys_BHKd: tf.Tensor, values_BHKd: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Keys and values of earlier positions, and then of new ones."""
    parts = (before.keys_BHSd, keys_BHKd), (before.values_BHSd, values_BHKd)
    keys, values = (tf.concat(each, axis=2) for each in parts)
    return keys, values


@final
class MultiHeadAttention(ModelLayer):
    """Attention of a sequence to itself, or (with `cross`) of target positions to source positions."""

    def __init__(self, name: str, context: LayerContext, width: int, heads: int, *, cross: bool = False) -> None:
        super().__init__(name, context)
        self.width, self.heads, self.size = width, heads, width // heads
        if cross:
            self.query = self.matrix("query", width, width)
            self.key_value = self.matrix("key_value", width, 2 * width)
        else:
            self.query_key_value = self.matrix("query_key_value", width, 3 * width)
        self.output_kernel = self.matrix("output", width, width)

    def split(self, x_BTD: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Queries, keys and values of a sequence for attention to itself: each (B, H, T, d)."""
        queries, keys, values = self._heads_of(x_BTD, self.computing(self.query_key_value), 3)
        return self._scaled(queries), keys, values

    def split_queries(self, x_BTD: tf.Tensor) -> tf.Tensor:
        """Queries of a target sequence for attention to the source: (B, H, T, d)."""
        (queries,) = self._heads_of(x_BTD, self.computing(self.query), 1)
        return self._scaled(queries)

    def split_memory(self, memory_BSD: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Keys and values of a source sequence: each (B, H, S, d)."""
        keys, values = self._heads_of(memory_BSD, self.computing(self.key_value), 2)
        return keys, values

    def attend(
        self,
        queries_BHTd: tf.Tensor,
        keys_values_BHSd: tuple[tf.Tensor, tf.Tensor],
        bias: tf.Tensor | None,
        drop_rate: float = 0.0,
    ) -> tf.Tensor:
        """Read the values that the queries ask for.

        Args:
            queries_BHTd: Queries, divided by sqrt(d).
            keys_values_BHSd: Keys and values.
            bias: Added to the scores; broadcasts to (B, H, T, S).
            drop_rate: Dropout of the attention weights; 0 outside training.

        Returns:
            (B, T, D), projected by W_O.
        """
        keys, values = keys_values_BHSd
        weights_BHTS = self.weights(queries_BHTd, keys, bias)
        weights_BHTS = self.context.dropout.drop(weights_BHTS, drop_rate, training=drop_rate > 0.0)
        return self._joined(tf.matmul(weights_BHTS, values))

    def attend_both(
        self, queries_BHTd: tf.Tensor, source: KeysValues, own: KeysValues, drop_rate: float = 0.0
    ) -> tf.Tensor:
        """Read a source and the own sequence as if they were one, without putting them into one tensor.

        Args:
            queries_BHTd: Queries, divided by sqrt(d).
            source: Keys and values of the source.
            own: Of the sequence that the queries stand in.
            drop_rate: Dropout of the attention weights; 0 outside training.

        Returns:
            (B, T, D), projected by W_O.
        """
        scores = tf.concat([self._scores(queries_BHTd, part.keys_BHSd, part.bias) for part in (source, own)], axis=-1)
        weights = self.context.dropout.drop(tf.nn.softmax(scores), drop_rate, training=drop_rate > 0.0)
        size = tf.shape(source.keys_BHSd)[2]
        read_source = tf.matmul(weights[..., :size], source.values_BHSd)
        return self._joined(read_source + tf.matmul(weights[..., size:], own.values_BHSd))

    def weights(self, queries_BHTd: tf.Tensor, keys_BHSd: tf.Tensor, bias: tf.Tensor | None) -> tf.Tensor:
        """How much each query reads of each position: (B, H, T, S)."""
        return tf.nn.softmax(self._scores(queries_BHTd, keys_BHSd, bias))

    def _scores(self, queries_BHTd: tf.Tensor, keys_BHSd: tf.Tensor, bias: tf.Tensor | None) -> tf.Tensor:
        scores_BHTS = tf.matmul(queries_BHTd, keys_BHSd, transpose_b=True)
        return scores_BHTS if bias is None else scores_BHTS + bias

    def _joined(self, read_BHTd: tf.Tensor) -> tf.Tensor:
        read_BTHd = tf.transpose(read_BHTd, [0, 2, 1, 3])
        rows_ND = tf.reshape(read_BTHd, [-1, self.width])
        shape = tf.shape(read_BTHd)
        return tf.reshape(tf.matmul(rows_ND, self.computing(self.output_kernel)), [shape[0], shape[1], self.width])

    def _scaled(self, queries: tf.Tensor) -> tf.Tensor:
        return queries * self.size**-0.5

    def _heads_of(self, x_BTD: tf.Tensor, kernel: tf.Tensor, parts: int) -> list[tf.Tensor]:
        shape = tf.shape(x_BTD)
        rows = tf.matmul(tf.reshape(x_BTD, [-1, self.width]), kernel)
        split = tf.reshape(rows, [shape[0], shape[1], parts, self.heads, self.size])
        return tf.unstack(tf.transpose(split, [2, 0, 3, 1, 4]), num=parts)
