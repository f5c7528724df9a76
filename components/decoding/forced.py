"""Scores of given translations: what the search would have scored them (teacher forcing).

Shapes: N pairs, B pairs of a group, S source length, T target length, D width, V vocabulary, C rows of a chunk.
"""

from typing import Final

import tensorflow as tf

from seq2seq_tfx.components.decoding.alignments import coverage
from seq2seq_tfx.components.decoding.constraints import Prefixes, constrained
from seq2seq_tfx.components.decoding.pairs import PairGroup, in_pair_groups
from seq2seq_tfx.components.decoding.rules import Bans, Rules
from seq2seq_tfx.components.models.interface import Seq2SeqModel

_CHUNK: Final = 16
"""Target positions whose logits are held at a time; every width is a multiple of it."""


def score(model: Seq2SeqModel, source_ids: tf.RaggedTensor, target_ids: tf.RaggedTensor, rules: Rules) -> tf.Tensor:
    """Score pairs. To be called inside a `tf.function`; a score does not depend on the other pairs.

    Args:
        model: The model.
        source_ids: int32 (N, ragged); each row ends with EOS.
        target_ids: The same for the translations. Both sides are cut to `MAX_TOKENS`.
        rules: From `rules_of`.

    Returns:
        float32 (N,): sum of log p / normaliser, end mark counted, and coverage, if it has a weight. Penalties and bans
        change probabilities as in the search, but where the given token itself is banned, nothing is: it is scored as
        if that step had no bans. (So an empty translation has a score.)
    """

    def score_group(group: PairGroup) -> tf.Tensor:
        least_B, _ = rules.limits(group.source_lengths_B)
        log_probs_BT = token_log_probs(model, group, least_B, rules.bans)
        real_BT = tf.sequence_mask(group.target_lengths_B, tf.shape(group.target_BW)[1], tf.float32)
        sums_B = tf.reduce_sum(log_probs_BT * real_BT, axis=1)
        return sums_B / rules.normaliser(tf.cast(group.target_lengths_B, tf.float32))

    scores_N = in_pair_groups((source_ids, target_ids), score_group)
    if rules.coverage_penalty == 0.0:
        return scores_N
    return scores_N + rules.coverage_penalty * coverage(model, source_ids, target_ids)


def token_log_probs(model: Seq2SeqModel, group: PairGroup, least_B: tf.Tensor, bans: Bans) -> tf.Tensor:
    """The log-probability of each target token after those before it: float32 (B, T).

    Args:
        model: The model.
        group: The pairs.
        least_B: int32, the shortest translation that the search would have found.
        bans: What the search would not have said.
    """
    target_BT = group.target_BW
    hidden_BTD = model.decode(model.encode(group.source_BW), group.target_in_BW)
    pairs, chunks = target_BT.shape[0], tf.shape(target_BT)[1] // _CHUNK
    hidden = tf.reshape(hidden_BTD, [pairs, chunks, _CHUNK, hidden_BTD.shape[-1]])
    target = tf.reshape(target_BT, [pairs, chunks, _CHUNK])
    prefixes_CT, least_C = tf.repeat(target_BT, _CHUNK, axis=0), tf.repeat(least_B, _CHUNK)

    def one_chunk(number: tf.Tensor) -> tf.Tensor:
        logits_CV = model.logits(tf.reshape(hidden[:, number], [pairs * _CHUNK, hidden.shape[-1]]))
        target_C = tf.reshape(target[:, number], [-1])
        lengths_C = tf.tile(number * _CHUNK + tf.range(_CHUNK), [pairs])
        logits_CV = constrained(logits_CV, Prefixes(prefixes_CT, lengths_C, least_C), bans, target_C)
        losses_C = tf.nn.sparse_softmax_cross_entropy_with_logits(target_C, logits_CV)
        return tf.reshape(-losses_C, [pairs, _CHUNK])

    by_chunk = tf.map_fn(one_chunk, tf.range(chunks), fn_output_signature=tf.TensorSpec([pairs, _CHUNK]))
    return tf.reshape(tf.transpose(by_chunk, [1, 0, 2]), tf.shape(target_BT))
