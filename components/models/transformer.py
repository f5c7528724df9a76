"""The Transformer (Vaswani 2017), pre-norm (Xiong 2020), with one embedding for source, target and output.

    x   = sqrt(D) E[ids] + PE                       sinusoidal positions
    x  += Attention(LayerNorm(x))                   decoder: to earlier positions, then to the source
    x  += W2 ReLU(W1 LayerNorm(x) + b1) + b2
    logits = LayerNorm(x) E^T

Shapes: B batch, S source length, T target length, N rows, D width, H heads, d size of a head.
"""

import math
from typing import final

import keras
import numpy as np
import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.models.attention import MultiHeadAttention, causal_bias, padding_bias
from seq2seq_tfx.components.models.interface import Seq2SeqModel, Tensors
from seq2seq_tfx.components.models.layers import (
    Embedding,
    LayerContext,
    LayerNorm,
    ModelLayer,
    Projection,
    real_positions,
)
from seq2seq_tfx.schemas.config.model import ModelConfig

_SLOWEST_WAVE = 10_000.0


def position_encodings(positions_T: tf.Tensor, width: int) -> tf.Tensor:
    """PE(p, 2i) = sin(p / 10000^(2i/D)), PE(p, 2i+1) = cos(the same) (Vaswani 2017, section 3.5).

    Args:
        positions_T: int32 positions, counted from 0.
        width: D.

    Returns:
        float32 (T, D).
    """
    column_D = np.arange(width)
    rate_D = (_SLOWEST_WAVE ** (-(column_D // 2 * 2) / width)).astype(np.float32)
    shift_D = ((column_D % 2) * (math.pi / 2)).astype(np.float32)
    return tf.sin(tf.cast(positions_T, tf.float32)[:, None] * rate_D + shift_D)


class SubLayers(ModelLayer):
    """What encoder and decoder layers share: pre-norm residual sub-layers."""

    def __init__(self, name: str, context: LayerContext, config: ModelConfig) -> None:
        super().__init__(name, context)
        self.config = config
        self.attention_norm = LayerNorm(f"{name}.attention_norm", context, config.width)
        self.attention = MultiHeadAttention(f"{name}.attention", context, config.width, config.heads)
        self.feedforward_norm = LayerNorm(f"{name}.feedforward_norm", context, config.width)
        self.inner = Projection(f"{name}.inner", context, config.width, config.feedforward, bias=True)
        self.outer = Projection(f"{name}.outer", context, config.feedforward, config.width, bias=True)

    def add(self, x_BTD: tf.Tensor, update_BTD: tf.Tensor, training: bool) -> tf.Tensor:
        """The residual connection, with dropout of the update."""
        return x_BTD + self.context.dropout.drop(update_BTD, self.config.dropout, training)

    def attention_rate(self, training: bool) -> float:
        """Dropout of attention weights."""
        return self.config.attention_dropout if training else 0.0

    def feed_forward(self, x_BTD: tf.Tensor, training: bool) -> tf.Tensor:
        """The feed-forward sub-layer with its residual connection."""
        rows = self.feedforward_norm(tf.reshape(x_BTD, [-1, self.config.width]))
        inner = self.context.dropout.drop(tf.nn.relu(self.inner(rows)), self.config.feedforward_dropout, training)
        return self.add(x_BTD, tf.reshape(self.outer(inner), tf.shape(x_BTD)), training)


@final
class EncoderLayer(SubLayers):
    """Attention to all source positions, then feed-forward."""

    def call(self, x_BSD: tf.Tensor, bias: tf.Tensor, training: bool) -> tf.Tensor:
        """One layer over the whole source."""
        queries, keys, values = self.attention.split(self.attention_norm(x_BSD))
        read = self.attention.attend(queries, (keys, values), bias, self.attention_rate(training))
        return self.feed_forward(self.add(x_BSD, read, training), training)


@final
class DecoderLayer(SubLayers):
    """Attention to earlier target positions, then to the source, then feed-forward."""

    def __init__(self, name: str, context: LayerContext, config: ModelConfig) -> None:
        super().__init__(name, context, config)
        self.cross_norm = LayerNorm(f"{name}.cross_norm", context, config.width)
        self.cross = MultiHeadAttention(f"{name}.cross", context, config.width, config.heads, cross=True)

    def sequence(self, x_BTD: tf.Tensor, source: tuple[tf.Tensor, tf.Tensor], training: bool) -> tf.Tensor:
        """One layer over a whole known target; `source` is the source's states (B, S, D) and padding bias."""
        states_BSD, source_bias = source
        x_BTD = self._read_target(x_BTD, training)
        cross = (*self.cross.split_memory(states_BSD), source_bias)
        return self.feed_forward(self._read_source(x_BTD, cross, training), training)

    def source_weights(self, x_BTD: tf.Tensor, source: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        """Attention to the source, the mean over the heads: float32 (B, T, S); arguments as of `sequence`."""
        states_BSD, source_bias = source
        queries = self.cross.split_queries(self.cross_norm(self._read_target(x_BTD, False)))
        weights_BHTS = self.cross.weights(queries, self.cross.split_memory(states_BSD)[0], source_bias)
        return tf.reduce_mean(tf.cast(weights_BHTS, tf.float32), axis=1)

    def step(
        self, x_B1D: tf.Tensor, cache: tuple[tf.Tensor, tf.Tensor], cross: tuple[tf.Tensor, tf.Tensor, tf.Tensor]
    ) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        """One layer for one new position; `cache` has keys and values of earlier ones, `cross` those of the source."""
        queries, keys, values = self.attention.split(self.attention_norm(x_B1D))
        cache = tf.concat([cache[0], keys], axis=2), tf.concat([cache[1], values], axis=2)
        x_B1D = x_B1D + self.attention.attend(queries, cache, None)
        return self.feed_forward(self._read_source(x_B1D, cross, False), False), cache

    def _read_target(self, x_BTD: tf.Tensor, training: bool) -> tf.Tensor:
        queries, keys, values = self.attention.split(self.attention_norm(x_BTD))
        own_bias = causal_bias(tf.shape(x_BTD)[1], self.compute_dtype)
        read = self.attention.attend(queries, (keys, values), own_bias, self.attention_rate(training))
        return self.add(x_BTD, read, training)

    def _read_source(
        self, x_BTD: tf.Tensor, cross: tuple[tf.Tensor, tf.Tensor, tf.Tensor], training: bool
    ) -> tf.Tensor:
        keys, values, bias = cross
        queries = self.cross.split_queries(self.cross_norm(x_BTD))
        read = self.cross.attend(queries, (keys, values), bias, self.attention_rate(training))
        return self.add(x_BTD, read, training)


@final
class Transformer(Seq2SeqModel):
    """See the module; sizes and dropout rates come from the `model` section of the configuration."""

    def __init__(self, config: ModelConfig, vocabulary_size: int, seed: int, compute_dtype: str) -> None:
        super().__init__("transformer", compute_dtype)
        context = LayerContext(seed=seed, compute_dtype=compute_dtype, dropout=self.dropout_stream)
        self.config = config
        self.embedding = Embedding("embedding", context, vocabulary_size, config.width)
        self.encoder_layers = self.own([EncoderLayer(f"encoder.{i}", context, config) for i in range(config.layers)])
        self.encoder_norm = LayerNorm("encoder.norm", context, config.width)
        self.decoder_layers = self.own([DecoderLayer(f"decoder.{i}", context, config) for i in range(config.layers)])
        self.decoder_norm = LayerNorm("decoder.norm", context, config.width)
        self.built = True

    @property
    @override
    def output_embedding(self) -> keras.Variable:
        return self.embedding.table

    @override
    def encode(self, source_ids_BS: tf.Tensor, training: bool = False) -> Tensors:
        real_BS = real_positions(source_ids_BS)
        bias = padding_bias(real_BS, self.compute_dtype)
        x_BSD = self._embed(source_ids_BS, tf.range(tf.shape(source_ids_BS)[1]), training)
        for layer in self.encoder_layers:
            x_BSD = layer(x_BSD, bias, training=training)
        return {"states": self.encoder_norm(x_BSD), "real": real_BS}

    @override
    def decode(self, memory: Tensors, target_in_BT: tf.Tensor, training: bool = False) -> tf.Tensor:
        source = memory["states"], padding_bias(memory["real"], self.compute_dtype)
        x_BTD = self._embed(target_in_BT, tf.range(tf.shape(target_in_BT)[1]), training)
        for layer in self.decoder_layers:
            x_BTD = layer.sequence(x_BTD, source, training)
        return self.decoder_norm(x_BTD)

    @override
    def attention_weights(self, memory: Tensors, target_in_BT: tf.Tensor) -> tf.Tensor | None:
        source = memory["states"], padding_bias(memory["real"], self.compute_dtype)
        x_BTD = self._embed(target_in_BT, tf.range(tf.shape(target_in_BT)[1]), False)
        for layer in self.decoder_layers[:-1]:
            x_BTD = layer.sequence(x_BTD, source, False)
        return self.decoder_layers[-1].source_weights(x_BTD, source)

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
        x_B1D = self._embed(token_B[:, None], tf.reshape(position, [1]), False)
        after: Tensors = {}
        for i, layer in enumerate(self.decoder_layers):
            cross = memory[f"keys.{i}"], memory[f"values.{i}"], bias
            x_B1D, cache = layer.step(x_B1D, (state[f"keys.{i}"], state[f"values.{i}"]), cross)
            after[f"keys.{i}"], after[f"values.{i}"] = cache
        return self.logits(self.decoder_norm(x_B1D)[:, 0]), after

    def _embed(self, ids_BT: tf.Tensor, positions_T: tf.Tensor, training: bool) -> tf.Tensor:
        places_TD = tf.cast(position_encodings(positions_T, self.config.width), self.compute_dtype)
        x_BTD = self.embedding(ids_BT) * math.sqrt(self.config.width) + places_TD
        return self.dropout_stream.drop(x_BTD, self.config.dropout, training)
