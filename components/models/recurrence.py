"""What the recurrent cells have in common: their variables, and the loops over time that their gradients share.

A cell computes state = f(x W + b, earlier state). The products with W are one matrix product before the loop over time;
each cell's gradient is written out, so that its loop holds one product with U^T, and the gradient of U is one product
after it. Autodiff would keep more and multiply more.

Shapes: T time, G directions (1, or 2 for both), B batch, I inputs, U units, P projected inputs (gates * U), Z state (U,
or 2U for the LSTM: h, then c). The functions of a step take tensors with and without the dimension G.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import keras
import tensorflow as tf

from seq2seq_tfx.components.models.layers import LayerContext, ModelLayer

Parameters: TypeAlias = tuple[tf.Tensor, ...]
"""A cell's variables in the dtype of computation: U first, then what else the recurrence needs."""


class Inputs(NamedTuple):
    """What a recurrence runs over."""

    projected_TGBP: tf.Tensor
    """x W + b, gate by gate."""
    initial_GBZ: tf.Tensor
    """The state before the first step."""
    real_TGB1: tf.Tensor
    """1 for a token; 0 for padding, which leaves the state as it is. Broadcasts."""


class States(NamedTuple):
    """What a recurrence leaves."""

    outputs_TGBU: tf.Tensor
    """h_1 ... h_T."""
    last_GBZ: tf.Tensor
    """The state after the last step."""


class RecurrentCell(ModelLayer, ABC):
    """The variables of one direction of one layer.

    Args:
        name: As of every layer.
        context: As of every layer.
        inputs: Size of the inputs.
        units: Size of h.
        gates: How many times `units` the projected inputs are.
    """

    def __init__(self, name: str, context: LayerContext, inputs: int, units: int, gates: int) -> None:
        super().__init__(name, context)
        self.inputs, self.units, self.projected_size = inputs, units, gates * units
        self.kernel = self.matrix("kernel", inputs, self.projected_size)
        self.bias = self.vector("bias", self.projected_size)
        orthogonal = keras.initializers.Orthogonal(seed=context.seed_of(f"{name}/recurrent"))
        self.recurrent = self.variable("recurrent", (units, self.projected_size), orthogonal)

    @property
    @abstractmethod
    def state_size(self) -> int:
        """Z."""

    @abstractmethod
    def parameters(self) -> Parameters:
        """The variables of the recurrence."""

    @abstractmethod
    def step(self, projected_BP: tf.Tensor, state_BZ: tf.Tensor) -> tf.Tensor:
        """The state after one step: (B, Z)."""

    def trained_step(self, projected_BP: tf.Tensor, state_BZ: tf.Tensor) -> tf.Tensor:
        """The same in a loop that is differentiated; a cell may have a faster gradient for it."""
        return self.step(projected_BP, state_BZ)

    @abstractmethod
    def sequence(self, inputs: Inputs, parameters: Parameters) -> States:
        """All steps, with a gradient of their own; parameters have G in front."""

    def project(self, x: tf.Tensor) -> tf.Tensor:
        """x W + b: (..., I) to (..., P)."""
        rows = self.times(tf.reshape(x, [-1, self.inputs]), self.kernel)
        rows = tf.nn.bias_add(rows, self.computing(self.bias))
        return tf.reshape(rows, tf.concat([tf.shape(x)[:-1], [self.projected_size]], axis=0))


def run_steps(
    step: Callable[..., tuple[tf.Tensor, ...]], initial: tuple[tf.Tensor, ...], steps: tf.Tensor, sizes: tuple[int, ...]
) -> list[tf.Tensor]:
    """A loop forward in time that keeps what a gradient needs.

    Args:
        step: Takes t and the state's tensors; returns the state's new tensors, then others to keep.
        initial: The state's tensors before the first step, each (G, B, size).
        steps: T.
        sizes: Last dimension of each tensor that `step` returns.

    Returns:
        Each of those tensors for all steps: (T, G, B, size).
    """
    batch = [initial[0].shape[0], None]
    arrays = [tf.TensorArray(initial[0].dtype, size=steps, element_shape=[*batch, size]) for size in sizes]

    def body(t: tf.Tensor, *carried: object) -> tuple[object, ...]:
        results = step(t, *carried[: len(initial)])
        written = [array.write(t, value) for array, value in zip(carried[len(initial) :], results, strict=True)]  # type: ignore[attr-defined]
        return t + 1, *results[: len(initial)], *written

    ends = tf.while_loop(lambda t, *_: t < steps, body, (tf.constant(0), *initial, *arrays), maximum_iterations=steps)
    return [array.stack() for array in ends[1 + len(initial) :]]


def run_steps_back(
    step: Callable[..., tuple[tf.Tensor, ...]], initial: tuple[tf.Tensor, ...], steps: tf.Tensor, size: int
) -> tuple[tf.Tensor, tuple[tf.Tensor, ...]]:
    """A loop from the last step to the first.

    Args:
        step: Takes t and what is carried; returns what is carried on, then one tensor to keep.
        initial: What is carried into the last step, each (G, B, ...).
        steps: T.
        size: Last dimension of the tensor to keep.

    Returns:
        The kept tensor for all steps, (T, G, B, size), and what the first step carried on.
    """
    array = tf.TensorArray(initial[0].dtype, size=steps, element_shape=[initial[0].shape[0], None, size])

    def body(t: tf.Tensor, *carried: object) -> tuple[object, ...]:
        *following, kept = step(t, *carried[:-1])
        return t - 1, *following, carried[-1].write(t, kept)  # type: ignore[attr-defined]

    _, *ends, array = tf.while_loop(lambda t, *_: t >= 0, body, (steps - 1, *initial, array), maximum_iterations=steps)
    return array.stack(), tuple(ends)


def states_before(initial_GBU: tf.Tensor, states_TGBU: tf.Tensor) -> tf.Tensor:
    """The state that each step started from: (T, G, B, U)."""
    return tf.concat([initial_GBU[None], states_TGBU[:-1]], axis=0)


def product_gradient(before_TGBU: tf.Tensor, d_products_TGBP: tf.Tensor) -> tf.Tensor:
    """The gradient of U in the products h U of all steps: (G, U, P)."""
    return tf.matmul(_rows_of(before_TGBU), _rows_of(d_products_TGBP), transpose_a=True)


def _rows_of(x_TGBU: tf.Tensor) -> tf.Tensor:
    """(G, T*B, U)."""
    shape = tf.shape(x_TGBU)
    return tf.reshape(tf.transpose(x_TGBU, [1, 0, 2, 3]), [shape[1], -1, x_TGBU.shape[-1]])
