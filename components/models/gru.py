"""Gated recurrent units over whole sequences, with their gradient written out.

Cho 2014, in the form whose reset gate is applied after the recurrent product (as in cuDNN and Keras's `reset_after`):

    z_t = sigmoid(x_t W_z + b_z + h U_z)
    r_t = sigmoid(x_t W_r + b_r + h U_r)
    q_t = h U_n + c
    n_t = tanh(x_t W_n + b_n + r_t q_t)
    h_t = n_t + z_t (h - n_t),   h = h_{t-1}

The products with W are one matrix product before the loop; the loop of the gradient holds one product with U^T, and
the gradient of U is one product after it.

Shapes: T time, G directions (1, or 2 for both), B batch, I inputs, U units.
"""

from collections.abc import Callable
from typing import NamedTuple, final

import keras
import tensorflow as tf

from seq2seq_tfx.components.models.layers import LayerContext, ModelLayer


class GruInputs(NamedTuple):
    """What a recurrence runs over."""

    projected_TGB3U: tf.Tensor
    """x W + b, gates in the order z, r, n."""
    initial_GBU: tf.Tensor
    """h_0."""
    recurrent_GU3U: tf.Tensor
    """U, gates in the order z, r, n."""
    candidate_bias_GU: tf.Tensor
    """c."""
    real_TGB1: tf.Tensor
    """1 for a token; 0 for padding, which leaves the state as it is. Broadcasts."""


class _Trace(NamedTuple):
    """What the gradient needs of the forward pass, each (T, G, B, U) but for the gates z and r: (T, G, B, 2U)."""

    states: tf.Tensor
    gates: tf.Tensor
    candidates: tf.Tensor
    products: tf.Tensor


def gru_step(
    projected_GB3U: tf.Tensor, h_GBU: tf.Tensor, recurrent_GU3U: tf.Tensor, candidate_bias_GU: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """One step of the recurrence.

    Returns:
        The new state, the gates z and r side by side, the candidate n, and q.
    """
    units = h_GBU.shape[-1]
    product = tf.matmul(h_GBU, recurrent_GU3U)
    gates = tf.sigmoid(projected_GB3U[..., : 2 * units] + product[..., : 2 * units])
    q = product[..., 2 * units :] + candidate_bias_GU[:, None, :]
    candidate = tf.tanh(projected_GB3U[..., 2 * units :] + gates[..., units:] * q)
    return candidate + gates[..., :units] * (h_GBU - candidate), gates, candidate, q


def gru_sequence(inputs: GruInputs) -> tf.Tensor:
    """All states h_1 ... h_T: (T, G, B, U)."""
    return _differentiable(*inputs)


@tf.custom_gradient
def _differentiable(*tensors: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], list[tf.Tensor | None]]]:
    inputs = GruInputs(*tensors)
    trace = _run(inputs)
    return trace.states, lambda upstream: _gradient(inputs, trace, upstream)


def _run(inputs: GruInputs) -> _Trace:
    steps = tf.shape(inputs.projected_TGB3U)[0]
    dtype, units = inputs.initial_GBU.dtype, inputs.initial_GBU.shape[-1]
    batch = [inputs.initial_GBU.shape[0], None]
    arrays = [
        tf.TensorArray(dtype, size=steps, element_shape=[*batch, size]) for size in (units, 2 * units, units, units)
    ]

    def body(t: tf.Tensor, h: tf.Tensor, *written: tf.TensorArray) -> tuple[tf.Tensor, ...]:
        new, *others = gru_step(inputs.projected_TGB3U[t], h, inputs.recurrent_GU3U, inputs.candidate_bias_GU)
        new = h + inputs.real_TGB1[t] * (new - h)
        return t + 1, new, *(array.write(t, value) for array, value in zip(written, [new, *others], strict=True))

    results = tf.while_loop(
        lambda t, *_: t < steps, body, (tf.constant(0), inputs.initial_GBU, *arrays), maximum_iterations=steps
    )
    return _Trace(*(array.stack() for array in results[2:]))


def _gradient(inputs: GruInputs, trace: _Trace, upstream_TGBU: tf.Tensor) -> list[tf.Tensor | None]:
    units = inputs.initial_GBU.shape[-1]
    before = tf.concat([inputs.initial_GBU[None], trace.states[:-1]], axis=0)
    z, r = trace.gates[..., :units], trace.gates[..., units:]
    real = inputs.real_TGB1
    # What the gradient of h_t is multiplied with, for the argument of each gate.
    for_n = real * (1 - z) * (1 - tf.square(trace.candidates))
    for_z = real * (before - trace.candidates) * z * (1 - z)
    for_r = for_n * trace.products * r * (1 - r)
    for_q = for_n * r
    factors = tf.concat([for_z, for_r, for_q], axis=-1)
    d_states, d_initial = _run_back(inputs, factors, real * z + (1 - real), upstream_TGBU)
    d_products = factors * tf.tile(d_states, [1, 1, 1, 3])
    d_projected = tf.concat([d_products[..., : 2 * units], d_states * for_n], axis=-1)
    d_recurrent = tf.matmul(_rows_of(before), _rows_of(d_products), transpose_a=True)
    d_bias = tf.reduce_sum(d_products[..., 2 * units :], axis=[0, 2])
    return [d_projected, d_initial, d_recurrent, d_bias, None]


