"""The layers that all families with multi-head attention are made of: residual sub-layers, before and after the source.

Shapes: B batch, S source length, T target length, N rows, D width, F inner size of the feed-forward sub-layer, H heads,
d size of a head, K beams of a search.
"""

import math
from typing import final

import tensorflow as tf

from seq2seq_tfx.components.models.attention import KeysValues, MultiHeadAttention, appended, causal_bias
from seq2seq_tfx.components.models.layers import LayerContext, LayerNorm, ModelLayer, Projection
from seq2seq_tfx.components.models.positions import (
    LearnedPositions,
    Rotation,
    make_rotation,
    position_encodings,
    rotate,
)
from seq2seq_tfx.schemas.config.model import ModelConfig


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
        inner = self.context.dropout.drop(self._activate(self.inner(rows)), self.config.feedforward_dropout, training)
        return self.leave(x_BTD, tf.reshape(self.outer(inner), tf.shape(x_BTD)), self.feedforward_norm, training)

    def _activate(self, inner_NF: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu(inner_NF) if self.config.family == "transformer" else tf.nn.gelu(inner_NF, approximate=True)


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

    def source(self, states_BSD: tf.Tensor, bias: tf.Tensor) -> KeysValues:
        """What the layer reads of the source, computed once."""
        return KeysValues(*self.cross.split_memory(states_BSD), bias)

    def before_source(self, x_BTD: tf.Tensor, rotation: Rotation | None, training: bool) -> tf.Tensor:
        """The first sub-layer over a whole known target."""
        bias = causal_bias(tf.shape(x_BTD)[1], self.compute_dtype)
        return self.read_itself(x_BTD, bias, rotation, training)

    def after_source(self, x_BTD: tf.Tensor, source: KeysValues, training: bool) -> tf.Tensor:
        """The other two sub-layers."""
        queries = self.cross.split_queries(self.enter(x_BTD, self.cross_norm))
        read = self.cross.attend(queries, source[:2], source.bias, self.attention_rate(training))
        return self.feed_forward(self.leave(x_BTD, read, self.cross_norm, training), training)

    def source_weights(self, x_BTD: tf.Tensor, source: KeysValues) -> tf.Tensor:
        """Weights of the source positions, the mean over the heads: float32 (B, T, S)."""
        queries = self.cross.split_queries(self.enter(x_BTD, self.cross_norm))
        weights_BHTS = self.cross.weights(queries, source.keys_BHSd, source.bias)
        return tf.reduce_mean(tf.cast(weights_BHTS, tf.float32), axis=1)

    def step(
        self, x_BKD: tf.Tensor, before: KeysValues, rotation: Rotation | None
    ) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        """The first sub-layer for one new position of each beam.

        Args:
            x_BKD: What the layer reads.
            before: Keys and values of earlier positions; the bias is that of the new ones, too.
            rotation: Of the new position.

        Returns:
            (B, K, D), and keys and values with the new ones at the end.
        """
        queries, keys, values = self.attention.split(self.enter(x_BKD, self.attention_norm))
        cache = appended(before, rotate(keys, rotation), values)
        read = self.attention.attend(rotate(queries, rotation), cache, before.bias)
        return self.leave(x_BKD, read, self.attention_norm, False), cache


@final
class TokenInputs(ModelLayer):
    """What the first layer reads: embeddings, told apart by their places; for bert, normalised (Devlin 2019).

    Args:
        side: Whose tokens; its variables are named after it.
        context: What the model's layers have in common.
        config: The model's sizes.
    """

    def __init__(self, side: str, context: LayerContext, config: ModelConfig) -> None:
        super().__init__(f"{side}.inputs", context)
        self.config = config
        most, width, learned = config.max_positions, config.width, config.positions == "learned"
        self.places = LearnedPositions(f"{side}_positions", context, most, width) if learned else None
        self.norm = LayerNorm(f"{side}.inputs_norm", context, width) if config.family == "bert" else None

    def read(self, embedded_BTD: tf.Tensor, positions: tf.Tensor, training: bool) -> tf.Tensor:
        """Add what tells places apart, and drop out.

        Args:
            embedded_BTD: Vectors of the tokens.
            positions: int32, counted from 0: (T,), or (B, T) where rows begin at different places.
            training: Whether dropout is on.
        """
        # Before a normalisation only sizes relative to each other count: sinusoids are sqrt(D) times a table's.
        scaled = self.norm is None or self.config.positions == "sinusoidal"
        x_BTD = embedded_BTD * math.sqrt(self.config.width) if scaled else embedded_BTD
        if self.places is not None:
            x_BTD += tf.cast(self.places(positions), self.compute_dtype)
        elif self.config.positions == "sinusoidal":
            x_BTD += tf.cast(position_encodings(positions, self.config.width), self.compute_dtype)
        x_BTD = x_BTD if self.norm is None else self.norm(x_BTD)
        return self.context.dropout.drop(x_BTD, self.config.dropout, training)

    def rotation(self, positions: tf.Tensor) -> Rotation | None:
        """The angles of rotary positions, for queries and keys of all heads; None for other positions."""
        if self.config.positions != "rotary":
            return None
        by_head = positions[:, None] if positions.shape.rank == 2 else positions
        return make_rotation(by_head, self.config.width // self.config.heads, self.compute_dtype)


def last_norm(name: str, context: LayerContext, config: ModelConfig) -> LayerNorm | None:
    """The one more normalisation after the last layer that `norm: pre` needs."""
    return LayerNorm(name, context, config.width) if config.norm == "pre" else None
