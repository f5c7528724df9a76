"""One step of beam search as a pure function: which prefixes go on, which are finished, which sentences are done.

The rule is CTranslate2's (4.x: `BeamSearch`, patience 1, no coverage penalty):

- of all continuations of all beams the best 2K are looked at, in the order of their summed log-probabilities;
- those of the first K that end with EOS are finished; at the last step all K are. A finished hypothesis scores
  sum of log p / length ** length_penalty, where the length counts EOS, so it is the number of steps;
- the K best of the 2K that do not end with EOS go on;
- a sentence is done when K of its hypotheses are finished, or at the last step. Without a length penalty it is done as
  soon as the best continuation was a finished one: no other can then beat what is finished.

The translation is the finished hypothesis with the best score, the earlier one if two have the same.

Shapes: R sentences, K beams, N rows (R * K and dummies), C candidates (2K), V vocabulary, T tokens so far.
"""

from typing import Final, NamedTuple

import tensorflow as tf

from seq2seq_tfx.schemas.features import EOS_ID, PAD_ID

IMPOSSIBLE: Final = -1e30
"""The score of what must not be chosen; adding log-probabilities to it changes nothing."""


class Alive(NamedTuple):
    """The prefixes that go on."""

    ids_RKT: tf.Tensor
    """int32 tokens, without BOS."""
    scores_RK: tf.Tensor
    """Sums of log-probabilities."""


class Finished(NamedTuple):
    """What is known of each sentence's finished hypotheses."""

    ids_RT: tf.Tensor
    """The best one's tokens, PAD_ID from its end mark on."""
    lengths_R: tf.Tensor
    """Its number of tokens, end mark not counted."""
    scores_R: tf.Tensor
    """Its score; `IMPOSSIBLE` if none is finished."""
    counts_R: tf.Tensor
    """How many are finished."""
    done_R: tf.Tensor
    """Whether the search of this sentence is over."""


class Candidates(NamedTuple):
    """The best continuations of each sentence's beams, best first."""

    ids_RCT: tf.Tensor
    scores_RC: tf.Tensor
    beams_RC: tf.Tensor
    """Which beam each continues."""


class Rules(NamedTuple):
    """What of the settings decides when a hypothesis or a sentence is finished."""

    beams: int
    length_penalty: float
    max_length: int


def first_beams(sentences: int, beams: int) -> Alive:
    """Before the first step: one empty prefix a sentence (the other beams are impossible, so they are never chosen)."""
    scores_K = tf.constant([0.0] + [IMPOSSIBLE] * (beams - 1))
    return Alive(tf.zeros([sentences, beams, 0], tf.int32), tf.tile(scores_K[None], [sentences, 1]))


def nothing_finished(searched_R: tf.Tensor) -> Finished:
    """Before the first step; the search of a sentence that is not `searched_R` is over before it starts."""
    zeros_R = tf.zeros_like(searched_R, tf.int32)
    return Finished(
        ids_RT=tf.zeros([tf.shape(searched_R)[0], 0], tf.int32),
        lengths_R=zeros_R,
        scores_R=tf.fill(tf.shape(searched_R), IMPOSSIBLE),
        counts_R=zeros_R,
        done_R=tf.logical_not(searched_R),
    )


def best_candidates(alive: Alive, logits_NV: tf.Tensor) -> Candidates:
    """The 2K best continuations of each sentence: the best of each beam first, then the best of those.

    Args:
        alive: The prefixes.
        logits_NV: float32 logits of their next tokens; the first R * K rows count, the others are dummies.
    """
    sentences, beams, _ = alive.ids_RKT.shape
    kept = min(2 * beams, logits_NV.shape[-1])
    top_NC, tokens_NC = tf.math.top_k(logits_NV, k=kept)
    best_N1 = top_NC[:, :1]
    log_sum_N1 = tf.math.log(tf.reduce_sum(tf.exp(logits_NV - best_N1), axis=1, keepdims=True))
    log_probs_NC = top_NC - best_N1 - log_sum_N1
    scores_RKC = alive.scores_RK[:, :, None] + _by_beam(log_probs_NC, sentences, beams)
    scores_RC, flat_RC = tf.math.top_k(tf.reshape(scores_RKC, [sentences, beams * kept]), k=2 * beams)
    tokens_RC = tf.gather(tf.reshape(_by_beam(tokens_NC, sentences, beams), [sentences, -1]), flat_RC, batch_dims=1)
    beams_RC = flat_RC // kept
    prefixes_RCT = tf.gather(alive.ids_RKT, beams_RC, batch_dims=1)
    return Candidates(tf.concat([prefixes_RCT, tokens_RC[:, :, None]], axis=2), scores_RC, beams_RC)


