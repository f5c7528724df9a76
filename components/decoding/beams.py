"""One step of beam search as a pure function: which prefixes go on, which are finished, which sentences are done.

The rule is CTranslate2's (4.x: `BeamSearch`, patience 1):

- of all continuations of all beams the best 2K are looked at, in the order of their summed log-probabilities;
- those of the first K that end with EOS are finished; at a sentence's last step all K are. A finished hypothesis scores
  sum of log p / length ** length_penalty, where the length counts EOS, so it is the number of steps;
- the K best of the 2K that do not end with EOS go on;
- a sentence is done when K of its hypotheses are finished, or at its last step. Without length and coverage penalty it
  is done as soon as the best continuation was a finished one: no other can then beat what is finished. (For more than
  the best hypothesis, both must have happened.)

The translation is the finished hypothesis with the best score, the earlier one if two have the same. What is banned
never becomes a hypothesis; a sentence is done when all its beams are banned, too.

Shapes: R sentences, K beams, H hypotheses kept, N rows (R * K), C candidates (2K), V vocabulary, T tokens
so far.
"""

from typing import Final, NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.decoding.constraints import NEARLY_BANNED
from seq2seq_tfx.components.decoding.rules import Rules
from seq2seq_tfx.schemas.features import EOS_ID, PAD_ID

IMPOSSIBLE: Final = -1e30
"""The score of what must not be chosen; adding log-probabilities to it changes nothing."""


_STRETCH: Final = 32
"""Tokens whose best is found first."""


class Alive(NamedTuple):
    """The prefixes that go on."""

    ids_RKT: tf.Tensor
    """int32 tokens, without BOS."""
    scores_RK: tf.Tensor
    """Sums of log-probabilities."""


class Finished(NamedTuple):
    """What is known of each sentence's finished hypotheses."""

    ids_RHT: tf.Tensor
    """The best ones' tokens, the best first, PAD_ID from the end mark on."""
    lengths_RH: tf.Tensor
    """Their number of tokens, end mark not counted."""
    scores_RH: tf.Tensor
    """Their scores; `IMPOSSIBLE` where there is no hypothesis."""
    ended_RH: tf.Tensor
    """Whether an end mark stopped them, not the limit of their length."""
    counts_R: tf.Tensor
    """How many are finished, those that are not kept included."""
    top_R: tf.Tensor
    """Whether the best continuation of some step was a finished one."""
    done_R: tf.Tensor
    """Whether the search of this sentence is over."""


class Candidates(NamedTuple):
    """The best continuations of each sentence's beams, best first."""

    ids_RCT: tf.Tensor
    scores_RC: tf.Tensor
    beams_RC: tf.Tensor
    """Which beam each continues."""


def first_beams(sentences: int, beams: int) -> Alive:
    """Before the first step: one empty prefix a sentence (the other beams are impossible, so they are never chosen)."""
    scores_K = tf.constant([0.0] + [IMPOSSIBLE] * (beams - 1))
    return Alive(tf.zeros([sentences, beams, 0], tf.int32), tf.tile(scores_K[None], [sentences, 1]))


def nothing_finished(searched_R: tf.Tensor, hypotheses: int) -> Finished:
    """Before the first step; the search of a sentence that is not `searched_R` is over before it starts."""
    sentences = searched_R.shape[0]
    return Finished(
        ids_RHT=tf.zeros([sentences, hypotheses, 0], tf.int32),
        lengths_RH=tf.zeros([sentences, hypotheses], tf.int32),
        scores_RH=tf.fill([sentences, hypotheses], IMPOSSIBLE),
        ended_RH=tf.zeros([sentences, hypotheses], tf.bool),
        counts_R=tf.zeros([sentences], tf.int32),
        top_R=tf.zeros([sentences], tf.bool),
        done_R=tf.logical_not(searched_R),
    )


