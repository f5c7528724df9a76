"""The chunked loss against the textbook's, value and gradients."""

import numpy as np
import pytest
import tensorflow as tf

from seq2seq_tfx.components.training import losses
from seq2seq_tfx.components.training.losses import cross_entropy

ROWS, WIDTH, VOCABULARY = 37, 5, 11


def textbook(hidden: tf.Tensor, embedding: tf.Tensor, targets: tf.Tensor, smoothing: float) -> tf.Tensor:
    wanted = (1 - smoothing) * tf.one_hot(targets, VOCABULARY) + smoothing / VOCABULARY
    return -tf.reduce_sum(wanted * tf.nn.log_softmax(tf.matmul(hidden, embedding, transpose_b=True)))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("values_in_a_chunk", [1, 100, 1 << 20])
def test_loss_and_gradients_equal_the_textbooks(
    smoothing: float, values_in_a_chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(losses, "_CHUNK_VALUES", values_in_a_chunk)
    draw = np.random.default_rng(1)
    hidden = tf.constant(draw.normal(size=(ROWS, WIDTH)), tf.float32)
    embedding = tf.constant(draw.normal(size=(VOCABULARY, WIDTH)), tf.float32)
    targets = tf.constant(draw.integers(0, VOCABULARY, ROWS), tf.int32)
    results = []
    for function in (tf.function(cross_entropy), textbook):
        with tf.GradientTape() as tape:
            tape.watch([hidden, embedding])
            loss = 3.0 * function(hidden, embedding, targets, smoothing)
        results.append([loss, *map(tf.convert_to_tensor, tape.gradient(loss, [hidden, embedding]))])
    for ours, expected in zip(*results, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=2e-5)


def test_gradients_stay_close_when_products_are_in_bfloat16() -> None:
    draw = np.random.default_rng(1)
    hidden = tf.constant(draw.normal(size=(ROWS, WIDTH)), tf.float32)
    embedding = tf.constant(draw.normal(size=(VOCABULARY, WIDTH)), tf.float32)
    targets = tf.constant(draw.integers(0, VOCABULARY, ROWS), tf.int32)
    results = []
    for dtype in (tf.float32, tf.bfloat16):
        with tf.GradientTape() as tape:
            tape.watch([hidden, embedding])
            loss = cross_entropy(tf.cast(hidden, dtype), embedding, targets, 0.1)
        assert loss.dtype == tf.float32
        results.append([loss, *map(tf.convert_to_tensor, tape.gradient(loss, [hidden, embedding]))])
    for exact, rounded in zip(*results, strict=True):
        assert rounded.dtype == tf.float32
        np.testing.assert_allclose(rounded, exact, atol=0.02 * float(tf.reduce_max(tf.abs(exact))))


def test_loss_is_finite_when_logits_are_huge() -> None:
    hidden, embedding = tf.constant([[1e3, 0.0]]), tf.constant([[1e3, 0.0], [-1e3, 0.0]])
    assert float(cross_entropy(hidden, embedding, tf.constant([0]), 0.0)) == 0.0
    assert float(cross_entropy(hidden, embedding, tf.constant([1]), 0.0)) == 2e6
