"""The encoder of the families `transformer` and `bert`: the part that pre-training can learn by itself.

Shapes: B batch, S source length, D width.
"""

from typing import final

import tensorflow as tf

from seq2seq_tfx.components.models.attention import padding_bias
from seq2seq_tfx.components.models.layers import LayerContext, ModelLayer
from seq2seq_tfx.components.models.transformer_layers import EncoderLayer, TokenInputs, last_norm
from seq2seq_tfx.schemas.config.model import ModelConfig


@final
class TransformerEncoder(ModelLayer):
    """Layers of attention to all source positions."""

    def __init__(self, context: LayerContext, config: ModelConfig) -> None:
        super().__init__("encoder", context)
        self.inputs = TokenInputs("source", context, config)
        self.layers = self.own([EncoderLayer(f"encoder.{i}", context, config) for i in range(config.layers)])
        self.norm = last_norm("encoder.norm", context, config)

    def read(self, embedded_BSD: tf.Tensor, real_BS: tf.Tensor, training: bool) -> tf.Tensor:
        """What the layers make of a source.

        Args:
            embedded_BSD: Vectors of its tokens.
            real_BS: False for padding.
            training: Whether dropout is on.

        Returns:
            (B, S, D).
        """
        bias = padding_bias(real_BS, self.compute_dtype)
        positions_S = tf.range(tf.shape(real_BS)[1])
        x_BSD = self.inputs.read(embedded_BSD, positions_S, training)
        rotation = self.inputs.rotation(positions_S)
        for layer in self.layers:
            x_BSD = layer.sequence(x_BSD, bias, rotation, training)
        return x_BSD if self.norm is None else self.norm(x_BSD)
