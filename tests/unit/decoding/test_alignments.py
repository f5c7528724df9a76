"""Alignments and coverage against NumPy, and of every architecture that has attention."""

import numpy as np
import pytest
import tensorflow as tf
from scripted_model import END, ScriptedModel, attention_of, random_tables
from unit.decoding.neighbours import ARCHITECTURES, model_of, random_sources
from unit.decoding.numpy_rules import coverage_of

from seq2seq_tfx.components.decoding.alignments import Alignments, align, coverage
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.schemas.errors import InputError

SOURCES = [[6, 7, 5, END], [END], [7, *[6] * 20, END], [5, END]]
TARGETS = [[5, END], [END], [4, 6, 7, END], [*[7] * 30, END]]


def ragged(rows: list[list[int]]) -> tf.RaggedTensor:
    return tf.ragged.constant(rows, tf.int32, ragged_rank=1)


def aligned(model: Seq2SeqModel, sources: list[list[int]], targets: list[list[int]]) -> Alignments:
    return tf.function(lambda one, other: align(model, one, other))(ragged(sources), ragged(targets))


def test_alignments_are_the_models_attention_and_nothing_beside_padding() -> None:
    soft, hard = (each.numpy() for each in aligned(ScriptedModel(random_tables(1, 8, 1, seed=1)), SOURCES, TARGETS))
    assert soft.shape == (4, 31, 22) and hard.shape == (4, 31)
    for number, (source, target) in enumerate(zip(SOURCES, TARGETS, strict=True)):
        expected = attention_of(source, target)
        np.testing.assert_allclose(soft[number, : len(target), : len(source)], expected, atol=1e-5)
        assert soft[number].sum() == pytest.approx(len(target), abs=1e-4)
        assert hard[number, : len(target)].tolist() == expected.argmax(axis=1).tolist()
        assert set(hard[number, len(target) :]) <= {-1}


def test_coverage_is_gnmts_formula() -> None:
    model = ScriptedModel(random_tables(1, 8, 1, seed=1))
    found = tf.function(lambda one, other: coverage(model, one, other))(ragged(SOURCES), ragged(TARGETS)).numpy()
    expected = [coverage_of(source, target) for source, target in zip(SOURCES, TARGETS, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert min(expected) < -1.0


@pytest.mark.parametrize("kind", [kind for kind, config in ARCHITECTURES.items() if config.get("attention") != "none"])
def test_each_target_token_looks_at_the_source_whatever_its_neighbours(kind: str) -> None:
    model = model_of(kind)
    spec = tf.RaggedTensorSpec([None, None], tf.int32)
    run = tf.function(lambda one, other: align(model, one, other), input_signature=[spec, spec])
    sources, targets = random_sources(20), random_sources(40)[20:]
    soft, hard = (each.numpy() for each in run(ragged(sources), ragged(targets)))
    for number, (source, target) in enumerate(zip(sources, targets, strict=True)):
        sums = soft[number].sum(axis=1)
        np.testing.assert_allclose(sums[: len(target)], 1.0, atol=1e-5)
        assert not sums[len(target) :].any() and not soft[number, :, len(source) :].any()
        alone = run(ragged([source]), ragged([target]))
        assert alone.soft_NTS.numpy()[0].tobytes() == soft[number, : len(target), : len(source)].tobytes()
        assert alone.hard_NT.numpy()[0].tolist() == hard[number, : len(target)].tolist()


def test_nothing_is_aligned_when_nothing_is_given() -> None:
    empty = tf.RaggedTensor.from_row_lengths(tf.zeros([0], tf.int32), tf.zeros([0], tf.int64))
    model = ScriptedModel(random_tables(1, 8, 1, seed=1))
    assert tf.function(lambda one, other: align(model, one, other))(empty, empty).soft_NTS.shape == (0, 1, 1)


def test_model_without_attention_has_no_alignments(monkeypatch: pytest.MonkeyPatch) -> None:
    model = ScriptedModel(random_tables(1, 8, 1, seed=1))
    monkeypatch.setattr(ScriptedModel, "attention_weights", Seq2SeqModel.attention_weights)
    with pytest.raises(InputError, match="need a model with attention"):
        aligned(model, SOURCES, TARGETS)
