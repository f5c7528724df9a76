"""The Transformer (Vaswani 2017), with layer normalisation before (Xiong 2020) or after each sub-layer's residual.

    x   = sqrt(D) E[ids] + PE                       sinusoidal or learned positions; rotary ones turn queries and keys
    pre:    x += f(LayerNorm(x)), one more LayerNorm after the last layer
    post:   x  = LayerNorm(x + f(x))
    f:      Attention(x)                            decoder: to earlier positions, then to the source
            W2 ReLU(W1 x + b1) + b2
    logits = x E^T

Shapes: B batch, S source length, T target length, N rows, D width, H heads, d size of a head.
"""

import math
from typing import NamedTuple, final

import keras
import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.models.attention import MultiHeadAttention, causal_bias, padding_bias
from seq2seq_tfx.components.models.embeddings import make_embeddings
from seq2seq_tfx.components.models.interface import Seq2SeqModel, Tensors
from seq2seq_tfx.components.models.layers import (
    Embedding,
    LayerContext,
    LayerNorm,
    ModelLayer,
    Projection,
    real_positions,
)
from seq2seq_tfx.components.models.positions import (
    LearnedPositions,
    Rotation,
    make_rotation,
    position_encodings,
    rotate,
)
from seq2seq_tfx.schemas.config.model import ModelConfig


class SourceKeys(NamedTuple):
    """What a decoder layer reads of the source."""

    keys_BHSd: tf.Tensor
    values_BHSd: tf.Tensor
    bias: tf.Tensor
    """Of padding."""


class SubLayers(ModelLayer):
    """What encoder and decoder layers share: residual sub-layers, attention of a sequence to itself, feed-forward."""

    def __init__(self, name: str, context: LayerContext, config: ModelConfig) -> None:
        super().__init__(name, context)
        self.config, self.pre = config, config.norm == "pre"
        self.attention_norm = LayerNorm(f"{name}.attention_norm", context, config.width)
        self.attention = MultiHeadAttention(f"{name}.attention", context, config.width, config.heads)
        self.feedforward_norm = LayerNorm(f"{name}.feedforward_norm", context, config.width)
        self.inner = Projection(f"{name}.inner", context, config.width, config.feedforward, bias=True)
        self.outer = Projection(f"{name}.outer", context, config.feedforward, config.width, bias=True)

    def enter(self, x_BTD: tf.Tensor, norm: LayerNorm) -> tf.Tensor:
        """What a sub-layer reads."""
        return norm(x_BTD) if self.pre else x_BTD

    def leave(self, x_BTD: tf.Tensor, update_BTD: tf.Tensor, norm: LayerNorm, training: bool) -> tf.Tensor:
        """A sub-layer's residual connection, with dropout of the update."""
        x_BTD = x_BTD + self.context.dropout.drop(update_BTD, self.config.dropout, training)
        return x_BTD if self.pre else norm(x_BTD)

    def attention_rate(self, training: bool) -> float:
        """Dropout of attention weights."""
        return self.config.attention_dropout if training else 0.0

    def read_itself(self, x_BTD: tf.Tensor, bias: tf.Tensor, rotation: Rotation | None, training: bool) -> tf.Tensor:
        """The sub-layer of attention to all of a sequence that `bias` allows."""
        queries, keys, values = self.attention.split(self.enter(x_BTD, self.attention_norm))
        queries, keys = rotate(queries, rotation), rotate(keys, rotation)
        read = self.attention.attend(queries, (keys, values), bias, self.attention_rate(training))
        return self.leave(x_BTD, read, self.attention_norm, training)

    def feed_forward(self, x_BTD: tf.Tensor, training: bool) -> tf.Tensor:
        """The feed-forward sub-layer."""
        rows = tf.reshape(self.enter(x_BTD, self.feedforward_norm), [-1, self.config.width])
        inner = self.context.dropout.drop(tf.nn.relu(self.inner(rows)), self.config.feedforward_dropout, training)
        return self.leave(x_BTD, tf.reshape(self.outer(inner), tf.shape(x_BTD)), self.feedforward_norm, training)


@final
class EncoderLayer(SubLayers):
    """Attention to all source positions, then feed-forward."""

    def sequence(self, x_BSD: tf.Tensor, bias: tf.Tensor, rotation: Rotation | None, training: bool) -> tf.Tensor:
        """One layer over the whole source."""
        return self.feed_forward(self.read_itself(x_BSD, bias, rotation, training), training)


