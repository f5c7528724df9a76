"""Sources and given targets, in groups of a fixed shape: what scoring and alignments have in common.

Shapes: N pairs, B pairs of a group, W the width that both sides are padded to.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.decoding.grouping import cut, in_groups, make_groups, padded
from seq2seq_tfx.components.decoding.layout import SENTENCE_UNIT
from seq2seq_tfx.schemas.features import BOS_ID


class PairGroup(NamedTuple):
    """Pairs that are computed together; those beyond the first `size` are dummies, whose sides are EOS alone."""

    source_BW: tf.Tensor
    """int32: tokens, EOS, padding."""
    source_lengths_B: tf.Tensor
    """int32, end mark counted."""
    target_BW: tf.Tensor
    """int32: tokens, EOS, padding."""
    target_lengths_B: tf.Tensor
    """int32, end mark counted."""

    @property
    def target_in_BW(self) -> tf.Tensor:
        """What the decoder reads: BOS, then the target up to its last token."""
        return tf.concat([tf.fill([SENTENCE_UNIT, 1], BOS_ID), self.target_BW[:, :-1]], axis=1)


def in_pair_groups(
    sides: tuple[tf.RaggedTensor, tf.RaggedTensor],
    compute: Callable[[PairGroup], tf.Tensor],
    inner: tf.Tensor | None = None,
) -> tf.Tensor:
    """Compute something for each pair; what it is does not depend on the other pairs.

    Args:
        sides: Sources and targets, int32 (N, ragged) each; every row ends with EOS. Both are cut to `MAX_TOKENS`.
        compute: A group to float32 (B,), or (B, *inner); W is a multiple of 16, of every group another.
        inner: int32, the dimensions after the first of what `compute` returns.

    Returns:
        float32 (N,) or (N, *inner), in the given order.
    """
    source_ids, target_ids = (cut(side) for side in sides)

    def one_group(numbers_B: tf.Tensor, width: tf.Tensor) -> tuple[tf.Tensor]:
        source_BW, source_lengths_B = _one_side(source_ids, numbers_B, width)
        target_BW, target_lengths_B = _one_side(target_ids, numbers_B, width)
        results = compute(PairGroup(source_BW, source_lengths_B, target_BW, target_lengths_B))
        return (tf.reshape(results[: tf.size(numbers_B)], [-1]),)

    longer_N = tf.cast(tf.maximum(source_ids.row_lengths(), target_ids.row_lengths()), tf.int32)
    groups = make_groups(longer_N, SENTENCE_UNIT)
    (flat,) = in_groups(groups, one_group, (tf.float32,))
    results = flat if inner is None else tf.reshape(flat, tf.concat([tf.shape(longer_N), inner], axis=0))
    return tf.gather(results, tf.argsort(groups.order_N))


def _one_side(ids: tf.RaggedTensor, numbers_B: tf.Tensor, width: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    rows = tf.gather(ids, numbers_B)
    dummies = [[0, SENTENCE_UNIT - tf.size(numbers_B)]]
    lengths_B = tf.pad(tf.cast(rows.row_lengths(), tf.int32), dummies, constant_values=1)
    return padded(rows, SENTENCE_UNIT, width), tf.ensure_shape(lengths_B, [SENTENCE_UNIT])
