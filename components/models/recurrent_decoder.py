"""The recurrent decoder: cells, attention, and what of a step enters the next.

    s_t  = cell(x_t, s_{t-1})                 `layers` layers of width units; from the second on with residuals if asked
    h~_t = tanh(W_c [c_t; s_t])               Luong 2015, equation 5; size of the embeddings

    attention      c_t                                    x_t, the first layer's input
    none           the encoder's last h, for every t      [E y_{t-1}; c]           Cho 2014
    bahdanau       attention of s_{t-1}                   [E y_{t-1}; c_t]         Bahdanau 2015
    luong          attention of s_t                       E y_{t-1}
    luong, fed     attention of s_t                       [E y_{t-1}; h~_{t-1}]    Luong 2015, section 3.3; h~_0 = 0

W [a; b] is computed as W_1 a + W_2 b: the products of a whole sequence stand before the loop over time, those of what
is fed inside. Where nothing but the cells depends on the step before, whole sequences run layer by layer, and attention
reads for all positions at once.

Shapes: B batch, T target length, S source length, D width, E embedding size, P projected inputs of the first cell.
"""

from typing import NamedTuple, final

import tensorflow as tf

from seq2seq_tfx.components.models.cells import make_cell, run_forward
from seq2seq_tfx.components.models.interface import Tensors
from seq2seq_tfx.components.models.layers import LayerContext, ModelLayer, Projection
from seq2seq_tfx.components.models.recurrence import Parameters
from seq2seq_tfx.components.models.recurrent_attention import make_attention
from seq2seq_tfx.components.models.recurrent_encoder import Encoded
from seq2seq_tfx.schemas.config.model import ModelConfig


class Read(NamedTuple):
    """What the decoder makes of a position, or of all."""

    attended: tf.Tensor
    """h~: (B, E), or (B, T, E)."""
    weights: tf.Tensor | None
    """Of the source: (B, S), or (B, T, S); None without attention."""


