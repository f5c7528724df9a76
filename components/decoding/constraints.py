"""What may follow a prefix: penalties and bans on next-token logits, the same in the search and in scoring.

In this order, which is CTranslate2's: repetition penalty; then no n-gram twice, forbidden sequences, and no end mark
before the shortest length. What is banned has a probability of 0, and the others share what it had.

Nothing here adds numbers up, so no result depends on a shape.

Shapes: N rows, V vocabulary, T tokens of a prefix and places after it, L forbidden sequences.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.decoding.rules import Bans
from seq2seq_tfx.schemas.features import EOS_ID

BANNED: Final = -1e9
"""The logit of what may not be said: its exponential is 0 beside any other."""
NEARLY_BANNED: Final = BANNED / 2
"""No logit, and no sum of log-probabilities, of something that may be said is as low."""


class Prefixes(NamedTuple):
    """What was said so far in each row."""

    ids_NT: tf.Tensor
    """int32; at least one column, places after the prefix hold anything."""
    lengths_N: tf.Tensor
    """int32."""
    least_N: tf.Tensor
    """int32: the length before which the end mark is banned."""


def constrained(logits_NV: tf.Tensor, prefixes: Prefixes, bans: Bans, spared_N: tf.Tensor | None = None) -> tf.Tensor:
    """Logits with penalties and bans.

    Args:
        logits_NV: float32, of the model.
        prefixes: What they follow.
        bans: What to look at.
        spared_N: int32, the token that must be said next, or -1. In a row where it is banned, nothing is banned:
            a given translation has a score whatever it says.
    """
    if bans.repetition_penalty != 1.0:
        logits_NV = _repetition_penalised(logits_NV, prefixes, bans.repetition_penalty)
    banned_NV = _without_early_end(logits_NV, prefixes)
    if bans.no_repeat_ngram:
        banned_NV = _without_repeated_ngrams(banned_NV, prefixes, bans.no_repeat_ngram)
    if bans.sequences:
        banned_NV = _without_sequences(banned_NV, prefixes, bans.sequences)
    if spared_N is None:
        return banned_NV
    spared_logit_N = tf.gather(banned_NV, tf.maximum(spared_N, 0), batch_dims=1)
    freed_N = (spared_N >= 0) & (spared_logit_N < NEARLY_BANNED)
    return tf.where(freed_N[:, None], logits_NV, banned_NV)


def _without_early_end(logits_NV: tf.Tensor, prefixes: Prefixes) -> tf.Tensor:
    early_N = prefixes.lengths_N < prefixes.least_N
    end_V = tf.one_hot(EOS_ID, logits_NV.shape[-1], on_value=BANNED, off_value=0.0)
    # Most steps have no such row, and then there is nothing to do.
    return tf.cond(
        tf.reduce_any(early_N),
        lambda: tf.where(early_N[:, None], logits_NV + end_V, logits_NV),
        lambda: logits_NV,
    )


def _repetition_penalised(logits_NV: tf.Tensor, prefixes: Prefixes, penalty: float) -> tf.Tensor:
    """CTRL's rule: x / penalty where x > 0, else x * penalty, for tokens that the prefix holds."""
    said_NT = tf.sequence_mask(prefixes.lengths_N, tf.shape(prefixes.ids_NT)[1], tf.int32)
    said_NV = tf.tensor_scatter_nd_max(tf.zeros_like(logits_NV, tf.int32), _cells(prefixes.ids_NT), said_NT)
    penalised_NV = tf.where(logits_NV < 0.0, logits_NV * penalty, logits_NV / penalty)
    return tf.where(said_NV > 0, penalised_NV, logits_NV)


def _without_repeated_ngrams(logits_NV: tf.Tensor, prefixes: Prefixes, size: int) -> tf.Tensor:
    """Ban what would end a sequence of `size` tokens that the prefix holds already."""
    ids_NT, lengths_N, _ = prefixes
    places_T = tf.range(tf.shape(ids_NT)[1])
    # Place t holds a token to ban if the size - 1 tokens before t are the last ones of the prefix.
    same_NT = (places_T >= size - 1) & (places_T < lengths_N[:, None])
    for back in range(1, size):
        same_NT &= tf.equal(tf.roll(ids_NT, back, axis=1), _from_end(prefixes, back)[:, None])
    return _banned_where(logits_NV, ids_NT, same_NT)


def _without_sequences(logits_NV: tf.Tensor, prefixes: Prefixes, sequences: Sequence[tuple[int, ...]]) -> tf.Tensor:
    by_size: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for sequence in sequences:
        by_size[len(sequence)].append(sequence)
    single_V = tf.reduce_max(tf.one_hot([token for (token,) in by_size.pop(1, [])], logits_NV.shape[-1]), axis=0)
    logits_NV = tf.where(single_V > 0.0, BANNED, logits_NV)
    for size, equally_long in by_size.items():
        last_L = tf.constant([sequence[-1] for sequence in equally_long])
        same_NL = tf.repeat(prefixes.lengths_N[:, None] >= size - 1, len(equally_long), axis=1)
        for back in range(1, size):
            wanted_L = tf.constant([sequence[-1 - back] for sequence in equally_long])
            same_NL &= tf.equal(_from_end(prefixes, back)[:, None], wanted_L)
        logits_NV = _banned_where(logits_NV, tf.broadcast_to(last_L, tf.shape(same_NL)), same_NL)
    return logits_NV


def _from_end(prefixes: Prefixes, back: int) -> tf.Tensor:
    """The token so many places from the end of each prefix, 1 for the last: (N,); anything where there is none."""
    return tf.gather(prefixes.ids_NT, tf.maximum(prefixes.lengths_N - back, 0), batch_dims=1)


def _banned_where(logits_NV: tf.Tensor, tokens_NT: tf.Tensor, ban_NT: tf.Tensor) -> tf.Tensor:
    """Ban tokens; one that is named twice in a row is banned if either says so."""
    ceilings_NT = tf.where(ban_NT, BANNED, logits_NV.dtype.max)
    return tf.tensor_scatter_nd_min(logits_NV, _cells(tokens_NT), ceilings_NT)


def _cells(tokens_NT: tf.Tensor) -> tf.Tensor:
    """Where each token stands in a table of rows and vocabulary: (N, T, 2)."""
    rows_N1 = tf.range(tf.shape(tokens_NT)[0])[:, None]
    return tf.stack([tf.broadcast_to(rows_N1, tf.shape(tokens_NT)), tokens_NT], axis=-1)
