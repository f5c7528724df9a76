"""A recurrent encoder-decoder with attention (Cho 2014, Bahdanau 2015, Luong 2015).

    encoder: `layers` layers of GRUs that read the source from both ends, width/2 units each way, side by side
    s_0     = tanh(W_b [last state there; last state back] + b_b)                 per decoder layer
    s_t     = GRU(E[y_{t-1}], s_{t-1})                                            `layers` layers of width units
    a_t     = softmax over the source of  s_t^T W_a h_s                           Luong's "general" score
    c_t     = sum over the source of  a_t(s) h_s
    h~_t    = tanh(W_c [c_t; s_t])                                                size of the embeddings
    logits  = h~_t E^T

h~_t is not fed back into the GRU (no input feeding), so attention runs over all positions at once. The output shares
the embedding E with source and target (Press and Wolf 2017).

Shapes: B batch, S source length, T target length, D width, E embedding size; sequences run time first inside.
"""

import math
from typing import final

import keras
import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.models.attention import mask_bias
from seq2seq_tfx.components.models.gru import GruCell, gru_step, run_both_ways, run_forward
from seq2seq_tfx.components.models.interface import Seq2SeqModel, Tensors
from seq2seq_tfx.components.models.layers import Embedding, LayerContext, ModelLayer, Projection, real_positions
from seq2seq_tfx.schemas.config.model import ModelConfig


@final
class LuongAttention(ModelLayer):
    """Global attention with the general score (Luong 2015, equations 5 to 8)."""

    def __init__(self, name: str, context: LayerContext, width: int, outputs: int) -> None:
        super().__init__(name, context)
        self.width, self.outputs = width, outputs
        self.score = self.matrix("score", width, width)
        self.combine = self.matrix("combine", 2 * width, outputs)

    def keys(self, states_BSD: tf.Tensor) -> tf.Tensor:
        """W_a h_s for every source position: (B, S, D)."""
        rows = tf.matmul(tf.reshape(states_BSD, [-1, self.width]), self.computing(self.score), transpose_b=True)
        return tf.reshape(rows, tf.shape(states_BSD))

    def attend(self, queries_BTD: tf.Tensor, memory: Tensors) -> tf.Tensor:
        """h~ for every target position.

        Args:
            queries_BTD: States s_t of the decoder.
            memory: `keys` and `states`, both (B, S, D), and `real` (B, S).

        Returns:
            (B, T, E).
        """
        context_BTD = tf.matmul(self.weights(queries_BTD, memory), memory["states"])
        rows = tf.reshape(tf.concat([context_BTD, queries_BTD], axis=-1), [-1, 2 * self.width])
        shape = tf.shape(queries_BTD)
        return tf.reshape(tf.tanh(tf.matmul(rows, self.computing(self.combine))), [shape[0], shape[1], self.outputs])

    def weights(self, queries_BTD: tf.Tensor, memory: Tensors) -> tf.Tensor:
        """The softmax over the source: (B, T, S)."""
        bias_B1S = mask_bias(memory["real"], self.compute_dtype)[:, None, :]
        return tf.nn.softmax(tf.matmul(queries_BTD, memory["keys"], transpose_b=True) + bias_B1S)