@final
class RecurrentDecoder(ModelLayer):
    """See the module."""

    def __init__(self, context: LayerContext, config: ModelConfig) -> None:
        super().__init__("decoder", context)
        self.config = config
        width, embedding = config.width, config.embedding
        sizes = [embedding] + [width] * (config.layers - 1)
        self.cells = self.own(
            [make_cell(config.cell, f"decoder.{i}", context, (n, width)) for i, n in enumerate(sizes)]
        )
        self.attention = make_attention(config, context)
        self.feeds_context = config.attention == "bahdanau"
        fed = embedding if config.input_feeding else width
        self.feed = None
        if self.attention is None or self.feeds_context or config.input_feeding:
            self.feed = Projection("decoder.feed", context, fed, self.cells[0].projected_size, bias=False)
        self.combine = Projection("decoder.combine", context, 2 * width, embedding, bias=False)

    def start(self, encoded: Encoded, real_BS: tf.Tensor) -> tuple[Tensors, Tensors]:
        """What stays the same from step to step, and the state before the first step."""
        state = {f"hidden.{i}": initial for i, initial in enumerate(encoded.initial_BZ)}
        if self.attention is None:
            return {"context": encoded.last_BD}, state
        if self.config.input_feeding:
            shape = [tf.shape(encoded.last_BD)[0], self.config.embedding]
            state["attended"] = tf.zeros(shape, self.compute_dtype)
        return self.attention.prepare(encoded.states_BSD, real_BS), state

    def sequence(
        self, x_TBE: tf.Tensor, started: tuple[Tensors, Tensors], training: bool, weights: bool = False
    ) -> Read:
        """All positions of a known target.

        Args:
            x_TBE: Embeddings of the tokens fed, time first.
            started: From `start`.
            training: Whether dropout is on.
            weights: Whether the weights are wanted.
        """
        if self.feeds_context or self.config.input_feeding:
            return self._loop(x_TBE, started, training, weights)
        memory, state = started
        x = x_TBE
        for i, cell in enumerate(self.cells):
            dropped = self.context.dropout.drop(x, self.config.dropout, training) if i else x
            fed = self.feed(memory["context"]) if self.feed is not None and i == 0 else None
            outputs = run_forward(cell, dropped, state[f"hidden.{i}"], fed)
            x = outputs + x if i and self.config.residual else outputs
        return self._attended(tf.transpose(x, [1, 0, 2]), memory)

    def step(self, x_BE: tf.Tensor, memory: Tensors, state: Tensors) -> tuple[Read, Tensors]:
        """One position, and the state after it."""
        parameters = [cell.parameters() for cell in self.cells]
        return self._advance(self.cells[0].project(x_BE), memory, state, (parameters, []))

    def _advance(
        self,
        projected_BP: tf.Tensor,
        memory: Tensors,
        state: Tensors,
        constants: tuple[list[Parameters], list[tf.Tensor]],
    ) -> tuple[Read, Tensors]:
        """One position; `constants` are the cells' parameters, and dropout's factors for the layers above the first."""
        parameters, noise = constants
        after: Tensors = {}
        read: tuple[tf.Tensor, tf.Tensor] | None = None
        if self.feeds_context and self.attention is not None:
            query_BD = state[f"hidden.{len(self.cells) - 1}"][:, : self.config.width]
            read = self.attention.read(query_BD[:, None], memory)
        inputs, x_BD = projected_BP + self._fed(read, memory, state), projected_BP
        for i, cell in enumerate(self.cells):
            if i:
                inputs = cell.project(x_BD * noise[i - 1] if noise else x_BD)
            after[f"hidden.{i}"] = cell.step(inputs, state[f"hidden.{i}"], parameters[i])
            output = after[f"hidden.{i}"][:, : self.config.width]
            x_BD = output + x_BD if i and self.config.residual else output
        attended, weights = self._attended(x_BD[:, None], memory, read)
        if self.config.input_feeding:
            after["attended"] = attended[:, 0]
        return Read(attended[:, 0], None if weights is None else weights[:, 0]), after

    def _fed(self, read: tuple[tf.Tensor, tf.Tensor] | None, memory: Tensors, state: Tensors) -> tf.Tensor:
        """What is added to the first layer's projected input: (B, P)."""
        if self.feed is None:
            return 0.0
        if read is not None:
            return self.feed(read[0][:, 0])
        return self.feed(state["attended"] if self.config.input_feeding else memory["context"])

    def _attended(
        self, states_BTD: tf.Tensor, memory: Tensors, read: tuple[tf.Tensor, tf.Tensor] | None = None
    ) -> Read:
        """h~ of some positions: (B, T, E)."""
        shape = tf.shape(states_BTD)
        weights: tf.Tensor | None = None
        if read is not None:
            context, weights = read
        elif self.attention is not None:
            context, weights = self.attention.read(states_BTD, memory)
        else:
            context = tf.broadcast_to(memory["context"][:, None], shape)
        rows = tf.reshape(tf.concat([context, states_BTD], axis=-1), [-1, 2 * self.config.width])
        return Read(tf.reshape(tf.tanh(self.combine(rows)), [shape[0], shape[1], self.config.embedding]), weights)

    def _loop(self, x_TBE: tf.Tensor, started: tuple[Tensors, Tensors], training: bool, keep_weights: bool) -> Read:
        """All positions, one after the other: what attention makes of one enters the next."""
        memory, state = started
        steps, names = tf.shape(x_TBE)[0], list(state)
        parameters = [cell.parameters() for cell in self.cells]
        # Arrays, because the gradient of a slice inside the loop would be as large as the whole, at every step.
        noise = [_by_time(factors) for factors in self._noise(tf.shape(x_TBE), training)]
        projected = _by_time(self.cells[0].project(x_TBE))
        outputs = tuple(tf.TensorArray(self.compute_dtype, size=steps) for _ in range(1 + keep_weights))

        def body(t: tf.Tensor, values: list[tf.Tensor], written: tuple[tf.TensorArray, ...]) -> tuple[object, ...]:
            constants = parameters, [factors.read(t) for factors in noise]
            read, after = self._advance(projected.read(t), memory, dict(zip(names, values, strict=True)), constants)
            written = tuple(array.write(t, value) for array, value in zip(written, read, strict=False))
            return t + 1, [after[name] for name in names], written

        start = tf.constant(0), list(state.values()), outputs
        _, _, outputs = tf.while_loop(lambda t, *_: t < steps, body, start, maximum_iterations=steps)
        attended, *weights = (tf.transpose(array.stack(), [1, 0, 2]) for array in outputs)
        attended = tf.ensure_shape(attended, [None, None, self.config.embedding])
        return Read(attended, weights[0] if weights else None)

    def _noise(self, shape_TBE: tf.Tensor, training: bool) -> list[tf.Tensor]:
        """Dropout's factors for the inputs of the layers above the first, each (T, B, D); none without dropout."""
        if not training or self.config.dropout == 0.0:
            return []
        ones = tf.ones([shape_TBE[0], shape_TBE[1], self.config.width], self.compute_dtype)
        return [self.context.dropout.drop(ones, self.config.dropout, training) for _ in self.cells[1:]]


def _by_time(x_TBD: tf.Tensor) -> tf.TensorArray:
    array = tf.TensorArray(x_TBD.dtype, size=tf.shape(x_TBD)[0], element_shape=x_TBD.shape[1:])
    return array.unstack(x_TBD)
