"""The one search loop: greedy is beam search with one beam. Runs in the graph, with the model's state as its cache.

`beams.py` has the rule, `layout.py` says why the shapes are fixed.

Shapes: E encoded sentences, S source length, R sentences searched for, K beams, N rows of a step, V vocabulary.
"""

from typing import Final, NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.decoding.beams import (
    Alive,
    Finished,
    Rules,
    advance,
    best_candidates,
    first_beams,
    nothing_finished,
)
from seq2seq_tfx.components.decoding.layout import Layout
from seq2seq_tfx.components.models.interface import Seq2SeqModel, Tensors
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.features import BOS_ID, EOS_ID

_FORBIDDEN: Final = -1e9


class Found(NamedTuple):
    """The best hypothesis of each sentence."""

    ids_RT: tf.Tensor
    """int32 tokens, then PAD_ID."""
    lengths_R: tf.Tensor
    """int32; the end mark is not counted."""
    scores_R: tf.Tensor
    """float32: sum of log p / length ** length_penalty, end mark counted; 0 where nothing was searched for."""


class _Loop(NamedTuple):
    """What is carried from step to step."""

    step: tf.Tensor
    token_N: tf.Tensor
    state: Tensors
    alive: Alive
    finished: Finished


def rules_of(settings: DecodingConfig) -> Rules:
    """The settings as the search takes them."""
    beams = 1 if settings.strategy == "greedy" else settings.beam_size
    return Rules(beams=beams, length_penalty=settings.length_penalty, max_length=settings.max_length)


def search(model: Seq2SeqModel, source_ids_ES: tf.Tensor, searched_R: tf.Tensor, rules: Rules) -> Found:
    """Translate one batch of the layout's shape. To be called inside a `tf.function`.

    As in CTranslate2, a translation has at least one token: EOS cannot come first. It has at most `max_length`; one
    that reaches it has no end mark.

    Args:
        model: The model.
        source_ids_ES: int32; E is `Layout(rules.beams).encoded`, the first R are those searched for.
        searched_R: False for dummies and empty sources: nothing is found for them.
        rules: From `rules_of`.
    """
    layout = Layout(rules.beams)
    place_N = tf.constant(layout.sentence_of_row())
    memory, state = model.start(model.encode(source_ids_ES))
    memory = {name: tf.gather(tensor, place_N) for name, tensor in memory.items()}
    start = _Loop(
        step=tf.constant(0),
        token_N=tf.fill([layout.rows], BOS_ID),
        state={name: tf.gather(tensor, place_N) for name, tensor in state.items()},
        alive=first_beams(layout.sentences, rules.beams),
        finished=nothing_finished(tf.ensure_shape(searched_R, [layout.sentences])),
    )

    def body(*carried: object) -> tuple[object, ...]:
        return tuple(_step(model, memory, _Loop(*carried), rules))  # type: ignore[arg-type]

    end = _Loop(
        *tf.while_loop(
            lambda *carried: tf.logical_not(tf.reduce_all(carried[-1].done_R)),
            body,
            tuple(start),
            shape_invariants=tuple(_shapes(model, memory, start)),
            maximum_iterations=rules.max_length,
            parallel_iterations=1,
        )
    )
    found = end.finished
    return Found(found.ids_RT, found.lengths_R, tf.where(searched_R, found.scores_R, 0.0))


def _step(model: Seq2SeqModel, memory: Tensors, loop: _Loop, rules: Rules) -> _Loop:
    layout = Layout(rules.beams)
    used = layout.sentences * layout.beams
    logits_NV, state = model.step(memory, loop.state, loop.token_N, loop.step)
    logits_NV = tf.cond(loop.step > 0, lambda: logits_NV, lambda: without_end_mark(logits_NV))
    candidates = best_candidates(loop.alive, logits_NV)
    alive, origins_RK, finished = advance(candidates, loop.finished, rules)
    origin_N = _in_rows(tf.range(layout.sentences)[:, None] * layout.beams + origins_RK, tf.range(used, layout.rows))
    token_N = _in_rows(alive.ids_RKT[:, :, -1], tf.fill([layout.rows - used], BOS_ID))
    state = {name: tf.gather(tensor, origin_N) for name, tensor in state.items()}
    return _Loop(loop.step + 1, token_N, state, alive, finished)


def without_end_mark(logits_NV: tf.Tensor) -> tf.Tensor:
    """Logits of the first token: it cannot be EOS."""
    return logits_NV + tf.one_hot(EOS_ID, logits_NV.shape[-1], on_value=_FORBIDDEN, off_value=0.0)


def _in_rows(values_RK: tf.Tensor, dummies: tf.Tensor) -> tf.Tensor:
    return tf.concat([tf.reshape(values_RK, [-1]), dummies], axis=0)


def _shapes(model: Seq2SeqModel, memory: Tensors, start: _Loop) -> _Loop:
    """Which dimensions grow from step to step: those that one step changes. (The graph drops this unused step.)"""
    _, after = model.step(memory, start.state, start.token_N, start.step)
    sentences, beams, _ = start.alive.ids_RKT.shape
    return _Loop(
        step=start.step.shape,
        token_N=start.token_N.shape,
        state={name: _common(tensor.shape, after[name].shape) for name, tensor in start.state.items()},
        alive=Alive(tf.TensorShape([sentences, beams, None]), start.alive.scores_RK.shape),
        finished=Finished(tf.TensorShape([sentences, None]), *(tensor.shape for tensor in start.finished[1:])),
    )


def _common(one: tf.TensorShape, other: tf.TensorShape) -> tf.TensorShape:
    return tf.TensorShape([a if a == b else None for a, b in zip(one, other, strict=True)])
