"""Recurrent cells: against NumPy, and their written-out gradients against automatic ones and finite differences."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from contracts import paper_formulas

from seq2seq_tfx.components.models.cells import make_cell, run_both_ways, run_forward, run_masked
from seq2seq_tfx.components.models.dropout import DropoutStream
from seq2seq_tfx.components.models.gru import gru_sequence, gru_step
from seq2seq_tfx.components.models.layers import LayerContext
from seq2seq_tfx.components.models.lstm import LstmCell, lstm_sequence, lstm_step
from seq2seq_tfx.components.models.recurrence import RecurrentCell
from seq2seq_tfx.components.models.simple_rnn import simple_sequence
from seq2seq_tfx.schemas.config.model import Cell

Numbers: TypeAlias = npt.NDArray[np.float64]

CONTEXT = LayerContext(seed=1, compute_dtype="float32", dropout=DropoutStream())
CELLS: tuple[Cell, ...] = ("simple_rnn", "lstm", "gru")
GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}
SEQUENCES: dict[Cell, Callable[..., tf.Tensor]] = {
    "simple_rnn": simple_sequence,
    "lstm": lstm_sequence,
    "gru": gru_sequence,
}
STEPS, BATCH, INPUTS, UNITS = 4, 3, 7, 5


def random(*shape: int) -> Numbers:
    return np.random.default_rng(sum(shape)).normal(size=shape)


def cell_with_biases(kind: Cell, name: str = "cell") -> RecurrentCell:
    """Initial biases are constant, so that some mistakes would not be seen."""
    cell = make_cell(kind, name, CONTEXT, (INPUTS, UNITS))
    for variable in cell.variables:
        if len(variable.shape) == 1:
            variable.assign(random(*variable.shape))
    return cell


def papers_step(cell: RecurrentCell, x: Numbers, state: Numbers) -> Numbers:
    w, u, b = (variable.numpy().astype(np.float64) for variable in (cell.kernel, cell.recurrent, cell.bias))
    if cell.projected_size == UNITS:
        return paper_formulas.simple_rnn(x, state, w, u, b)
    if isinstance(cell, LstmCell):
        return np.concatenate(paper_formulas.lstm(x, (state[:UNITS], state[UNITS:]), w, u, b))
    return paper_formulas.gru(x, state, w, u, (b, cell.parameters()[1].numpy()[0]))


def papers_states(cell: RecurrentCell, x_TI: Numbers, state: Numbers) -> list[Numbers]:
    states = []
    for x in x_TI:
        state = papers_step(cell, x, state)
        states.append(state)
    return states


@pytest.mark.parametrize("kind", CELLS)
def test_layer_equals_the_papers_formula(kind: Cell) -> None:
    cell = cell_with_biases(kind)
    x, initial = random(STEPS, BATCH, INPUTS), random(BATCH, cell.state_size)
    added = random(BATCH, cell.projected_size) if kind == "gru" else None
    found = run_forward(cell, tf.constant(x, tf.float32), tf.constant(initial, tf.float32))
    for i in range(BATCH):
        wanted = [state[:UNITS] for state in papers_states(cell, x[:, i], initial[i])]
        np.testing.assert_allclose(found[:, i], wanted, atol=1e-5)
    if added is not None:
        more = run_forward(
            cell, tf.constant(x, tf.float32), tf.constant(initial, tf.float32), tf.constant(added, tf.float32)
        )
        cell.bias.assign_add(added[1].astype(np.float32))
        wanted = [state[:UNITS] for state in papers_states(cell, x[:, 1], initial[1])]
        np.testing.assert_allclose(more[:, 1], wanted, atol=1e-5)


@pytest.mark.parametrize("kind", CELLS)
def test_step_equals_the_layer(kind: Cell) -> None:
    cell = cell_with_biases(kind)
    x, state = (
        tf.constant(random(STEPS, BATCH, INPUTS), tf.float32),
        tf.constant(random(BATCH, cell.state_size), tf.float32),
    )
    wanted = run_forward(cell, x, state)
    for t in range(STEPS):
        state = cell.step(cell.project(x[t]), state)
        np.testing.assert_allclose(state[:, :UNITS], wanted[t], atol=1e-6)


@pytest.mark.parametrize("kind", CELLS)
def test_padding_leaves_the_last_state_when_sentences_differ_in_length(kind: Cell) -> None:
    there, back = (cell_with_biases(kind, name) for name in ("there", "back"))
    x, lengths = random(STEPS, BATCH, INPUTS), (4, 2, 1)
    real = np.arange(STEPS)[:, None] < np.array(lengths)
    inputs = tf.constant(x, tf.float32), tf.constant(real)
    one_way, last_one_way = run_masked(there, *inputs)
    both, last_both = run_both_ways((there, back), *inputs)
    for i, length in enumerate(lengths):
        zeros = np.zeros(there.state_size)
        forward = papers_states(there, x[:length, i], zeros)
        backward = papers_states(back, x[:length, i][::-1], zeros)[::-1]
        np.testing.assert_allclose(one_way[:length, i], [h[:UNITS] for h in forward], atol=1e-5)
        np.testing.assert_allclose(last_one_way[i], forward[-1], atol=1e-5)
        wanted = [np.concatenate([f[:UNITS], b[:UNITS]]) for f, b in zip(forward, backward, strict=True)]
        np.testing.assert_allclose(both[:length, i], wanted, atol=1e-5)
        parts = [
            part
            for at in range(0, there.state_size, UNITS)
            for part in (forward[-1][at:][:UNITS], backward[0][at:][:UNITS])
        ]
        np.testing.assert_allclose(last_both[i], np.concatenate(parts), atol=1e-5)


def sequence_inputs(kind: Cell, directions: int) -> list[Numbers]:
    """Projected inputs, initial state, mask, then the cell's parameters."""
    real = np.ones((STEPS, directions, BATCH, 1))
    real[2:, 0, 1] = 0
    real[:1, -1, 2] = 0
    wide = GATES[kind] * UNITS
    inputs = [
        random(STEPS, directions, BATCH, wide),
        random(directions, BATCH, (2 if kind == "lstm" else 1) * UNITS),
        real,
        random(directions, UNITS, wide),
    ]
    return [*inputs, random(directions, 1, UNITS)] if kind == "gru" else inputs


