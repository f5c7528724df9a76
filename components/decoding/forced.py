"""Scores of given translations: what the search would have scored them (teacher forcing).

Shapes: N pairs, B pairs of a group, T target length, D width, V vocabulary, C rows of a chunk.
"""

from typing import Final

import tensorflow as tf

from seq2seq_tfx.components.decoding.batches import cut, in_groups, make_groups, padded
from seq2seq_tfx.components.decoding.layout import SENTENCE_UNIT
from seq2seq_tfx.components.decoding.search import without_end_mark
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.schemas.features import BOS_ID

_CHUNK: Final = 16
"""Target positions whose logits are held at a time; every width is a multiple of it."""


def score(
    model: Seq2SeqModel, source_ids: tf.RaggedTensor, target_ids: tf.RaggedTensor, length_penalty: float
) -> tf.Tensor:
    """Score pairs. To be called inside a `tf.function`; a score does not depend on the other pairs.

    Args:
        model: The model.
        source_ids: int32 (N, ragged); each row ends with EOS.
        target_ids: The same for the translations.
        length_penalty: Exponent of the length.

    Returns:
        float32 (N,): sum of log p / length ** length_penalty, end mark counted. As in the search, EOS cannot be the
        first token; an empty target is scored without that rule. Both sides are cut to `MAX_TOKENS`.
    """
    sources, targets = cut(source_ids), cut(target_ids)
    target_lengths_N = tf.cast(targets.row_lengths(), tf.int32)

    def score_group(numbers_B: tf.Tensor, width: tf.Tensor) -> tuple[tf.Tensor]:
        size = tf.size(numbers_B)
        lengths_B = tf.pad(tf.gather(target_lengths_N, numbers_B), [[0, SENTENCE_UNIT - size]], constant_values=1)
        source_BS = padded(tf.gather(sources, numbers_B), SENTENCE_UNIT, width)
        target_BT = padded(tf.gather(targets, numbers_B), SENTENCE_UNIT, width)
        log_probs_BT = token_log_probs(model, source_BS, target_BT, lengths_B > 1)
        real_BT = tf.sequence_mask(lengths_B, width, tf.float32)
        sums_B = tf.reduce_sum(log_probs_BT * real_BT, axis=1)
        return ((sums_B / tf.pow(tf.cast(lengths_B, tf.float32), length_penalty))[:size],)

    longer_N = tf.maximum(tf.cast(sources.row_lengths(), tf.int32), target_lengths_N)
    groups = make_groups(longer_N, SENTENCE_UNIT)
    (scores_N,) = in_groups(groups, score_group, (tf.float32,))
    return tf.gather(scores_N, tf.argsort(groups.order_N))


def token_log_probs(model: Seq2SeqModel, source_BS: tf.Tensor, target_BT: tf.Tensor, text_B: tf.Tensor) -> tf.Tensor:
    """The log-probability of each target token after those before it: float32 (B, T).

    Args:
        model: The model.
        source_BS: int32, padded.
        target_BT: int32, each row its tokens, EOS, padding; T is a multiple of 16.
        text_B: Whether a target has tokens before its EOS, so that EOS could not come first.
    """
    before_BT = tf.concat([tf.fill([tf.shape(target_BT)[0], 1], BOS_ID), target_BT[:, :-1]], axis=1)
    hidden_BTD = model.decode(model.encode(source_BS), before_BT)
    pairs, chunks = target_BT.shape[0], tf.shape(target_BT)[1] // _CHUNK
    hidden = tf.reshape(hidden_BTD, [pairs, chunks, _CHUNK, hidden_BTD.shape[-1]])
    target = tf.reshape(target_BT, [pairs, chunks, _CHUNK])

    def one_chunk(number: tf.Tensor) -> tf.Tensor:
        logits_CV = model.logits(tf.reshape(hidden[:, number], [pairs * _CHUNK, hidden.shape[-1]]))
        first_BC = tf.pad((text_B & (number == 0))[:, None], [[0, 0], [0, _CHUNK - 1]])
        logits_CV = tf.where(tf.reshape(first_BC, [-1, 1]), without_end_mark(logits_CV), logits_CV)
        losses_C = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.reshape(target[:, number], [-1]), logits_CV)
        return tf.reshape(-losses_C, [pairs, _CHUNK])

    by_chunk = tf.map_fn(one_chunk, tf.range(chunks), fn_output_signature=tf.TensorSpec([pairs, _CHUNK]))
    return tf.reshape(tf.transpose(by_chunk, [1, 0, 2]), tf.shape(target_BT))
