"""Where the model looks in the source while it says each token of a given target: alignments and coverage.

Shapes: N pairs, B pairs of a group, W their padded width, T and S the longest target and source.
"""

from typing import NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.decoding.grouping import cut
from seq2seq_tfx.components.decoding.pairs import PairGroup, in_pair_groups
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.schemas.errors import InputError


class Alignments(NamedTuple):
    """Of each target token, end mark included, to the source tokens, end mark included."""

    soft_NTS: tf.Tensor
    """float32: the attention; each row of a real token adds up to 1. 0 beside padding."""
    hard_NT: tf.Tensor
    """int32: the source token most looked at, the first of equal ones; -1 beside padding."""


def align(model: Seq2SeqModel, source_ids: tf.RaggedTensor, target_ids: tf.RaggedTensor) -> Alignments:
    """Align pairs. To be called inside a `tf.function`; an alignment does not depend on the other pairs.

    Args:
        model: The model.
        source_ids: int32 (N, ragged); each row ends with EOS.
        target_ids: The same for the targets. Both sides are cut to `MAX_TOKENS`.

    Raises:
        InputError: If the model has no attention.
    """
    longest = [tf.cast(tf.reduce_max(cut(side).row_lengths(), axis=0), tf.int32) for side in (target_ids, source_ids)]
    size_2 = tf.maximum(tf.stack(longest), 1)  # nothing given: the maximum of nothing is negative

    def weights(group: PairGroup) -> tf.Tensor:
        weights_BWW = _attention(model, group)
        inside = weights_BWW[:, : size_2[0], : size_2[1]]
        more = tf.maximum(size_2 - tf.shape(weights_BWW)[1:], 0)
        return tf.pad(inside, [[0, 0], [0, more[0]], [0, more[1]]])

    soft_NTS = in_pair_groups((source_ids, target_ids), weights, size_2)
    real_NT = tf.reduce_max(soft_NTS, axis=2) > 0.0
    return Alignments(soft_NTS, tf.where(real_NT, tf.argmax(soft_NTS, axis=2, output_type=tf.int32), -1))


def coverage(model: Seq2SeqModel, source_ids: tf.RaggedTensor, target_ids: tf.RaggedTensor) -> tf.Tensor:
    """GNMT's coverage of the source (Wu 2016), at most 0: float32 (N,).

    The sum over source tokens of log(min(1, attention from all target tokens)). As in CTranslate2 the source's end
    mark counts, the target's does not, and a source token without any attention adds nothing.

    Args:
        model: The model.
        source_ids: int32 (N, ragged); each row ends with EOS.
        target_ids: The same for the targets.

    Raises:
        InputError: If the model has no attention.
    """

    def of_group(group: PairGroup) -> tf.Tensor:
        said_BW = tf.sequence_mask(group.target_lengths_B - 1, tf.shape(group.target_BW)[1], tf.float32)
        read_BW = tf.reduce_sum(_attention(model, group) * said_BW[:, :, None], axis=1)
        return tf.reduce_sum(tf.where(read_BW > 0.0, tf.math.log(tf.minimum(read_BW, 1.0)), 0.0), axis=1)

    return in_pair_groups((source_ids, target_ids), of_group)


def _attention(model: Seq2SeqModel, group: PairGroup) -> tf.Tensor:
    """float32 (B, W, W): target tokens to source tokens, 0 beside padding."""
    weights_BWW = model.attention_weights(model.encode(group.source_BW), group.target_in_BW)
    if weights_BWW is None:
        raise InputError(
            f"alignments and the coverage penalty need a model with attention, got {model.name} without; "
            "set decoding.coverage_penalty to 0 and ask for no alignments"
        )
    width = tf.shape(group.target_BW)[1]
    targets_BW, sources_BW = (
        tf.sequence_mask(lengths_B, width, tf.float32) for lengths_B in (group.target_lengths_B, group.source_lengths_B)
    )
    return weights_BWW * targets_BW[:, :, None] * sources_BW[:, None, :]