def _run_back(
    inputs: GruInputs, factors: tf.Tensor, kept: tf.Tensor, upstream: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """The gradients of all states, (T, G, B, U), and of the initial one."""
    steps = tf.shape(upstream)[0]
    array = tf.TensorArray(upstream.dtype, size=steps, element_shape=inputs.initial_GBU.shape)

    def body(t: tf.Tensor, carried: tf.Tensor, written: tf.TensorArray) -> tuple[tf.Tensor, ...]:
        d_state = upstream[t] + carried
        d_product = factors[t] * tf.tile(d_state, [1, 1, 3])
        carried = d_state * kept[t] + tf.matmul(d_product, inputs.recurrent_GU3U, transpose_b=True)
        return t - 1, carried, written.write(t, d_state)

    _, d_initial, array = tf.while_loop(
        lambda t, *_: t >= 0, body, (steps - 1, tf.zeros_like(inputs.initial_GBU), array), maximum_iterations=steps
    )
    return array.stack(), d_initial


def _rows_of(x_TGBU: tf.Tensor) -> tf.Tensor:
    """(G, T*B, U)."""
    shape = tf.shape(x_TGBU)
    return tf.reshape(tf.transpose(x_TGBU, [1, 0, 2, 3]), [shape[1], -1, x_TGBU.shape[-1]])


@final
class GruCell(ModelLayer):
    """The variables of one direction of one layer."""

    def __init__(self, name: str, context: LayerContext, inputs: int, units: int) -> None:
        super().__init__(name, context)
        self.inputs, self.units = inputs, units
        self.kernel = self.matrix("kernel", inputs, 3 * units)
        self.bias = self.vector("bias", 3 * units)
        orthogonal = keras.initializers.Orthogonal(seed=context.seed_of(f"{name}/recurrent"))
        self.recurrent = self.variable("recurrent", (units, 3 * units), orthogonal)
        self.candidate_bias = self.vector("candidate_bias", units)

    def project(self, x_TBI: tf.Tensor) -> tf.Tensor:
        """x W + b for all steps: (T, B, 3U)."""
        shape = tf.shape(x_TBI)
        rows = tf.matmul(tf.reshape(x_TBI, [-1, self.inputs]), self.computing(self.kernel))
        rows = tf.nn.bias_add(rows, self.computing(self.bias))
        return tf.reshape(rows, [shape[0], shape[1], 3 * self.units])


def run_forward(cell: GruCell, x_TBI: tf.Tensor, initial_BU: tf.Tensor) -> tf.Tensor:
    """The states of a layer in one direction, without masking: (T, B, U)."""
    states = gru_sequence(
        GruInputs(
            projected_TGB3U=cell.project(x_TBI)[:, None],
            initial_GBU=initial_BU[None],
            recurrent_GU3U=cell.computing(cell.recurrent)[None],
            candidate_bias_GU=cell.computing(cell.candidate_bias)[None],
            real_TGB1=tf.ones([tf.shape(x_TBI)[0], 1, 1, 1], cell.compute_dtype),
        )
    )
    return states[:, 0]


def run_both_ways(cells: tuple[GruCell, GruCell], x_TBI: tf.Tensor, real_TB: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """A layer that reads from both ends.

    Args:
        cells: First-to-last, last-to-first.
        x_TBI: Inputs.
        real_TB: False for padding.

    Returns:
        The states side by side, (T, B, 2U), and the last state of each direction side by side, (B, 2U).
    """
    there, back = cells
    real_TB1 = tf.cast(real_TB, there.compute_dtype)[..., None]
    states = gru_sequence(
        GruInputs(
            projected_TGB3U=tf.stack([there.project(x_TBI), tf.reverse(back.project(x_TBI), [0])], axis=1),
            initial_GBU=tf.zeros([2, tf.shape(x_TBI)[1], there.units], there.compute_dtype),
            recurrent_GU3U=tf.stack([cell.computing(cell.recurrent) for cell in cells]),
            candidate_bias_GU=tf.stack([cell.computing(cell.candidate_bias) for cell in cells]),
            real_TGB1=tf.stack([real_TB1, tf.reverse(real_TB1, [0])], axis=1),
        )
    )
    both = tf.concat([states[:, 0], tf.reverse(states[:, 1], [0])], axis=-1)
    return both, tf.concat([states[-1, 0], states[-1, 1]], axis=-1)
