"""The one search loop: greedy is beam search with one beam. Runs in the graph, with the model's state as its cache.

`beams.py` has the rule, `constraints.py` what may follow a prefix, `layout.py` says why the shapes are fixed.

Shapes: E encoded sentences, S source length, R sentences searched for, K beams, N rows of a step, V vocabulary, H
hypotheses kept, P tokens of a forced prefix.
"""

from typing import NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.decoding.beams import (
    Alive,
    Candidates,
    Finished,
    advance,
    best_candidates,
    drawn_candidates,
    first_beams,
    nothing_finished,
)
from seq2seq_tfx.components.decoding.constraints import Prefixes, constrained
from seq2seq_tfx.components.decoding.layout import Layout
from seq2seq_tfx.components.decoding.rules import Rules
from seq2seq_tfx.components.decoding.sampling import draw, fingerprints, uniform
from seq2seq_tfx.components.models.interface import Seq2SeqModel, Tensors
from seq2seq_tfx.schemas.features import BOS_ID, PAD_ID


class Task(NamedTuple):
    """What is searched for."""

    source_ids_ES: tf.Tensor
    """int32; E is `Layout(rules.beams).encoded`, the first R are those searched for."""
    lengths_R: tf.Tensor
    """int32, of the sources, end mark counted. Nothing is found where it is at most 1: dummies and empty sources."""
    prefix_RP: tf.Tensor | None = None
    """int32: what each translation must begin with, then PAD_ID; None for a free choice."""


class Found(NamedTuple):
    """The best hypotheses of each sentence, the best first."""

    ids_RHT: tf.Tensor
    """int32 tokens, then PAD_ID."""
    lengths_RH: tf.Tensor
    """int32; the end mark is not counted."""
    scores_RH: tf.Tensor
    """float32: log p / normaliser, end mark counted; `IMPOSSIBLE` where there is no hypothesis, 0 for the best one
    where nothing was searched for."""
    ended_RH: tf.Tensor
    """bool: whether an end mark stopped it; true where nothing was searched for."""


class _Fixed(NamedTuple):
    """What stays the same from step to step."""

    memory: Tensors
    task: Task
    keys_R2: tf.Tensor
    least_N: tf.Tensor
    most_R: tf.Tensor
    rules: Rules


class _Loop(NamedTuple):
    """What is carried from step to step."""

    step: tf.Tensor
    token_N: tf.Tensor
    state: Tensors
    alive: Alive
    finished: Finished


def search(model: Seq2SeqModel, task: Task, rules: Rules) -> Found:
    """Translate one batch of the layout's shape. To be called inside a `tf.function`.

    As in CTranslate2, a translation has at least one token: EOS cannot come first. One that reaches its longest length
    has no end mark.

    Args:
        model: The model.
        task: Sources, and what their translations begin with.
        rules: From `rules_of`.
    """
    layout = Layout(rules.beams)
    place_N = tf.constant(layout.sentence_of_row())
    memory, state = model.start(model.encode(task.source_ids_ES))
    searched_R = tf.ensure_shape(task.lengths_R > 1, [layout.sentences])
    least_R, most_R = rules.limits(task.lengths_R)
    fixed = _Fixed(
        memory={name: tf.gather(tensor, place_N) for name, tensor in memory.items()},
        task=task,
        keys_R2=fingerprints(task.source_ids_ES[: layout.sentences]),
        least_N=tf.gather(least_R, place_N),
        most_R=most_R,
        rules=rules,
    )
    start = _Loop(
        step=tf.constant(0),
        token_N=tf.fill([layout.rows], BOS_ID),
        state={name: tf.gather(tensor, place_N) for name, tensor in state.items()},
        alive=first_beams(layout.sentences, rules.beams),
        finished=nothing_finished(searched_R, rules.hypotheses),
    )
    found = _run(model, fixed, start).finished
    nothing_RH = ~searched_R[:, None] & (tf.range(rules.hypotheses) == 0)
    return Found(
        found.ids_RHT,
        found.lengths_RH,
        tf.where(nothing_RH, 0.0, found.scores_RH),
        found.ended_RH | ~searched_R[:, None],
    )


def _run(model: Seq2SeqModel, fixed: _Fixed, start: _Loop) -> _Loop:
    def body(*carried: object) -> tuple[object, ...]:
        return tuple(_step(model, fixed, _Loop(*carried)))  # type: ignore[arg-type]

    end = tf.while_loop(
        lambda *carried: tf.logical_not(tf.reduce_all(carried[-1].done_R)),
        body,
        tuple(start),
        shape_invariants=tuple(_shapes(model, fixed.memory, start)),
        maximum_iterations=fixed.rules.max_length,
        parallel_iterations=1,
    )
    return _Loop(*end)


