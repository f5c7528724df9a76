"""Groups that are searched in step: sentences which are done give way, and nothing else changes."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from scripted_model import END, ScriptedModel, random_tables
from typing_extensions import override
from unit.decoding.neighbours import model_of, random_sources

from seq2seq_tfx.components.decoding.batches import n_best
from seq2seq_tfx.components.decoding.beams import best_of
from seq2seq_tfx.components.decoding.layout import MAX_TOKENS, WIDTHS, Layout
from seq2seq_tfx.components.decoding.rules import rules_of
from seq2seq_tfx.components.models.interface import Seq2SeqModel, Tensors
from seq2seq_tfx.schemas.config.decoding import DecodingConfig

# The lengths of translations differ from sentence to sentence, so groups shrink.
SEARCH = DecodingConfig(beam_size=4, max_length=40, max_length_ratio=0.7, min_length_ratio=0.7)


class CountingModel(ScriptedModel):
    """Says how many steps of a group were computed."""

    def __init__(self) -> None:
        super().__init__(random_tables(1, vocabulary=8, longest=1, seed=1))
        self.steps = tf.Variable(0, trainable=False)

    @override
    def step(
        self, memory: Tensors, state: Tensors, token_BK: tf.Tensor, position: tf.Tensor
    ) -> tuple[tf.Tensor, Tensors]:
        self.steps.assign_add(1)
        return tf.tile(self.tables[0, :1], [token_BK.shape.num_elements(), 1]), state


def found(model: Seq2SeqModel, sources: list[list[int]]) -> list[bytes]:
    rules = rules_of(SEARCH).keeping(3)
    run = tf.function(lambda ids: n_best(model, ids, rules), autograph=False)
    ids, *others = run(tf.ragged.constant(sources, tf.int32, ragged_rank=1))
    return [ids.values.numpy().tobytes(), *(each.numpy().tobytes() for each in others)]


@pytest.mark.parametrize("kind", ["transformer", "lstm luong_dot fed"])
def test_translations_are_equal_to_the_bit_when_groups_go_one_after_the_other(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, sources = model_of(kind), random_sources(400)
    in_step = found(model, sources)
    monkeypatch.setattr(Layout, "groups_in_step", lambda *_: 1)
    assert found(model, sources) == in_step


def test_steps_are_those_of_the_groups_that_the_open_sentences_fill() -> None:
    layout = Layout(SEARCH.beam_size)
    largest = layout.groups_in_step(WIDTHS[0]) * layout.sentences
    lengths = np.random.default_rng(2).integers(1, WIDTHS[0], size=largest - 5)
    model = CountingModel()
    found(model, [[6] * length + [END] for length in lengths])
    limits = np.maximum(1, np.ceil(0.7 * lengths - 1e-9))
    open_sentences = [int((limits > step).sum()) for step in range(int(limits.max()))]
    assert int(model.steps) == sum(-(-count // layout.sentences) for count in open_sentences)


def test_groups_in_step_hold_no_more_than_a_group_of_the_longest() -> None:
    counts = [Layout(4).groups_in_step(width) for width in WIDTHS]
    assert max(counts) > 1 == counts[-1]
    assert all(count * width <= MAX_TOKENS for count, width in zip(counts, WIDTHS, strict=True))
    rows = [Layout(beams).rows * Layout(beams).groups_in_step(WIDTHS[0]) for beams in range(1, 13)]
    assert max(rows) <= 6 * 96


@pytest.mark.parametrize(("vocabulary", "kept"), [(8000, 8), (8003, 10), (321, 2), (40, 12)])
def test_the_best_are_those_of_top_k_also_where_some_are_equal(vocabulary: int, kept: int) -> None:
    generator = np.random.default_rng(vocabulary)
    draws: list[Callable[[], npt.NDArray[np.generic]]] = [
        lambda: generator.normal(size=(24, vocabulary)),
        lambda: generator.integers(0, 3, size=(24, vocabulary)),
        lambda: np.zeros((24, vocabulary)),
        lambda: np.where(generator.random((24, vocabulary)) < 0.999, -1e9, 1.0),
    ]
    for draw in draws:
        logits = tf.constant(draw(), tf.float32)
        for mine, wanted in zip(best_of(logits, kept), tf.math.top_k(logits, kept), strict=True):
            np.testing.assert_array_equal(mine, wanted)
