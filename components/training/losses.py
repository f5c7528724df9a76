"""Label-smoothed cross-entropy that never holds all logits, with its gradient computed beside it.

For logits z = E h over V tokens, the smoothed distribution gives the right token y a share 1 - e, and spreads e evenly
(Szegedy 2016). Because the projection has no bias, the loss is exactly

    logsumexp(z) - (1 - e) z_y - e mean(z)  =  logsumexp(E h) - h . ((1 - e) E_y + e mean(E))

so that only the first term needs the logits. Its gradient (the softmax) is used chunk by chunk while it is in the
processor's cache, and it is never divided by its sum: the rows of h are, which are V / D times smaller.

Shapes: N target tokens, D width, V vocabulary size, C tokens in a chunk.
"""

from collections.abc import Callable

import tensorflow as tf

_CHUNK_VALUES = 1 << 22
_MOST_CHUNKS = 16


def cross_entropy(hidden_ND: tf.Tensor, embedding_VD: tf.Tensor, targets_N: tf.Tensor, smoothing: float) -> tf.Tensor:
    """The sum over tokens of the label-smoothed cross-entropy.

    Args:
        hidden_ND: The model's vectors at real target positions; their dtype is that of the large products.
        embedding_VD: The bias-free projection to the vocabulary, float32.
        targets_N: int32, the tokens to predict.
        smoothing: e above, 0 for plain cross-entropy.

    Returns:
        float32 scalar, in nats. Its gradient reaches `hidden_ND` and `embedding_VD`.
    """
    wanted_ND = (1.0 - smoothing) * tf.gather(embedding_VD, targets_N)
    if smoothing > 0.0:
        wanted_ND += smoothing * tf.reduce_mean(embedding_VD, axis=0)
    matches = tf.reduce_sum(tf.cast(hidden_ND, tf.float32) * wanted_ND)
    return sum_of_normalisers(hidden_ND, embedding_VD) - matches


@tf.custom_gradient
def sum_of_normalisers(
    hidden_ND: tf.Tensor, embedding_VD: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], list[tf.Tensor]]]:
    """The sum over rows h of logsumexp(E h): float32 scalar."""
    total, d_hidden, d_embedding = _with_gradients(hidden_ND, embedding_VD)

    def gradient(upstream: tf.Tensor) -> list[tf.Tensor]:
        return [d_hidden * tf.cast(upstream, hidden_ND.dtype), d_embedding * upstream]

    return total, gradient


def _with_gradients(hidden_ND: tf.Tensor, embedding_VD: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    dtype, rows, (vocabulary_size, width) = hidden_ND.dtype, tf.shape(hidden_ND)[0], embedding_VD.shape
    factor_VD = tf.cast(embedding_VD, dtype)
    chunk = tf.maximum(_CHUNK_VALUES // vocabulary_size + 1, (rows + _MOST_CHUNKS - 1) // _MOST_CHUNKS)
    chunks = (rows + chunk - 1) // chunk
    array = tf.TensorArray(dtype, size=chunks, element_shape=[None, width], infer_shape=False)

    def body(i: tf.Tensor, total: tf.Tensor, d_embedding: tf.Tensor, written: tf.TensorArray) -> tuple[tf.Tensor, ...]:
        hidden_CD = hidden_ND[i * chunk : (i + 1) * chunk]
        logits_CV = tf.cast(tf.matmul(hidden_CD, factor_VD, transpose_b=True), tf.float32)
        largest_C1 = tf.reduce_max(logits_CV, axis=1, keepdims=True)
        powers_CV = tf.exp(logits_CV - largest_C1)
        sums_C1 = tf.reduce_sum(powers_CV, axis=1, keepdims=True)
        total += tf.reduce_sum(tf.math.log(sums_C1) + largest_C1)
        powers_CV, scale_C1 = tf.cast(powers_CV, dtype), tf.cast(1.0 / sums_C1, dtype)
        written = written.write(i, tf.matmul(powers_CV, factor_VD) * scale_C1)
        d_embedding += tf.cast(tf.matmul(powers_CV, hidden_CD * scale_C1, transpose_a=True), tf.float32)
        return i + 1, total, d_embedding, written

    start = tf.constant(0), tf.constant(0.0), tf.zeros_like(embedding_VD), array
    _, total, d_embedding, array = tf.while_loop(lambda i, *_: i < chunks, body, start, parallel_iterations=1)
    return total, array.concat(), d_embedding
