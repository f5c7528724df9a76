"""The simple recurrent network (Elman 1990), with its gradient written out.

    h_t = tanh(x_t W + b + h_{t-1} U)

Shapes: T time, G directions, B batch, U units.
"""

from collections.abc import Callable
from typing import final

import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.models.layers import LayerContext
from seq2seq_tfx.components.models.recurrence import (
    Inputs,
    Parameters,
    RecurrentCell,
    States,
    product_gradient,
    run_steps,
    run_steps_back,
    states_before,
)


@tf.custom_gradient
def simple_sequence(
    projected_TGBU: tf.Tensor, initial_GBU: tf.Tensor, real_TGB1: tf.Tensor, recurrent_GUU: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], list[tf.Tensor | None]]]:
    """All states h_1 ... h_T: (T, G, B, U)."""
    steps, units = tf.shape(projected_TGBU)[0], initial_GBU.shape[-1]

    def step(t: tf.Tensor, h: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return (h + real_TGB1[t] * (tf.tanh(projected_TGBU[t] + tf.matmul(h, recurrent_GUU)) - h),)

    (states,) = run_steps(step, (initial_GBU,), steps, (units,))

    def gradient(upstream_TGBU: tf.Tensor) -> list[tf.Tensor | None]:
        factors, padding = real_TGB1 * (1 - tf.square(states)), 1 - real_TGB1

        def step_back(t: tf.Tensor, carried: tf.Tensor) -> tuple[tf.Tensor, ...]:
            d_state = upstream_TGBU[t] + carried
            d_product = factors[t] * d_state
            return padding[t] * d_state + tf.matmul(d_product, recurrent_GUU, transpose_b=True), d_product

        d_products, (d_initial,) = run_steps_back(step_back, (tf.zeros_like(initial_GBU),), steps, units)
        return [d_products, d_initial, None, product_gradient(states_before(initial_GBU, states), d_products)]

    return states, gradient


@final
class SimpleCell(RecurrentCell):
    """The variables of one direction of one layer."""

    def __init__(self, name: str, context: LayerContext, inputs: int, units: int) -> None:
        super().__init__(name, context, inputs, units, gates=1)

    @property
    @override
    def state_size(self) -> int:
        return self.units

    @override
    def parameters(self) -> Parameters:
        return (self.computing(self.recurrent),)

    @override
    def step(self, projected_BP: tf.Tensor, state_BZ: tf.Tensor) -> tf.Tensor:
        return tf.tanh(projected_BP + self.times(state_BZ, self.recurrent))

    @override
    def sequence(self, inputs: Inputs, parameters: Parameters) -> States:
        outputs = simple_sequence(*inputs, *parameters)
        return States(outputs, outputs[-1])
