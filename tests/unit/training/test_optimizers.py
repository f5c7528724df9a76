"""Each optimiser against NumPy, written from its paper."""

from typing import TypeAlias

import keras
import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from seq2seq_tfx.components.training import adafactor, adam
from seq2seq_tfx.components.training.adafactor import Adafactor
from seq2seq_tfx.components.training.adam import BETA_1, BETA_2, EPSILON, Adam
from seq2seq_tfx.components.training.optimizer import Optimizer
from seq2seq_tfx.components.training.optimizers import make_optimizer
from seq2seq_tfx.schemas.config.training import TrainingConfig

Array: TypeAlias = npt.NDArray[np.float64]

RATE, STEPS = 0.01, 6


def move(optimizer: Optimizer, gradients: list[Array], step: int) -> None:
    optimizer.update([tf.constant(each, tf.float32) for each in gradients], tf.constant(RATE), tf.constant(step))


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_adam_follows_the_papers_algorithm(weight_decay: float) -> None:
    draw = np.random.default_rng(1)
    values = draw.normal(size=(3, 2)).astype(np.float32)
    variable = keras.Variable(values, name="w", dtype="float32")
    optimizer = Adam([variable], weight_decay)
    theta, first, second = values.astype(np.float64), np.zeros((3, 2)), np.zeros((3, 2))
    for step in range(1, STEPS):
        gradient = draw.normal(size=(3, 2))
        move(optimizer, [gradient], step)
        first = BETA_1 * first + (1 - BETA_1) * gradient
        second = BETA_2 * second + (1 - BETA_2) * gradient**2
        adaptive = (first / (1 - BETA_1**step)) / (np.sqrt(second / (1 - BETA_2**step)) + EPSILON)
        theta -= RATE * (adaptive + weight_decay * theta)
        np.testing.assert_allclose(variable.numpy(), theta, atol=1e-5)
    assert sorted(optimizer.slots) == ["first/w", "second/w"]


def test_decay_spares_biases_scales_and_embeddings() -> None:
    with keras.name_scope("layer"):
        kernel, scale = keras.Variable(tf.ones((2, 2)), name="kernel"), keras.Variable(tf.ones(2), name="scale")
        table = keras.Variable(tf.ones((5, 2)), name="table")
    variables = [kernel, scale, table]
    optimizer = Adam(variables, 0.5)
    move(optimizer, [np.zeros(variable.shape) for variable in variables], 1)
    assert [float(variable.numpy().min()) for variable in variables] == [pytest.approx(1 - RATE * 0.5), 1.0, 1.0]
    assert [adam.decays(variable) for variable in variables] == [True, False, False]


def root_mean_square(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))


def papers_adafactor(theta: Array, gradients: list[Array]) -> list[Array]:
    """Algorithms 4 (matrices) and 5 (vectors) of Shazeer and Stern 2018, with sums as they stand there."""
    rows, columns, second, thetas = np.zeros(theta.shape[:1]), np.zeros(theta.shape[-1:]), np.zeros(theta.shape), []
    for step, gradient in enumerate(gradients, 1):
        beta = 1 - step ** (adafactor.DECAY_POWER)
        squares = gradient**2 + adafactor.EPSILON_1
        if theta.ndim == 2:
            rows = beta * rows + (1 - beta) * squares.sum(axis=1)
            columns = beta * columns + (1 - beta) * squares.sum(axis=0)
            estimate = np.outer(rows, columns) / rows.sum()
        else:
            estimate = second = beta * second + (1 - beta) * squares
        update = gradient / np.sqrt(estimate)
        update /= max(1.0, root_mean_square(update) / adafactor.THRESHOLD)
        theta = theta - max(adafactor.EPSILON_2, root_mean_square(theta)) * RATE * update
        thetas.append(theta)
    return thetas


@pytest.mark.parametrize("shape", [(4, 3), (5,)], ids=["matrix", "vector"])
@pytest.mark.parametrize("start", [1.0, 0.0], ids=["from values", "from zero"])
def test_adafactor_follows_the_papers_algorithm(shape: tuple[int, ...], start: float) -> None:
    draw = np.random.default_rng(2)
    values = start * draw.normal(size=shape)
    variable = keras.Variable(values, name="w", dtype="float32")
    optimizer = Adafactor([variable])
    gradients = [draw.normal(size=shape) * 10.0**-step for step in range(STEPS)]
    for step, (gradient, expected) in enumerate(zip(gradients, papers_adafactor(values, gradients), strict=True), 1):
        move(optimizer, [gradient], step)
        np.testing.assert_allclose(variable.numpy(), expected, rtol=1e-4, atol=1e-6)


def test_adafactor_keeps_a_row_and_a_column_of_a_matrix() -> None:
    optimizer = Adafactor([keras.Variable(np.ones((40, 30)), name="w"), keras.Variable(np.ones(7), name="b")])
    shapes = {name: tuple(slot.shape) for name, slot in optimizer.slots.items()}
    assert shapes == {"rows/w": (40,), "columns/w": (30,), "second/b": (7,)}


def test_adafactor_stays_finite_when_rows_have_no_gradient() -> None:
    variable = keras.Variable(np.ones((4, 3)), name="w", dtype="float32")
    gradient = np.zeros((4, 3))
    gradient[1] = 1e3
    optimizer = Adafactor([variable])
    for step in (1, 2, 3):
        move(optimizer, [gradient], step)
    assert np.isfinite(variable.numpy()).all()
    np.testing.assert_array_equal(variable.numpy()[[0, 2, 3]], 1.0)
    move(optimizer, [np.zeros((4, 3))], 4)
    assert np.isfinite(variable.numpy()).all()


@pytest.mark.parametrize(
    ("name", "kind", "slots"), [("adam", Adam, 2), ("adamw", Adam, 2), ("adafactor", Adafactor, 1)]
)
def test_the_setting_names_the_optimiser(name: str, kind: type[Optimizer], slots: int) -> None:
    config = TrainingConfig.model_validate({"optimizer": name})
    optimizer = make_optimizer(config, [keras.Variable(tf.ones(3), name="w")])
    assert isinstance(optimizer, kind)
    assert len(optimizer.slots) == slots
