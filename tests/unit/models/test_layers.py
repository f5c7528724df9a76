"""Gradients that are written out, against automatic ones; dropout; the recurrent unit against NumPy."""

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from seq2seq_tfx.components.models.dropout import DropoutStream
from seq2seq_tfx.components.models.gru import GruInputs, gru_sequence, gru_step
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


def unrolled(inputs: GruInputs) -> tf.Tensor:
    """The recurrence step by step, differentiated by TensorFlow."""
    h, states = inputs.initial_GBU, []
    for t in range(inputs.projected_TGB3U.shape[0]):
        new, *_ = gru_step(inputs.projected_TGB3U[t], h, inputs.recurrent_GU3U, inputs.candidate_bias_GU)
        h = inputs.real_TGB1[t] * new + (1 - inputs.real_TGB1[t]) * h
        states.append(h)
    return tf.stack(states)


@pytest.mark.parametrize("directions", [1, 2])
def test_gru_has_the_automatic_gradient_when_inputs_are_padded(directions: int) -> None:
    real = np.ones((4, directions, 3, 1), np.float32)
    real[2:, 0, 1] = 0
    real[:1, -1, 2] = 0
    inputs = GruInputs(
        projected_TGB3U=random(4, directions, 3, 15),
        initial_GBU=random(directions, 3, 5),
        recurrent_GU3U=random(directions, 5, 15),
        candidate_bias_GU=random(directions, 5),
        real_TGB1=tf.constant(real),
    )
    weight = random(4, directions, 3, 5)
    results = []
    for function in (tf.function(gru_sequence), unrolled):
        with tf.GradientTape() as tape:
            tape.watch(inputs[:4])
            states = function(inputs)
            loss = tf.reduce_sum(states * weight)
        results.append([states, *tape.gradient(loss, inputs[:4])])
    for ours, automatic in zip(*results, strict=True):
        np.testing.assert_allclose(ours, automatic, atol=2e-5)


def test_gru_step_equals_the_formula() -> None:
    x, h, u, c = (tensor.numpy()[0] for tensor in (random(1, 3, 15), random(1, 3, 5), random(1, 5, 15), random(1, 5)))

    def sigmoid(a: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return 1 / (1 + np.exp(-a))

    z = sigmoid(x[:, :5] + h @ u[:, :5])
    r = sigmoid(x[:, 5:10] + h @ u[:, 5:10])
    n = np.tanh(x[:, 10:] + r * (h @ u[:, 10:] + c))
    found, *_ = gru_step(*(tf.constant(array)[None] for array in (x, h, u, c)))
    np.testing.assert_allclose(found[0], (1 - z) * n + z * h, atol=1e-5)


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
