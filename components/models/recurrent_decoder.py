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

Shapes: B batch, T target length, S source length, D width, E embedding size, P projected inputs of the first cell, K
beams of a search, N = B * K.
"""

from collections.abc import Sequence
from typing import NamedTuple, final

import tensorflow as tf

from seq2seq_tfx.components.models.cells import make_cell, run_forward
from seq2seq_tfx.components.models.interface import Tensors
from seq2seq_tfx.components.models.layers import LayerContext, ModelLayer, Projection
from seq2seq_tfx.components.models.recurrent_attention import make_attention
from seq2seq_tfx.components.models.recurrent_encoder import Encoded
from seq2seq_tfx.schemas.config.model import ModelConfig


class Read(NamedTuple):
    """What the decoder makes of a position, or of all."""

    attended: tf.Tensor
    """h~: (B, E), or (B, T, E)."""
    weights: tf.Tensor | None
    """Of the source: (B, S), or (B, T, S); None without attention."""


class _Position(NamedTuple):
    """What a step computes, each (B, D) but for the weights, (B, S)."""

    states: tf.Tensor
    context: tf.Tensor
    weights: tf.Tensor | None


class _Manner(NamedTuple):
    """How a step is computed."""

    noise: Sequence[tf.Tensor] = ()
    """Dropout's factors for the inputs of the layers above the first, or nothing."""
    training: bool = False
    beams: int = 1
    """Rows that read one source, K: one after the other."""


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

    def start(self, encoded: Encoded, real_BS: tf.Tensor, beams: int = 1) -> tuple[Tensors, Tensors]:
        """What stays the same from step to step, and the state of each beam before the first step."""
        state = {f"hidden.{i}": _for_each(initial, beams) for i, initial in enumerate(encoded.initial_BZ)}
        if self.attention is None:
            return {"context": encoded.last_BD}, state
        if self.config.input_feeding:
            shape = [tf.shape(encoded.last_BD)[0] * beams, self.config.embedding]
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
        states_BTD = tf.transpose(x, [1, 0, 2])
        context_BTD, weights_BTS = self._read(states_BTD, memory)
        return Read(self._combined(states_BTD, context_BTD), weights_BTS)

    def step(self, x_BKE: tf.Tensor, memory: Tensors, state: Tensors) -> tuple[Read, Tensors]:
        """One position of each of K beams, as rows (B * K, E), and the state after it."""
        x_NE = tf.reshape(x_BKE, [-1, self.config.embedding])
        position, after = self._advance(self.cells[0].project(x_NE), memory, state, _Manner(beams=x_BKE.shape[1]))
        attended = after["attended"] if self.config.input_feeding else self._combined(*position[:2])
        return Read(attended, position.weights), after

    def _advance(
        self, projected_BP: tf.Tensor, memory: Tensors, state: Tensors, manner: _Manner
    ) -> tuple[_Position, Tensors]:
        """One position."""
        after: Tensors = {}
        context, weights = None, None
        if self.feeds_context:
            query_BD = state[f"hidden.{len(self.cells) - 1}"][:, : self.config.width]
            context, weights = self._read_one(query_BD, memory, manner.beams)
        inputs = x_BD = projected_BP
        if self.feed is not None:
            inputs += self.feed(self._fed(context, memory, state, manner.beams))
        for i, cell in enumerate(self.cells):
            if i:
                inputs = cell.project(x_BD * manner.noise[i - 1] if manner.noise else x_BD)
            step = cell.trained_step if manner.training else cell.step
            after[f"hidden.{i}"] = step(inputs, state[f"hidden.{i}"])
            output = after[f"hidden.{i}"][:, : self.config.width]
            x_BD = output + x_BD if i and self.config.residual else output
        if context is None:
            context, weights = self._read_one(x_BD, memory, manner.beams)
        if self.config.input_feeding:
            after["attended"] = self._combined(x_BD, context)
        return _Position(x_BD, context, weights), after

    def _fed(self, context_BD: tf.Tensor | None, memory: Tensors, state: Tensors, beams: int) -> tf.Tensor:
        """What enters the first layer beside the embedding."""
        if self.config.input_feeding:
            return state["attended"]
        return _for_each(memory["context"], beams) if context_BD is None else context_BD

    def _read_one(self, query_ND: tf.Tensor, memory: Tensors, beams: int) -> tuple[tf.Tensor, tf.Tensor | None]:
        """One position of each beam: the contexts (N, D), and weights (N, S)."""
        width = self.config.width
        context, weights = self._read(tf.reshape(query_ND, [-1, beams, width]), memory)
        rows = tf.reshape(context, [-1, width])
        return rows, None if weights is None else tf.reshape(weights, [-1, tf.shape(weights)[2]])

    def _read(self, queries_BTD: tf.Tensor, memory: Tensors) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The contexts, (B, T, D), and weights, (B, T, S)."""
        if self.attention is None:
            return tf.broadcast_to(memory["context"][:, None], tf.shape(queries_BTD)), None
        return self.attention.read(queries_BTD, memory)

    def _combined(self, states: tf.Tensor, context: tf.Tensor) -> tf.Tensor:
        """h~: (..., D) twice to (..., E)."""
        rows = tf.reshape(tf.concat([context, states], axis=-1), [-1, 2 * self.config.width])
        shape = tf.concat([tf.shape(states)[:-1], [self.config.embedding]], axis=0)
        return tf.reshape(tf.tanh(self.combine(rows)), shape)

    def _loop(self, x_TBE: tf.Tensor, started: tuple[Tensors, Tensors], training: bool, keep_weights: bool) -> Read:
        """All positions, one after the other: what attention makes of one enters the next."""
        memory, state = started
        steps, names = tf.shape(x_TBE)[0], list(state)
        # Arrays, because the gradient of a slice inside the loop would be as large as the whole, at every step.
        noise = [_by_time(factors) for factors in self._noise(tf.shape(x_TBE), training)]
        projected = _by_time(self.cells[0].project(x_TBE))
        arrays = [tf.TensorArray(self.compute_dtype, size=steps) for _ in range(1 + self.feeds_context + keep_weights)]

        def body(t: tf.Tensor, values: list[tf.Tensor], written: list[tf.TensorArray]) -> tuple[object, ...]:
            before = dict(zip(names, values, strict=True))
            factors = [each.read(t) for each in noise]
            position, after = self._advance(projected.read(t), memory, before, _Manner(factors, training))
            kept = [position.states, position.context] if self.feeds_context else [after["attended"]]
            kept += [position.weights] if keep_weights else []
            written = [array.write(t, value) for array, value in zip(written, kept, strict=True)]
            return t + 1, [after[name] for name in names], written

        start = tf.constant(0), list(state.values()), arrays
        # Biases are cast inside, and so are matrices outside of training: gradients are added up in float32 everywhere.
        cast = training and self.compute_dtype != "float32"
        matrices = [each for each in self.trainable_variables if cast and len(each.shape) == 2]
        with self.context.reading_once(matrices):
            _, _, arrays = tf.while_loop(lambda t, *_: t < steps, body, start, maximum_iterations=steps)
        found = [tf.transpose(array.stack(), [1, 0, 2]) for array in arrays]
        attended = self._combined(found[0], found[1]) if self.feeds_context else found[0]
        return Read(tf.ensure_shape(attended, [None, None, self.config.embedding]), found[-1] if keep_weights else None)

    def _noise(self, shape_TBE: tf.Tensor, training: bool) -> list[tf.Tensor]:
        """Dropout's factors for the inputs of the layers above the first, each (T, B, D); none without dropout."""
        if not training or self.config.dropout == 0.0:
            return []
        ones = tf.ones([shape_TBE[0], shape_TBE[1], self.config.width], self.compute_dtype)
        return [self.context.dropout.drop(ones, self.config.dropout, training) for _ in self.cells[1:]]


def _for_each(rows_BD: tf.Tensor, beams: int) -> tf.Tensor:
    """Each row as many times as a source has beams: (N, D)."""
    return rows_BD if beams == 1 else tf.repeat(rows_BD, beams, axis=0)


def _by_time(x_TBD: tf.Tensor) -> tf.TensorArray:
    array = tf.TensorArray(x_TBD.dtype, size=tf.shape(x_TBD)[0], element_shape=x_TBD.shape[1:])
    return array.unstack(x_TBD)
