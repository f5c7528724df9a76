"""Long short-term memory (Hochreiter and Schmidhuber 1997, forget gate of Gers 2000), with its gradient written out.

    i_t = sigmoid(x_t W_i + b_i + h U_i)
    f_t = sigmoid(x_t W_f + b_f + h U_f)          b_f starts at 1 (Jozefowicz 2015)
    o_t = sigmoid(x_t W_o + b_o + h U_o)
    g_t = tanh(x_t W_g + b_g + h U_g)
    c_t = f_t c_{t-1} + i_t g_t
    h_t = o_t tanh(c_t),   h = h_{t-1}

Shapes: T time, G directions, B batch, U units; gates in the order i, f, o, g; the state is h, then c.
"""

from collections.abc import Callable
from typing import NamedTuple, final

import keras
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
    """What the gradient needs of the forward pass, each (T, G, B, U) but for the gates i, f and o: (T, G, B, 3U)."""

    outputs: tf.Tensor
    memories: tf.Tensor
    gates: tf.Tensor
    candidates: tf.Tensor


def lstm_step(
    projected_B4U: tf.Tensor, c_BU: tf.Tensor, product_B4U: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """One step of the recurrence; `product_B4U` is h U.

    Returns:
        The new h and c, the gates i, f and o side by side, and the candidate g.
    """
    units = c_BU.shape[-1]
    sums = projected_B4U + product_B4U
    gates, candidate = tf.sigmoid(sums[..., : 3 * units]), tf.tanh(sums[..., 3 * units :])
    c = gates[..., units : 2 * units] * c_BU + gates[..., :units] * candidate
    return gates[..., 2 * units :] * tf.tanh(c), c, gates, candidate


@tf.custom_gradient
def lstm_sequence(
    projected_TGB4U: tf.Tensor, initial_GB2U: tf.Tensor, real_TGB1: tf.Tensor, recurrent_GU4U: tf.Tensor
) -> tuple[tuple[tf.Tensor, tf.Tensor], Callable[[tf.Tensor, tf.Tensor], list[tf.Tensor | None]]]:
    """All h_1 ... h_T, (T, G, B, U), and the last c, (G, B, U)."""
    inputs = Inputs(projected_TGB4U, initial_GB2U, real_TGB1)

    def step(t: tf.Tensor, h: tf.Tensor, c: tf.Tensor) -> tuple[tf.Tensor, ...]:
        new_h, new_c, *others = lstm_step(projected_TGB4U[t], c, tf.matmul(h, recurrent_GU4U))
        return h + real_TGB1[t] * (new_h - h), c + real_TGB1[t] * (new_c - c), *others

    units = initial_GB2U.shape[-1] // 2
    initial = initial_GB2U[..., :units], initial_GB2U[..., units:]
    trace = _Trace(*run_steps(step, initial, tf.shape(projected_TGB4U)[0], (units, units, 3 * units, units)))
    outputs = trace.outputs, trace.memories[-1]
    return outputs, lambda *upstream: _gradient(inputs, recurrent_GU4U, trace, upstream)


def _gradient(
    inputs: Inputs, recurrent_GU4U: tf.Tensor, trace: _Trace, upstream: tuple[tf.Tensor, tf.Tensor]
) -> list[tf.Tensor | None]:
    (upstream_TGBU, upstream_last_GBU), real = upstream, inputs.real_TGB1
    units = upstream_TGBU.shape[-1]
    before_h = states_before(inputs.initial_GBZ[..., :units], trace.outputs)
    before_c = states_before(inputs.initial_GBZ[..., units:], trace.memories)
    i, f, o = tf.split(trace.gates, 3, axis=-1)
    g, squashed = trace.candidates, tf.tanh(trace.memories)
    for_c = real * o * (1 - tf.square(squashed))
    # What the gradient of c_t (of h_t for the gate o) is multiplied with, for the argument of each gate.
    factors = tf.concat(
        [g * i * (1 - i), before_c * f * (1 - f), real * squashed * o * (1 - o), i * (1 - tf.square(g))], axis=-1
    )

    def step(t: tf.Tensor, carried_h: tf.Tensor, carried_c: tf.Tensor) -> tuple[tf.Tensor, ...]:
        d_h = upstream_TGBU[t] + carried_h
        d_c = d_h * for_c[t] + real[t] * carried_c
        d_product = factors[t] * tf.concat([d_c, d_c, d_h, d_c], axis=-1)
        padding = 1 - real[t]
        carried_h = padding * d_h + tf.matmul(d_product, recurrent_GU4U, transpose_b=True)
        return carried_h, padding * carried_c + d_c * f[t], d_product

    carried = tf.zeros_like(upstream_last_GBU), upstream_last_GBU
    d_products, d_initial = run_steps_back(step, carried, tf.shape(upstream_TGBU)[0], 4 * units)
    return [d_products, tf.concat(d_initial, axis=-1), None, product_gradient(before_h, d_products)]


@final
class LstmCell(RecurrentCell):
    """The variables of one direction of one layer."""

    def __init__(self, name: str, context: LayerContext, inputs: int, units: int) -> None:
        super().__init__(name, context, inputs, units, gates=4)
        ones = keras.ops.ones([units])
        self.bias.assign(keras.ops.concatenate([0 * ones, ones, 0 * ones, 0 * ones]))

    @property
    @override
    def state_size(self) -> int:
        return 2 * self.units

    @override
    def parameters(self) -> Parameters:
        return (self.computing(self.recurrent),)

    @override
    def step(self, projected_BP: tf.Tensor, state_BZ: tf.Tensor) -> tf.Tensor:
        product_BP = self.times(state_BZ[:, : self.units], self.recurrent)
        h, c, *_ = lstm_step(projected_BP, state_BZ[:, self.units :], product_BP)
        return tf.concat([h, c], axis=-1)

    @override
    def sequence(self, inputs: Inputs, parameters: Parameters) -> States:
        outputs, last_c = lstm_sequence(*inputs, *parameters)
        return States(outputs, tf.concat([outputs[-1], last_c], axis=-1))
