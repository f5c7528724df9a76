"""Gradients that are written out, against automatic ones; dropout."""

import numpy as np
import pytest
import tensorflow as tf

from seq2seq_tfx.components.models.dropout import DropoutStream
from seq2seq_tfx.components.models.layers import LayerContext, LayerNorm

CONTEXT = LayerContext(seed=1, compute_dtype="float32", dropout=DropoutStream())


def random(*shape: int) -> tf.Tensor:
    return tf.constant(np.random.default_rng(sum(shape)).normal(size=shape), tf.float32)


def test_layer_norm_has_the_automatic_gradient() -> None:
    layer, x, weight = LayerNorm("norm", CONTEXT, 6), random(5, 6), random(5, 6)

    def plain(x: tf.Tensor) -> tf.Tensor:
        mean, variance = tf.nn.moments(x, -1, keepdims=True)
        return (x - mean) / tf.sqrt(variance + 1e-5)

    values, gradients = [], []
    for function in (layer, plain):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
            loss = tf.reduce_sum(y * weight)
        values.append(y)
        gradients.append(tape.gradient(loss, x))
    np.testing.assert_allclose(values[0], values[1], atol=1e-5)
    np.testing.assert_allclose(gradients[0], gradients[1], atol=1e-5)


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5])
def test_dropout_keeps_the_mean_when_it_drops_its_share(rate: float) -> None:
    stream = DropoutStream()
    stream.restart(tf.constant([1, 2]))
    dropped = stream.drop(tf.ones([1001, 101]), rate, training=True).numpy()
    assert abs((dropped == 0).mean() - rate) < 0.006
    assert abs(dropped.mean() - 1) < 0.01
    np.testing.assert_allclose(np.unique(dropped), [0, 1 / (1 - rate)], rtol=1e-4)


def test_dropout_differs_when_it_is_called_again() -> None:
    stream = DropoutStream()
    stream.restart(tf.constant([1, 2]))
    first, second = (stream.drop(tf.ones([64, 64]), 0.5, training=True).numpy() for _ in range(2))
    assert 0.4 < (first != second).mean() < 0.6


def test_dropout_does_nothing_when_not_training() -> None:
    x = random(3, 4)
    assert DropoutStream().drop(x, 0.5, training=False) is x


def test_dropout_is_refused_when_no_seed_was_given() -> None:
    with pytest.raises(RuntimeError, match="restart"):
        DropoutStream().drop(random(3, 4), 0.5, training=True)