def _step(model: Seq2SeqModel, fixed: _Fixed, loop: _Loop) -> _Loop:
    layout = Layout(fixed.rules.beams)
    used = layout.sentences * layout.beams
    logits_NV, state = model.step(fixed.memory, loop.state, loop.token_N, loop.step)
    candidates = _continuations(fixed, loop, logits_NV)
    alive, origins_RK, finished = advance(candidates, loop.finished, fixed.rules, fixed.most_R)
    origin_N = _in_rows(tf.range(layout.sentences)[:, None] * layout.beams + origins_RK, tf.range(used, layout.rows))
    token_N = _in_rows(alive.ids_RKT[:, :, -1], tf.fill([layout.rows - used], BOS_ID))
    state = {name: tf.gather(tensor, origin_N) for name, tensor in state.items()}
    return _Loop(loop.step + 1, token_N, state, alive, finished)


def _continuations(fixed: _Fixed, loop: _Loop, logits_NV: tf.Tensor) -> Candidates:
    rules, layout = fixed.rules, Layout(fixed.rules.beams)
    forced_R = _forced_tokens(fixed.task, loop.step)
    spared_N = None if forced_R is None else tf.gather(forced_R, tf.constant(layout.sentence_of_row()))
    logits_NV = constrained(logits_NV, _prefixes(fixed, loop), rules.bans, spared_N)
    if rules.sampling is None:
        return best_candidates(loop.alive, logits_NV, forced_R)
    drawn_N = draw(logits_NV, uniform(_by_row(fixed.keys_R2, layout), loop.step, rules.sampling.seed), rules.sampling)
    drawn_R = drawn_N[: layout.sentences]
    if forced_R is not None:
        drawn_R = tf.where(forced_R >= 0, forced_R, drawn_R)
    return drawn_candidates(loop.alive, logits_NV, drawn_R)


def _prefixes(fixed: _Fixed, loop: _Loop) -> Prefixes:
    """What was said in each row, with one more column, so that there is one; dummies have said 0s."""
    sentences, beams, _ = loop.alive.ids_RKT.shape
    ids_NT = tf.reshape(loop.alive.ids_RKT, [sentences * beams, loop.step])
    rows = fixed.least_N.shape[0]
    ids_NT = tf.pad(ids_NT, [[0, rows - sentences * beams], [0, 1]], constant_values=PAD_ID)
    return Prefixes(ids_NT, tf.fill([rows], loop.step), fixed.least_N)


def _forced_tokens(task: Task, step: tf.Tensor) -> tf.Tensor | None:
    """The token that each translation must go on with, -1 where its prefix is over: int32 (R,)."""
    if task.prefix_RP is None:
        return None
    longest = tf.shape(task.prefix_RP)[1]
    padded_RP = tf.pad(task.prefix_RP, [[0, 0], [0, 1]], constant_values=PAD_ID)
    token_R = padded_RP[:, tf.minimum(step, longest)]
    return tf.where(tf.equal(token_R, PAD_ID), -1, token_R)


def _by_row(keys_R2: tf.Tensor, layout: Layout) -> tf.Tensor:
    return tf.gather(keys_R2, tf.constant(layout.sentence_of_row()))


def _in_rows(values_RK: tf.Tensor, dummies: tf.Tensor) -> tf.Tensor:
    return tf.concat([tf.reshape(values_RK, [-1]), dummies], axis=0)


def _shapes(model: Seq2SeqModel, memory: Tensors, start: _Loop) -> _Loop:
    """Which dimensions grow from step to step: those that one step changes. (The graph drops this unused step.)"""
    _, after = model.step(memory, start.state, start.token_N, start.step)
    sentences, beams, _ = start.alive.ids_RKT.shape
    growing = tf.TensorShape([sentences, start.finished.scores_RH.shape[1], None])
    return _Loop(
        step=start.step.shape,
        token_N=start.token_N.shape,
        state={name: _common(tensor.shape, after[name].shape) for name, tensor in start.state.items()},
        alive=Alive(tf.TensorShape([sentences, beams, None]), start.alive.scores_RK.shape),
        finished=Finished(growing, *(tensor.shape for tensor in start.finished[1:])),
    )


def _common(one: tf.TensorShape, other: tf.TensorShape) -> tf.TensorShape:
    return tf.TensorShape([a if a == b else None for a, b in zip(one, other, strict=True)])
