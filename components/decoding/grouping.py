"""Which sentences are computed together: groups of one padded width, searched or scored one after the other.

Shapes: N sentences, G groups, E and S an encoder batch.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.decoding.layout import MAX_TOKENS, WIDTHS
from seq2seq_tfx.schemas.features import EOS_ID, PAD_ID


class Groups(NamedTuple):
    """Which sentences are computed together. The sentences of a group have the same padded width."""

    order_N: tf.Tensor
    """Sentence numbers, shortest first."""
    first_G: tf.Tensor
    """Where in `order_N` a group begins."""
    size_G: tf.Tensor
    width_G: tf.Tensor
    """Tokens that its sentences are padded to."""


def cut(ids: tf.RaggedTensor) -> tf.RaggedTensor:
    """Rows of at most `MAX_TOKENS` tokens, EOS at the end of each as before."""
    ids = ids.with_row_splits_dtype(tf.int64)
    return tf.concat([ids[:, :-1][:, : MAX_TOKENS - 1], ids[:, -1:]], axis=1)


def make_groups(lengths_N: tf.Tensor, largest: int | Sequence[int]) -> Groups:
    """Put sentences of one width together.

    Args:
        lengths_N: int32, in tokens, at most `MAX_TOKENS`.
        largest: Sentences in a group, at most; one number, or one for each of `WIDTHS`.
    """
    largest_W = tf.broadcast_to(tf.constant(largest, tf.int32), [len(WIDTHS)])
    kind_N = tf.searchsorted(tf.constant(WIDTHS), lengths_N)
    counts = tf.math.bincount(kind_N, minlength=len(WIDTHS), maxlength=len(WIDTHS))
    groups = (counts + largest_W - 1) // largest_W
    kind_G = tf.repeat(tf.range(len(WIDTHS)), groups)
    within_G = tf.range(tf.size(kind_G)) - tf.gather(tf.cumsum(groups, exclusive=True), kind_G)
    largest_G = tf.gather(largest_W, kind_G)
    return Groups(
        order_N=tf.argsort(lengths_N, stable=True),
        first_G=tf.gather(tf.cumsum(counts, exclusive=True), kind_G) + within_G * largest_G,
        size_G=tf.minimum(tf.gather(counts, kind_G) - within_G * largest_G, largest_G),
        width_G=tf.gather(tf.constant(WIDTHS), kind_G),
    )


def in_groups(
    groups: Groups,
    compute: Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, ...]],
    dtypes: tuple[tf.DType, ...],
) -> list[tf.Tensor]:
    """Call `compute` with each group's sentence numbers and width, one group after the other.

    Args:
        groups: From `make_groups`.
        compute: Returns vectors.
        dtypes: Of those vectors.

    Returns:
        Each vector, concatenated over the groups: in the order of `groups.order_N`.
    """
    count = tf.size(groups.first_G)
    arrays = [
        tf.TensorArray(dtype, size=count, element_shape=[None], infer_shape=False, clear_after_read=True)
        for dtype in dtypes
    ]

    def body(number: tf.Tensor, *written: tf.TensorArray) -> tuple[object, ...]:
        first = groups.first_G[number]
        results = compute(groups.order_N[first : first + groups.size_G[number]], groups.width_G[number])
        return number + 1, *(array.write(number, result) for array, result in zip(written, results, strict=True))

    _, *arrays = tf.while_loop(
        lambda number, *_: number < count, body, (tf.constant(0), *arrays), parallel_iterations=1
    )
    return [array.concat() for array in arrays]


def padded(group: tf.RaggedTensor, sentences: int | tf.Tensor, width: tf.Tensor) -> tf.Tensor:
    """A group as an encoder batch: int32 (`sentences`, `width`); the rows added hold EOS alone."""
    dummies = tf.RaggedTensor.from_uniform_row_length(
        tf.fill([sentences - tf.cast(group.nrows(), tf.int32)], EOS_ID), 1
    )
    dense = tf.concat([group, dummies], axis=0).to_tensor(PAD_ID)
    dense = tf.pad(dense, [[0, 0], [0, width - tf.shape(dense)[1]]], constant_values=PAD_ID)
    return tf.ensure_shape(dense, [sentences if isinstance(sentences, int) else None, None])
