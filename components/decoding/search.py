"""The one search loop: greedy is beam search with one beam. Runs in the graph, with the model's state as its cache.

`beams.py` has the rule, `constraints.py` what may follow a prefix, `layout.py` says why the shapes are fixed, and
`lockstep.py` how the groups of a block go forward together.

Shapes: G groups of a block, E encoded sentences of a group, S source length, R sentences of a group, K beams, N rows of
a step, V vocabulary, H hypotheses kept, P tokens of a forced prefix, Q sentences of a block (G * R).
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

    source_ids_GES: tf.Tensor
    """int32; E is `Layout(rules.beams).encoded`, the first R of a group are those searched for."""
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
    layout = Layout(rules.beams)
    place_N = tf.constant(layout.sentence_of_row())
    source_ids_ES = tf.ensure_shape(task.source_ids_GES[number], [layout.encoded, None])
    lengths_R = tf.ensure_shape(task.lengths_GR[number], [layout.sentences])
    memory, state = model.start(model.encode(source_ids_ES))
    least_R, most_R = rules.limits(lengths_R)
    by_sentence = {"keys": fingerprints(source_ids_ES[: layout.sentences]), "most": most_R}
    if task.prefix_GRP is not None:
        by_sentence["prefix"] = tf.ensure_shape(task.prefix_GRP[number], [layout.sentences, None])
    return Group(
        places_R=number * layout.sentences + tf.range(layout.sentences),
        by_sentence=by_sentence,
        least_N=tf.gather(least_R, place_N),
        memory={name: tf.gather(tensor, place_N) for name, tensor in memory.items()},
        loop=Loop(
            token_N=tf.fill([layout.rows], BOS_ID),
            state={name: tf.gather(tensor, place_N) for name, tensor in state.items()},
            alive=first_beams(layout.sentences, rules.beams),
            finished=nothing_finished(lengths_R > 1, rules.hypotheses),
        ),
    )


def _step(model: Seq2SeqModel, rules: Rules, group: Group, step: tf.Tensor) -> Loop:
    layout, loop = Layout(rules.beams), group.loop
    used = layout.sentences * layout.beams
    logits_NV, state = model.step(group.memory, loop.state, loop.token_N, step)
    candidates = _continuations(rules, group, step, logits_NV)
    alive, origins_RK, finished = advance(candidates, loop.finished, rules, group.by_sentence["most"])
    origin_N = _in_rows(tf.range(layout.sentences)[:, None] * layout.beams + origins_RK, tf.range(used, layout.rows))
    token_N = _in_rows(alive.ids_RKT[:, :, -1], tf.fill([layout.rows - used], BOS_ID))
    return Loop(token_N, {name: tf.gather(tensor, origin_N) for name, tensor in state.items()}, alive, finished)


def _continuations(rules: Rules, group: Group, step: tf.Tensor, logits_NV: tf.Tensor) -> Candidates:
    layout, alive = Layout(rules.beams), group.loop.alive
    forced_R = _forced_tokens(group.by_sentence, step)
    spared_N = None if forced_R is None else tf.gather(forced_R, tf.constant(layout.sentence_of_row()))
    logits_NV = constrained(logits_NV, _prefixes(group, step), rules.bans, spared_N)
    if rules.sampling is None:
        return best_candidates(alive, logits_NV, forced_R)
    keys_N2 = tf.gather(group.by_sentence["keys"], tf.constant(layout.sentence_of_row()))
    drawn_N = draw(logits_NV, uniform(keys_N2, step, rules.sampling.seed), rules.sampling)
    drawn_R = drawn_N[: layout.sentences]
    if forced_R is not None:
        drawn_R = tf.where(forced_R >= 0, forced_R, drawn_R)
    return drawn_candidates(alive, logits_NV, drawn_R)


def _prefixes(group: Group, step: tf.Tensor) -> Prefixes:
    """What was said in each row, with one more column, so that there is one; dummies have said 0s."""
    sentences, beams, _ = group.loop.alive.ids_RKT.shape
    ids_NT = tf.reshape(group.loop.alive.ids_RKT, [sentences * beams, step])
    rows = group.least_N.shape[0]
    ids_NT = tf.pad(ids_NT, [[0, rows - sentences * beams], [0, 1]], constant_values=PAD_ID)
    return Prefixes(ids_NT, tf.fill([rows], step), group.least_N)


def _forced_tokens(by_sentence: Tensors, step: tf.Tensor) -> tf.Tensor | None:
    """The token that each translation must go on with, -1 where its prefix is over: int32 (R,)."""
    if "prefix" not in by_sentence:
        return None
    longest = tf.shape(by_sentence["prefix"])[1]
    padded_RP = tf.pad(by_sentence["prefix"], [[0, 0], [0, 1]], constant_values=PAD_ID)
    token_R = padded_RP[:, tf.minimum(step, longest)]
    return tf.where(tf.equal(token_R, PAD_ID), -1, token_R)


def _in_rows(values_RK: tf.Tensor, dummies: tf.Tensor) -> tf.Tensor:
    return tf.concat([tf.reshape(values_RK, [-1]), dummies], axis=0)