@final
class RecurrentModel(Seq2SeqModel):
    """See the module; sizes and dropout rates come from the `model` section of the configuration."""

    def __init__(self, config: ModelConfig, vocabulary_size: int, seed: int, compute_dtype: str) -> None:
        super().__init__("rnn", compute_dtype)
        context = LayerContext(seed=seed, compute_dtype=compute_dtype, dropout=self.dropout_stream)
        self.config = config
        width, half = config.width, config.width // 2
        sizes = [config.embedding] + [width] * (config.layers - 1)
        self.embedding = Embedding("embedding", context, vocabulary_size, config.embedding)
        self.there_cells = self.own([GruCell(f"encoder.{i}.there", context, n, half) for i, n in enumerate(sizes)])
        self.back_cells = self.own([GruCell(f"encoder.{i}.back", context, n, half) for i, n in enumerate(sizes)])
        self.bridges = self.own(
            [Projection(f"bridge.{i}", context, width, width, bias=True) for i in range(config.layers)]
        )
        self.decoder_cells = self.own([GruCell(f"decoder.{i}", context, n, width) for i, n in enumerate(sizes)])
        self.attention = LuongAttention("attention", context, width, config.embedding)
        self.built = True

    @property
    @override
    def output_embedding(self) -> keras.Variable:
        return self.embedding.table

    @override
    def encode(self, source_ids_BS: tf.Tensor, training: bool = False) -> Tensors:
        real_BS = real_positions(source_ids_BS)
        x_SBD = self._embed(tf.transpose(source_ids_BS), training)
        memory: Tensors = {"real": real_BS}
        for i, cells in enumerate(zip(self.there_cells, self.back_cells, strict=True)):
            x_SBD = self._between(x_SBD, i, training)
            x_SBD, last_BD = run_both_ways(cells, x_SBD, tf.transpose(real_BS))
            memory[f"initial.{i}"] = tf.tanh(self.bridges[i](last_BD))
        memory["states"] = tf.transpose(x_SBD, [1, 0, 2])
        return memory

    @override
    def decode(self, memory: Tensors, target_in_BT: tf.Tensor, training: bool = False) -> tf.Tensor:
        attended_BTE = self.attention.attend(*self._queries_and_sources(memory, target_in_BT, training))
        return self.dropout_stream.drop(attended_BTE, self.config.dropout, training)

    @override
    def attention_weights(self, memory: Tensors, target_in_BT: tf.Tensor) -> tf.Tensor | None:
        return tf.cast(self.attention.weights(*self._queries_and_sources(memory, target_in_BT, False)), tf.float32)

    def _queries_and_sources(
        self, memory: Tensors, target_in_BT: tf.Tensor, training: bool
    ) -> tuple[tf.Tensor, Tensors]:
        x_TBD = self._embed(tf.transpose(target_in_BT), training)
        for i, cell in enumerate(self.decoder_cells):
            x_TBD = run_forward(cell, self._between(x_TBD, i, training), memory[f"initial.{i}"])
        return tf.transpose(x_TBD, [1, 0, 2]), {**memory, "keys": self.attention.keys(memory["states"])}

    @override
    def start(self, memory: Tensors) -> tuple[Tensors, Tensors]:
        states = memory["states"]
        fixed = {"real": memory["real"], "states": states, "keys": self.attention.keys(states)}
        return fixed, {f"hidden.{i}": memory[f"initial.{i}"] for i in range(self.config.layers)}

    @override
    def step(
        self, memory: Tensors, state: Tensors, token_B: tf.Tensor, position: tf.Tensor
    ) -> tuple[tf.Tensor, Tensors]:
        x_BD = self._embed(token_B, False)
        after: Tensors = {}
        for i, cell in enumerate(self.decoder_cells):
            new, *_ = gru_step(
                cell.project(x_BD[None]),
                state[f"hidden.{i}"][None],
                cell.computing(cell.recurrent)[None],
                cell.computing(cell.candidate_bias)[None],
            )
            x_BD = after[f"hidden.{i}"] = new[0]
        return self.logits(self.attention.attend(x_BD[:, None], memory)[:, 0]), after

    def _embed(self, ids: tf.Tensor, training: bool) -> tf.Tensor:
        scaled = self.embedding(ids) * math.sqrt(self.config.embedding)
        return self.dropout_stream.drop(scaled, self.config.dropout, training)

    def _between(self, x_TBD: tf.Tensor, layer: int, training: bool) -> tf.Tensor:
        """Dropout between recurrent layers; the first layer's inputs have theirs from the embedding."""
        return self.dropout_stream.drop(x_TBD, self.config.dropout, training) if layer else x_TBD