@final
class DecoderLayer(SubLayers):
    """Attention to earlier target positions, then to the source, then feed-forward."""

    def __init__(self, name: str, context: LayerContext, config: ModelConfig) -> None:
        super().__init__(name, context, config)
        self.cross_norm = LayerNorm(f"{name}.cross_norm", context, config.width)
        self.cross = MultiHeadAttention(f"{name}.cross", context, config.width, config.heads, cross=True)

    def source(self, states_BSD: tf.Tensor, bias: tf.Tensor) -> SourceKeys:
        """What the layer reads of the source, computed once."""
        return SourceKeys(*self.cross.split_memory(states_BSD), bias)

    def before_source(self, x_BTD: tf.Tensor, rotation: Rotation | None, training: bool) -> tf.Tensor:
        """The first sub-layer over a whole known target."""
        bias = causal_bias(tf.shape(x_BTD)[1], self.compute_dtype)
        return self.read_itself(x_BTD, bias, rotation, training)

    def after_source(self, x_BTD: tf.Tensor, source: SourceKeys, training: bool) -> tf.Tensor:
        """The other two sub-layers."""
        queries = self.cross.split_queries(self.enter(x_BTD, self.cross_norm))
        read = self.cross.attend(queries, source[:2], source.bias, self.attention_rate(training))
        return self.feed_forward(self.leave(x_BTD, read, self.cross_norm, training), training)

    def source_weights(self, x_BTD: tf.Tensor, source: SourceKeys) -> tf.Tensor:
        """Weights of the source positions, the mean over the heads: float32 (B, T, S)."""
        queries = self.cross.split_queries(self.enter(x_BTD, self.cross_norm))
        weights_BHTS = self.cross.weights(queries, source.keys_BHSd, source.bias)
        return tf.reduce_mean(tf.cast(weights_BHTS, tf.float32), axis=1)

    def step(
        self, x_B1D: tf.Tensor, cache: tuple[tf.Tensor, tf.Tensor], rotation: Rotation | None
    ) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        """The first sub-layer for one new position; `cache` has keys and values of earlier ones."""
        queries, keys, values = self.attention.split(self.enter(x_B1D, self.attention_norm))
        cache = tf.concat([cache[0], rotate(keys, rotation)], axis=2), tf.concat([cache[1], values], axis=2)
        read = self.attention.attend(rotate(queries, rotation), cache, None)
        return self.leave(x_B1D, read, self.attention_norm, False), cache