def best_candidates(alive: Alive, logits_NV: tf.Tensor, forced_R: tf.Tensor | None = None) -> Candidates:
    """The 2K best continuations of each sentence: the best of each beam first, then the best of those.

    Args:
        alive: The prefixes.
        logits_NV: float32 logits of their next tokens.
        forced_R: int32, the token that a sentence goes on with, whatever its probability; -1 for a free choice.
    """
    sentences, beams, _ = alive.ids_RKT.shape
    kept = min(2 * beams, logits_NV.shape[-1])
    top_NC, tokens_NC = best_of(logits_NV, kept)
    log_sum_N1 = _log_sum(logits_NV, top_NC[:, :1])
    log_probs_NC = tf.where(top_NC > NEARLY_BANNED, top_NC - top_NC[:, :1] - log_sum_N1, IMPOSSIBLE)
    log_probs_RKC, tokens_RKC = (_by_beam(each, sentences, beams) for each in (log_probs_NC, tokens_NC))
    if forced_R is not None:
        forced_log_probs_N1 = _logit_of(logits_NV, tf.repeat(forced_R, beams)) - top_NC[:, :1] - log_sum_N1
        only_NC = tf.pad(forced_log_probs_N1, [[0, 0], [0, kept - 1]], constant_values=IMPOSSIBLE)
        is_forced_R11 = (forced_R >= 0)[:, None, None]
        log_probs_RKC = tf.where(is_forced_R11, _by_beam(only_NC, sentences, beams), log_probs_RKC)
        tokens_RKC = tf.where(is_forced_R11, forced_R[:, None, None], tokens_RKC)
    scores_RKC = alive.scores_RK[:, :, None] + log_probs_RKC
    scores_RC, flat_RC = tf.math.top_k(tf.reshape(scores_RKC, [sentences, beams * kept]), k=2 * beams)
    tokens_RC = tf.gather(tf.reshape(tokens_RKC, [sentences, beams * kept]), flat_RC, batch_dims=1)
    return _candidates(alive, tokens_RC, scores_RC, flat_RC // kept)


def best_of(logits_NV: tf.Tensor, kept: int) -> tuple[tf.Tensor, tf.Tensor]:
    """`tf.math.top_k`, faster for a large V: the best `kept` stand in the `kept` stretches with the best maxima.

    Returns:
        The best of each row, the best first, of equal ones the first, and their places: (N, `kept`) each.
    """
    vocabulary = logits_NV.shape[-1]
    stretches = -(-vocabulary // _STRETCH)
    if stretches < 4 * kept:
        best_NC, places_NC = tf.math.top_k(logits_NV, k=kept)
        return best_NC, places_NC
    missing = stretches * _STRETCH - vocabulary
    if missing:
        logits_NV = tf.pad(logits_NV, [[0, 0], [0, missing]], constant_values=logits_NV.dtype.min)
    by_stretch = tf.reshape(logits_NV, [-1, stretches, _STRETCH])
    chosen_NC = tf.math.top_k(tf.reduce_max(by_stretch, axis=2), k=kept).indices
    chosen_NC = tf.sort(chosen_NC, axis=1)  # in the vocabulary's order, so that of equals the first is found first
    few_NF = tf.reshape(tf.gather(by_stretch, chosen_NC, batch_dims=1), [-1, kept * _STRETCH])
    best_NC, places_NC = tf.math.top_k(few_NF, k=kept)
    stretch_NC = tf.gather(chosen_NC, places_NC // _STRETCH, batch_dims=1)
    return best_NC, stretch_NC * _STRETCH + places_NC % _STRETCH


def drawn_candidates(alive: Alive, logits_NV: tf.Tensor, drawn_R: tf.Tensor) -> Candidates:
    """The one beam's continuation by a token that was drawn, and an impossible second one.

    Args:
        alive: The prefixes, one a sentence.
        logits_NV: float32 logits of their next tokens, penalties and bans applied.
        drawn_R: int32.
    """
    sentences = drawn_R.shape[0]
    best_N1 = tf.reduce_max(logits_NV, axis=1, keepdims=True)
    logits_N1 = _logit_of(logits_NV, drawn_R)
    log_probs_N1 = tf.where(logits_N1 > NEARLY_BANNED, logits_N1 - best_N1 - _log_sum(logits_NV, best_N1), IMPOSSIBLE)
    scores_R1 = alive.scores_RK + log_probs_N1
    scores_RC = tf.concat([scores_R1, tf.fill([sentences, 1], IMPOSSIBLE)], axis=1)
    tokens_RC = tf.pad(drawn_R[:, None], [[0, 0], [0, 1]], constant_values=PAD_ID)
    return _candidates(alive, tokens_RC, scores_RC, tf.zeros([sentences, 2], tf.int32))


def _log_sum(logits_NV: tf.Tensor, best_N1: tf.Tensor) -> tf.Tensor:
    return tf.math.log(tf.reduce_sum(tf.exp(logits_NV - best_N1), axis=1, keepdims=True))


def _logit_of(logits_NV: tf.Tensor, tokens_N: tf.Tensor) -> tf.Tensor:
    return tf.gather(logits_NV, tf.maximum(tokens_N, 0), batch_dims=1)[:, None]


def _by_beam(values_NC: tf.Tensor, sentences: int, beams: int) -> tf.Tensor:
    return tf.reshape(values_NC, [sentences, beams, values_NC.shape[-1]])


def _candidates(alive: Alive, tokens_RC: tf.Tensor, scores_RC: tf.Tensor, beams_RC: tf.Tensor) -> Candidates:
    prefixes_RCT = tf.gather(alive.ids_RKT, beams_RC, batch_dims=1)
    return Candidates(tf.concat([prefixes_RCT, tokens_RC[:, :, None]], axis=2), scores_RC, beams_RC)


def advance(
    candidates: Candidates, finished: Finished, rules: Rules, most_R: tf.Tensor
) -> tuple[Alive, tf.Tensor, Finished]:
    """Sort the candidates into finished ones and those that go on.

    Args:
        candidates: The best 2K.
        finished: Before this step.
        rules: Beams, hypotheses, penalties.
        most_R: int32, the longest translation of each sentence.

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
    return alive, origins_RK, _finish(candidates, finished, rules, most_R)


def _finish(candidates: Candidates, finished: Finished, rules: Rules, most_R: tf.Tensor) -> Finished:
    steps = tf.shape(candidates.ids_RCT)[2]
    last_R = steps >= most_R
    first = slice(None), slice(rules.beams)
    ids_RKT, sums_RK = candidates.ids_RCT[first], candidates.scores_RC[first]
    ends_RK = tf.equal(ids_RKT[:, :, -1], EOS_ID)
    new_RK = (ends_RK | last_R[:, None]) & (sums_RK > NEARLY_BANNED) & ~finished.done_R[:, None]
    scores_RK = tf.where(new_RK, sums_RK / rules.normaliser(tf.cast(steps, tf.float32)), IMPOSSIBLE)
    # Of equal scores the first is chosen: what was finished earlier, then what had the better place.
    scores_RH, chosen_RH = tf.math.top_k(tf.concat([finished.scores_RH, scores_RK], axis=1), k=rules.hypotheses)

    def merged(old: tf.Tensor, new: tf.Tensor) -> tf.Tensor:
        return tf.gather(tf.concat([old, new], axis=1), chosen_RH, batch_dims=1)

    old_ids_RHT = tf.pad(finished.ids_RHT, [[0, 0], [0, 0], [0, 1]], constant_values=PAD_ID)
    counts_R = finished.counts_R + tf.reduce_sum(tf.cast(new_RK, tf.int32), axis=1)
    top_R = finished.top_R | new_RK[:, 0]
    stuck_R = tf.reduce_all(candidates.scores_RC < NEARLY_BANNED, axis=1)
    return Finished(
        ids_RHT=merged(old_ids_RHT, tf.where(tf.equal(ids_RKT, EOS_ID), PAD_ID, ids_RKT)),
        lengths_RH=merged(finished.lengths_RH, steps - tf.cast(ends_RK, tf.int32)),
        scores_RH=scores_RH,
        ended_RH=merged(finished.ended_RH, ends_RK),
        counts_R=counts_R,
        top_R=top_R,
        done_R=finished.done_R | last_R | stuck_R | _enough(counts_R, top_R, rules),
    )


def _enough(counts_R: tf.Tensor, top_R: tf.Tensor, rules: Rules) -> tf.Tensor:
    if rules.length_penalty == 0.0 and rules.coverage_penalty == 0.0:
        return top_R & (counts_R >= rules.hypotheses)
    return counts_R >= rules.beams
