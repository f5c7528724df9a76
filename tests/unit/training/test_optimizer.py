"""Adam against NumPy."""

import keras
import numpy as np
import tensorflow as tf

from seq2seq_tfx.components.training.optimizer import BETA_1, BETA_2, EPSILON, Adam


def test_updates_follow_the_papers_algorithm() -> None:
    draw = np.random.default_rng(1)
    values = draw.normal(size=(3, 2)).astype(np.float32)
    variable = keras.Variable(values, name="w")
    optimizer = Adam([variable])
    theta, first, second = values.astype(np.float64), np.zeros((3, 2)), np.zeros((3, 2))
    for step in range(1, 6):
        gradient = draw.normal(size=(3, 2))
        optimizer.update([tf.constant(gradient, tf.float32)], tf.constant(0.01), tf.constant(step))
        first = BETA_1 * first + (1 - BETA_1) * gradient
        second = BETA_2 * second + (1 - BETA_2) * gradient**2
        theta -= 0.01 * (first / (1 - BETA_1**step)) / (np.sqrt(second / (1 - BETA_2**step)) + EPSILON)
        np.testing.assert_allclose(variable.numpy(), theta, atol=1e-5)
    assert sorted(optimizer.slots) == ["first/w", "second/w"]