@final
class Transformer(Seq2SeqModel):
    """See the module; sizes and dropout rates come from the `model` section of the configuration."""

    def __init__(
        self, config: ModelConfig, vocabulary_sizes: tuple[int | None, int], seed: int, compute_dtype: str
    ) -> None:
        super().__init__("transformer", compute_dtype)
        context = LayerContext(seed=seed, compute_dtype=compute_dtype, dropout=self.dropout_stream)
        self.config = config
        self.source_embedding, self.target_embedding, self.projection = make_embeddings(
            config, context, vocabulary_sizes
        )
        self.source_positions, self.target_positions = (
            LearnedPositions(f"{side}_positions", context, config.max_positions, config.width)
            if config.positions == "learned"
            else None
            for side in ("source", "target")
        )
        self.encoder_layers = self.own([EncoderLayer(f"encoder.{i}", context, config) for i in range(config.layers)])
        self.decoder_layers = self.own([DecoderLayer(f"decoder.{i}", context, config) for i in range(config.layers)])
        self.encoder_norm, self.decoder_norm = (
            LayerNorm(f"{side}.norm", context, config.width) if config.norm == "pre" else None
            for side in ("encoder", "decoder")
        )
        self.built = True

    @property
    @override
    def output_embedding(self) -> keras.Variable:
        return self.projection.table

    @override
    def encode(self, source_ids_BS: tf.Tensor, training: bool = False) -> Tensors:
        real_BS = real_positions(source_ids_BS)
        bias = padding_bias(real_BS, self.compute_dtype)
        positions_S = tf.range(tf.shape(source_ids_BS)[1])
        x_BSD = self._embed((self.source_embedding, self.source_positions), source_ids_BS, positions_S, training)
        rotation = self._rotation(positions_S)
        for layer in self.encoder_layers:
            x_BSD = layer.sequence(x_BSD, bias, rotation, training)
        return {"states": x_BSD if self.encoder_norm is None else self.encoder_norm(x_BSD), "real": real_BS}

    @override
    def decode(self, memory: Tensors, target_in_BT: tf.Tensor, training: bool = False) -> tf.Tensor:
        x_BTD, source = self._before_last_source(memory, target_in_BT, training)
        return self._out(self.decoder_layers[-1].after_source(x_BTD, source, training))

    @override
    def attention_weights(self, memory: Tensors, target_in_BT: tf.Tensor) -> tf.Tensor | None:
        return self.decoder_layers[-1].source_weights(*self._before_last_source(memory, target_in_BT, False))

    @override
    def start(self, memory: Tensors) -> tuple[Tensors, Tensors]:
        fixed: Tensors = {"real": memory["real"]}
        state: Tensors = {}
        size = self.config.width // self.config.heads
        empty = tf.zeros([tf.shape(memory["states"])[0], self.config.heads, 0, size], self.compute_dtype)
        for i, layer in enumerate(self.decoder_layers):
            fixed[f"keys.{i}"], fixed[f"values.{i}"] = layer.cross.split_memory(memory["states"])
            state[f"keys.{i}"] = state[f"values.{i}"] = empty
        return fixed, state

    @override
    def step(
        self, memory: Tensors, state: Tensors, token_B: tf.Tensor, position: tf.Tensor
    ) -> tuple[tf.Tensor, Tensors]:
        bias = padding_bias(memory["real"], self.compute_dtype)
        position_1 = tf.reshape(position, [1])
        x_B1D = self._embed((self.target_embedding, self.target_positions), token_B[:, None], position_1, False)
        rotation = self._rotation(position_1)
        after: Tensors = {}
        for i, layer in enumerate(self.decoder_layers):
            x_B1D, cache = layer.step(x_B1D, (state[f"keys.{i}"], state[f"values.{i}"]), rotation)
            after[f"keys.{i}"], after[f"values.{i}"] = cache
            x_B1D = layer.after_source(x_B1D, SourceKeys(memory[f"keys.{i}"], memory[f"values.{i}"], bias), False)
        return self.logits(self._out(x_B1D)[:, 0]), after

    def _before_last_source(
        self, memory: Tensors, target_in_BT: tf.Tensor, training: bool
    ) -> tuple[tf.Tensor, SourceKeys]:
        """A known target up to where the last layer reads the source, and what it reads."""
        bias = padding_bias(memory["real"], self.compute_dtype)
        positions_T = tf.range(tf.shape(target_in_BT)[1])
        x_BTD = self._embed((self.target_embedding, self.target_positions), target_in_BT, positions_T, training)
        rotation = self._rotation(positions_T)
        for layer in self.decoder_layers[:-1]:
            x_BTD = layer.before_source(x_BTD, rotation, training)
            x_BTD = layer.after_source(x_BTD, layer.source(memory["states"], bias), training)
        last = self.decoder_layers[-1]
        return last.before_source(x_BTD, rotation, training), last.source(memory["states"], bias)

    def _embed(
        self,
        tables: tuple[Embedding, LearnedPositions | None],
        ids_BT: tf.Tensor,
        positions_T: tf.Tensor,
        training: bool,
    ) -> tf.Tensor:
        embedding, learned = tables
        x_BTD = embedding(ids_BT) * math.sqrt(self.config.width)
        if learned is not None:
            x_BTD += tf.cast(learned(positions_T), self.compute_dtype)
        elif self.config.positions == "sinusoidal":
            x_BTD += tf.cast(position_encodings(positions_T, self.config.width), self.compute_dtype)
        return self.dropout_stream.drop(x_BTD, self.config.dropout, training)

    def _rotation(self, positions_T: tf.Tensor) -> Rotation | None:
        if self.config.positions != "rotary":
            return None
        return make_rotation(positions_T, self.config.width // self.config.heads, self.compute_dtype)

    def _out(self, x_BTD: tf.Tensor) -> tf.Tensor:
        return x_BTD if self.decoder_norm is None else self.decoder_norm(x_BTD)
