"""Gated recurrent units, with their gradient written out.

Cho 2014, in the form whose reset gate is applied after the recurrent product (as in cuDNN and Keras's `reset_after`):

    z_t = sigmoid(x_t W_z + b_z + h U_z)
    r_t = sigmoid(x_t W_r + b_r + h U_r)
    q_t = h U_n + c
    n_t = tanh(x_t W_n + b_n + r_t q_t)
    h_t = n_t + z_t (h - n_t),   h = h_{t-1}

Shapes: T time, G directions, B batch, U units; gates in the order z, r, n.
"""

from collections.abc import Callable
from typing import NamedTuple, final

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


class _Trace(NamedTuple):
    """What the gradient needs of the forward pass, each (T, G, B, U) but for the gates z and r: (T, G, B, 2U)."""

    states: tf.Tensor
    gates: tf.Tensor
    candidates: tf.Tensor
    products: tf.Tensor


def gru_step(
    projected_B3U: tf.Tensor, h_BU: tf.Tensor, product_B3U: tf.Tensor, candidate_bias_1U: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """One step of the recurrence; `product_B3U` is h U.

    Returns:
        The new state, the gates z and r side by side, the candidate n, and q.
    """
    units = h_BU.shape[-1]
    gates = tf.sigmoid(projected_B3U[..., : 2 * units] + product_B3U[..., : 2 * units])
    q = product_B3U[..., 2 * units :] + candidate_bias_1U
    candidate = tf.tanh(projected_B3U[..., 2 * units :] + gates[..., units:] * q)
    return candidate + gates[..., :units] * (h_BU - candidate), gates, candidate, q


@tf.custom_gradient
def gru_update(
    projected_B3U: tf.Tensor, h_BU: tf.Tensor, product_B3U: tf.Tensor, candidate_bias_1U: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], list[tf.Tensor]]]:
    """The new state of `gru_step`, for a loop that is differentiated: automatic gradients take twice the passes."""
    new, gates, candidate, q = gru_step(projected_B3U, h_BU, product_B3U, candidate_bias_1U)
    units = h_BU.shape[-1]

    def gradient(upstream_BU: tf.Tensor) -> list[tf.Tensor]:
        z, r = gates[:, :units], gates[:, units:]
        d_n = upstream_BU * (1 - z) * (1 - tf.square(candidate))
        d_gates = tf.concat([upstream_BU * (h_BU - candidate), d_n * q], axis=-1) * gates * (1 - gates)
        d_q = d_n * r
        d_product = tf.concat([d_gates, d_q], axis=-1)
        d_bias = tf.reduce_sum(d_q, axis=0, keepdims=True)
        return [tf.concat([d_gates, d_n], axis=-1), upstream_BU * z, d_product, d_bias]

    return new, gradient


@tf.custom_gradient
def gru_sequence(
    projected_TGB3U: tf.Tensor,
    initial_GBU: tf.Tensor,
    real_TGB1: tf.Tensor,
    recurrent_GU3U: tf.Tensor,
    candidate_bias_G1U: tf.Tensor,
) -> tuple[tf.Tensor, Callable[[tf.Tensor], list[tf.Tensor | None]]]:
    """All states h_1 ... h_T: (T, G, B, U)."""
    inputs = Inputs(projected_TGB3U, initial_GBU, real_TGB1)

    def step(t: tf.Tensor, h: tf.Tensor) -> tuple[tf.Tensor, ...]:
        new, *others = gru_step(projected_TGB3U[t], h, tf.matmul(h, recurrent_GU3U), candidate_bias_G1U)
        return h + real_TGB1[t] * (new - h), *others

    units = initial_GBU.shape[-1]
    trace = _Trace(*run_steps(step, (initial_GBU,), tf.shape(projected_TGB3U)[0], (units, 2 * units, units, units)))
    return trace.states, lambda upstream: _gradient(inputs, recurrent_GU3U, trace, upstream)


def _gradient(
    inputs: Inputs, recurrent_GU3U: tf.Tensor, trace: _Trace, upstream_TGBU: tf.Tensor
) -> list[tf.Tensor | None]:
    units = inputs.initial_GBZ.shape[-1]
    before = states_before(inputs.initial_GBZ, trace.states)
    z, r = trace.gates[..., :units], trace.gates[..., units:]
    real = inputs.real_TGB1
    # What the gradient of h_t is multiplied with, for the argument of each gate.
    for_n = real * (1 - z) * (1 - tf.square(trace.candidates))
    for_z = real * (before - trace.candidates) * z * (1 - z)
    for_r = for_n * trace.products * r * (1 - r)
    for_q = for_n * r
    factors, kept = tf.concat([for_z, for_r, for_q], axis=-1), real * z + (1 - real)

    def step(t: tf.Tensor, carried: tf.Tensor) -> tuple[tf.Tensor, ...]:
        d_state = upstream_TGBU[t] + carried
        d_product = factors[t] * tf.tile(d_state, [1, 1, 3])
        return d_state * kept[t] + tf.matmul(d_product, recurrent_GU3U, transpose_b=True), d_state

    nothing = tf.zeros_like(inputs.initial_GBZ)
    d_states, (d_initial,) = run_steps_back(step, (nothing,), tf.shape(upstream_TGBU)[0], units)
    d_products = factors * tf.tile(d_states, [1, 1, 1, 3])
    d_projected = tf.concat([d_products[..., : 2 * units], d_states * for_n], axis=-1)
    d_bias = tf.reduce_sum(d_products[..., 2 * units :], axis=[0, 2])[:, None]
    return [d_projected, d_initial, None, product_gradient(before, d_products), d_bias]


@final
class GruCell(RecurrentCell):
    """The variables of one direction of one layer."""

    def __init__(self, name: str, context: LayerContext, inputs: int, units: int) -> None:
        super().__init__(name, context, inputs, units, gates=3)
        self.candidate_bias = self.vector("candidate_bias", units)

    @property
    @override
    def state_size(self) -> int:
        return self.units

    @override
    def parameters(self) -> Parameters:
        return self.computing(self.recurrent), self.computing(self.candidate_bias)[None]

    @override
    def step(self, projected_BP: tf.Tensor, state_BZ: tf.Tensor) -> tf.Tensor:
        product_BP = self.times(state_BZ, self.recurrent)
        return gru_step(projected_BP, state_BZ, product_BP, self.computing(self.candidate_bias)[None])[0]

    @override
    def trained_step(self, projected_BP: tf.Tensor, state_BZ: tf.Tensor) -> tf.Tensor:
        product_BP = self.times(state_BZ, self.recurrent)
        return gru_update(projected_BP, state_BZ, product_BP, self.computing(self.candidate_bias)[None])

    @override
    def sequence(self, inputs: Inputs, parameters: Parameters) -> States:
        outputs = gru_sequence(*inputs, *parameters)
        return States(outputs, outputs[-1])