def unrolled(kind: Cell, tensors: Sequence[tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
    """All h and the last state, step by step, differentiated by TensorFlow."""
    projected, state, real, *parameters = tensors
    outputs = []
    for t in range(STEPS):
        product = tf.matmul(state[..., :UNITS], parameters[0])
        if kind == "gru":
            new = gru_step(projected[t], state, product, parameters[1])[0]
        elif kind == "lstm":
            new = tf.concat(lstm_step(projected[t], state[..., UNITS:], product)[:2], axis=-1)
        else:
            new = tf.tanh(projected[t] + product)
        state = real[t] * new + (1 - real[t]) * state
        outputs.append(state[..., :UNITS])
    return tf.stack(outputs), state


def weighted(kind: Cell, outputs: tf.Tensor) -> tf.Tensor:
    """A loss in which every output counts; for the LSTM the last c, too."""
    states, memories = outputs if kind == "lstm" else (outputs, None)
    loss = tf.reduce_sum(states * random(*states.shape))
    return loss if memories is None else loss + tf.reduce_sum(memories * random(*memories.shape))


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("kind", CELLS)
def test_written_gradient_is_the_automatic_one_when_inputs_are_padded(kind: Cell, directions: int) -> None:
    tensors = [tf.constant(array) for array in sequence_inputs(kind, directions)]
    watched = [tensor for place, tensor in enumerate(tensors) if place != 2]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        loss = weighted(kind, tf.function(SEQUENCES[kind])(*tensors))
    ours = [loss, *tape.gradient(loss, watched)]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        states, last = unrolled(kind, tensors)
        loss = weighted(kind, (states, last[..., UNITS:]) if kind == "lstm" else states)
    for found, wanted in zip(ours, [loss, *tape.gradient(loss, watched)], strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-10)


@pytest.mark.parametrize("kind", CELLS)
def test_written_gradient_is_the_slope_of_finite_differences(kind: Cell) -> None:
    arrays = sequence_inputs(kind, 2)
    tensors = [tf.constant(array) for array in arrays]
    watched = [place for place in range(len(arrays)) if place != 2]
    with tf.GradientTape() as tape:
        tape.watch([tensors[place] for place in watched])
        loss = weighted(kind, SEQUENCES[kind](*tensors))
    gradients = tape.gradient(loss, [tensors[place] for place in watched])
    for place, gradient in zip(watched, gradients, strict=True):
        direction, size = np.random.default_rng(place).normal(size=arrays[place].shape), 1e-6
        moved = []
        for sign in (1, -1):
            changed = list(tensors)
            changed[place] = tf.constant(arrays[place] + sign * size * direction)
            moved.append(float(weighted(kind, SEQUENCES[kind](*changed))))
        assert (moved[0] - moved[1]) / (2 * size) == pytest.approx(
            float(np.sum(gradient * direction)), rel=1e-6, abs=1e-8
        )


def test_the_forget_gate_begins_open() -> None:
    bias = make_cell("lstm", "cell", CONTEXT, (INPUTS, UNITS)).bias.numpy()
    np.testing.assert_array_equal(np.split(bias, 4), np.array([0, 1, 0, 0])[:, None] * np.ones(UNITS))
