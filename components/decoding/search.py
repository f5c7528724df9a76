"""The one search loop: greedy is beam search with one beam. Runs in the graph, with the model's state as its cache.

`beams.py` has the rule, `constraints.py` what may follow a prefix, `layout.py` says why the shapes are fixed, and
`lockstep.py` how the groups of a block go forward together.

Shapes: G groups of a block, R sentences of a group, S source length, K beams, N rows of a step (R * K), V vocabulary, H
hypotheses kept, P tokens of a forced prefix, Q sentences of a block (G * R).
"""

from typing import NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.decoding.beams import (
    Candidates,
    advance,
    best_candidates,
    drawn_candidates,
    first_beams,
    nothing_finished,
)
from seq2seq_tfx.components.decoding.constraints import Prefixes, constrained
from seq2seq_tfx.components.decoding.layout import Layout
from seq2seq_tfx.components.decoding.lockstep import Group, Loop, run_in_lockstep
from seq2seq_tfx.components.decoding.rules import Rules
from seq2seq_tfx.components.decoding.sampling import draw, fingerprints, uniform
from seq2seq_tfx.components.models.interface import Seq2SeqModel, Tensors
from seq2seq_tfx.schemas.features import BOS_ID, PAD_ID


class Task(NamedTuple):
    """What is searched for: a block of groups, whose sources have one padded width."""

    source_ids_GRS: tf.Tensor
    """int32; R is `Layout(rules.beams).sentences`."""
    lengths_GR: tf.Tensor
    """int32, of the sources, end mark counted. Nothing is found where it is at most 1: dummies and empty sources."""
    prefix_GRP: tf.Tensor | None = None
    """int32: what each translation must begin with, then PAD_ID; None for a free choice."""


class Found(NamedTuple):
    """The best hypotheses of each sentence, the best first."""

    ids_QHT: tf.Tensor
    """int32 tokens, then PAD_ID."""
    lengths_QH: tf.Tensor
    """int32; the end mark is not counted."""
    scores_QH: tf.Tensor
    """float32: log p / normaliser, end mark counted; `IMPOSSIBLE` where there is no hypothesis, 0 for the best one
    where nothing was searched for."""
    ended_QH: tf.Tensor
    """bool: whether an end mark stopped it; true where nothing was searched for."""


def search(model: Seq2SeqModel, task: Task, rules: Rules) -> Found:
    """Translate a block of groups, each of the layout's shape. To be called inside a `tf.function`.

    As in CTranslate2, a translation has at least one token: EOS cannot come first. One that reaches its longest length
    has no end mark.

    Args:
        model: The model.
        task: Sources, and what their translations begin with; at least one group.
        rules: From `rules_of`.
    """
    found = run_in_lockstep(
        tf.shape(task.lengths_GR)[0],
        lambda number: _begin(model, task, rules, number),
        lambda group, step: _step(model, rules, group, step),
    )
    lengths_Q = tf.reshape(task.lengths_GR, [-1])
    nothing_Q1 = lengths_Q[:, None] <= 1
    nothing_QH = nothing_Q1 & (tf.range(rules.hypotheses) == 0)
    return Found(
        found.ids_RHT,
        found.lengths_RH,
        tf.where(nothing_QH, 0.0, found.scores_RH),
        found.ended_RH | nothing_Q1,
    )


def _begin(model: Seq2SeqModel, task: Task, rules: Rules, number: tf.Tensor) -> Group:
    """One group before its first step: the source is read."""
    sentences, beams = Layout(rules.beams).sentences, rules.beams
    source_ids_RS = tf.ensure_shape(task.source_ids_GRS[number], [sentences, None])
    lengths_R = tf.ensure_shape(task.lengths_GR[number], [sentences])
    memory, state = model.start(model.encode(source_ids_RS), beams)
    least_R, most_R = rules.limits(lengths_R)
    by_sentence = {"keys": fingerprints(source_ids_RS), "most": most_R}
    if task.prefix_GRP is not None:
        by_sentence["prefix"] = tf.ensure_shape(task.prefix_GRP[number], [sentences, None])
    return Group(
        places_R=number * sentences + tf.range(sentences),
        by_sentence=by_sentence,
        least_N=tf.repeat(least_R, beams),
        memory=memory,
        loop=Loop(
            token_RK=tf.fill([sentences, beams], BOS_ID),
            state=state,
            alive=first_beams(sentences, beams),
            finished=nothing_finished(lengths_R > 1, rules.hypotheses),
        ),
    )


def _step(model: Seq2SeqModel, rules: Rules, group: Group, step: tf.Tensor) -> Loop:
    loop = group.loop
    logits_NV, state = model.step(group.memory, loop.state, loop.token_RK, step)
    candidates = _continuations(rules, group, step, logits_NV)
    alive, origins_RK, finished = advance(candidates, loop.finished, rules, group.by_sentence["most"])
    first_R1 = tf.range(origins_RK.shape[0])[:, None] * rules.beams
    state = model.reordered(state, tf.reshape(first_R1 + origins_RK, [-1]))
    return Loop(alive.ids_RKT[:, :, -1], state, alive, finished)


def _continuations(rules: Rules, group: Group, step: tf.Tensor, logits_NV: tf.Tensor) -> Candidates:
    alive = group.loop.alive
    forced_R = _forced_tokens(group.by_sentence, step)
    spared_N = None if forced_R is None else tf.repeat(forced_R, rules.beams)
    logits_NV = constrained(logits_NV, _prefixes(group, step), rules.bans, spared_N)
    if rules.sampling is None:
        return best_candidates(alive, logits_NV, forced_R)
    # Sampling has one beam, so rows are sentences.
    drawn_R = draw(logits_NV, uniform(group.by_sentence["keys"], step, rules.sampling.seed), rules.sampling)
    if forced_R is not None:
        drawn_R = tf.where(forced_R >= 0, forced_R, drawn_R)
    return drawn_candidates(alive, logits_NV, drawn_R)


def _prefixes(group: Group, step: tf.Tensor) -> Prefixes:
    """What was said in each row, with one more column, so that there is one."""
    rows = group.least_N.shape[0]
    ids_NT = tf.pad(tf.reshape(group.loop.alive.ids_RKT, [rows, step]), [[0, 0], [0, 1]], constant_values=PAD_ID)
    return Prefixes(ids_NT, tf.fill([rows], step), group.least_N)


def _forced_tokens(by_sentence: Tensors, step: tf.Tensor) -> tf.Tensor | None:
    """The token that each translation must go on with, -1 where its prefix is over: int32 (R,)."""
    if "prefix" not in by_sentence:
        return None
    longest = tf.shape(by_sentence["prefix"])[1]
    padded_RP = tf.pad(by_sentence["prefix"], [[0, 0], [0, 1]], constant_values=PAD_ID)
    token_R = padded_RP[:, tf.minimum(step, longest)]
    return tf.where(tf.equal(token_R, PAD_ID), -1, token_R)