def _by_beam(values_NC: tf.Tensor, sentences: int, beams: int) -> tf.Tensor:
    return tf.reshape(values_NC[: sentences * beams], [sentences, beams, values_NC.shape[-1]])


def advance(candidates: Candidates, finished: Finished, rules: Rules) -> tuple[Alive, tf.Tensor, Finished]:
    """Sort the candidates into finished ones and those that go on.

    Args:
        candidates: From `best_candidates`.
        finished: Before this step.
        rules: Beams, length penalty, longest translation.

    Returns:
        The prefixes that go on, the beam that each of them continues (R, K), and `finished` after this step.
    """
    ends_RC = tf.equal(candidates.ids_RCT[:, :, -1], EOS_ID)
    places_C = tf.range(2 * rules.beams)
    # Those that go on first, both kinds in their order.
    going_on_RK = tf.math.top_k(-(places_C + 2 * rules.beams * tf.cast(ends_RC, tf.int32)), k=rules.beams).indices
    alive = Alive(
        tf.gather(candidates.ids_RCT, going_on_RK, batch_dims=1),
        tf.gather(candidates.scores_RC, going_on_RK, batch_dims=1),
    )
    origins_RK = tf.gather(candidates.beams_RC, going_on_RK, batch_dims=1)
    return alive, origins_RK, _finish(candidates, ends_RC, finished, rules)


def _finish(candidates: Candidates, ends_RC: tf.Tensor, finished: Finished, rules: Rules) -> Finished:
    steps = tf.shape(candidates.ids_RCT)[2]
    last = steps >= rules.max_length
    possible_RC = candidates.scores_RC > IMPOSSIBLE / 2
    new_RK = ((ends_RC | last) & possible_RC & ~finished.done_R[:, None])[:, : rules.beams]
    any_R = tf.reduce_any(new_RK, axis=1)
    # Candidates are sorted and of one length: the first new one is the best new one.
    first_R = tf.argmax(tf.cast(new_RK, tf.int32), axis=1, output_type=tf.int32)
    normaliser = tf.pow(tf.cast(steps, tf.float32), rules.length_penalty)
    score_R = tf.gather(candidates.scores_RC, first_R, batch_dims=1) / normaliser
    better_R = any_R & (score_R > finished.scores_R)
    ends_R = tf.gather(ends_RC, first_R, batch_dims=1)
    ids_RT = tf.gather(candidates.ids_RCT, first_R, batch_dims=1)
    ids_RT = tf.where(tf.equal(ids_RT, EOS_ID), PAD_ID, ids_RT)
    counts_R = finished.counts_R + tf.reduce_sum(tf.cast(new_RK, tf.int32), axis=1)
    enough_R = new_RK[:, 0] if rules.length_penalty == 0.0 else counts_R >= rules.beams
    return Finished(
        ids_RT=tf.where(better_R[:, None], ids_RT, tf.pad(finished.ids_RT, [[0, 0], [0, 1]], constant_values=PAD_ID)),
        lengths_R=tf.where(better_R, steps - tf.cast(ends_R, tf.int32), finished.lengths_R),
        scores_R=tf.where(better_R, score_R, finished.scores_R),
        counts_R=counts_R,
        done_R=finished.done_R | last | enough_R,
    )
