"""The Transformer (Vaswani 2017), with layer normalisation before (Xiong 2020) or after each sub-layer's residual.

    x   = sqrt(D) E[ids] + PE                       sinusoidal or learned positions; rotary ones turn queries and keys
    pre:    x += f(LayerNorm(x)), one more LayerNorm after the last layer
    post:   x  = LayerNorm(x + f(x))
    f:      Attention(x)                            decoder: to earlier positions, then to the source
            W2 ReLU(W1 x + b1) + b2
    logits = x E^T

The family `bert` is this model with the layers of Devlin 2019: x = LayerNorm(E[ids] + P), GELU in place of ReLU, and,
by default, a table of positions and normalisation after each residual. Sinusoids are added to sqrt(D) E there, too.

Shapes: B batch, S source length, T target length, D width, K beams of a search, N = B * K.
"""

from typing import final

import keras
import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.models.attention import KeysValues, padding_bias
from seq2seq_tfx.components.models.beam_caches import (
    empty_caches,
    following,
    own_bias,
    reordered_caches,
    with_own_place,
)
from seq2seq_tfx.components.models.embeddings import make_embeddings
from seq2seq_tfx.components.models.interface import Seq2SeqModel, Tensors
from seq2seq_tfx.components.models.layers import real_positions
from seq2seq_tfx.components.models.transformer_encoder import TransformerEncoder
from seq2seq_tfx.components.models.transformer_layers import DecoderLayer, TokenInputs, last_norm
from seq2seq_tfx.schemas.config.model import ModelConfig


@final
class Transformer(Seq2SeqModel):
    """See the module; sizes and dropout rates come from the `model` section of the configuration."""

    def __init__(
        self, config: ModelConfig, vocabulary_sizes: tuple[int | None, int], seed: int, compute_dtype: str
    ) -> None:
        super().__init__(config.family, compute_dtype, seed)
        context = self.context
        self.config = config
        self.source_embedding, self.target_embedding, self.projection = make_embeddings(
            config, context, vocabulary_sizes
        )
        self.encoder = TransformerEncoder(context, config)
        self.target_inputs = TokenInputs("target", context, config)
        self.decoder_layers = self.own([DecoderLayer(f"decoder.{i}", context, config) for i in range(config.layers)])
        self.decoder_norm = last_norm("decoder.norm", context, config)
        self.built = True

    @property
    @override
    def output_embedding(self) -> keras.Variable:
        return self.projection.table

    @override
    def encode(self, source_ids_BS: tf.Tensor, training: bool = False) -> Tensors:
        real_BS = real_positions(source_ids_BS)
        return {
            "states": self.encoder.read(self.source_embedding(source_ids_BS), real_BS, training),
            "real": real_BS,
        }

    @override
    def decode(self, memory: Tensors, target_in_BT: tf.Tensor, training: bool = False) -> tf.Tensor:
        x_BTD, source = self._before_last_source(memory, target_in_BT, training)
        return self._out(self.decoder_layers[-1].after_source(x_BTD, source, training))

    @override
    def attention_weights(self, memory: Tensors, target_in_BT: tf.Tensor) -> tf.Tensor | None:
        return self.decoder_layers[-1].source_weights(*self._before_last_source(memory, target_in_BT, False))

    @override
    def start(self, memory: Tensors, beams: int = 1) -> tuple[Tensors, Tensors]:
        fixed: Tensors = {"real": memory["real"]}
        for i, layer in enumerate(self.decoder_layers):
            fixed[f"keys.{i}"], fixed[f"values.{i}"] = layer.cross.split_memory(memory["states"])
        size = self.config.layers, self.config.heads, self.config.width // self.config.heads
        return fixed, empty_caches(tf.shape(memory["states"])[0], beams, size, self.compute_dtype)

    @override
    def step(
        self, memory: Tensors, state: Tensors, token_BK: tf.Tensor, position: tf.Tensor
    ) -> tuple[tf.Tensor, Tensors]:
        bias = padding_bias(memory["real"], self.compute_dtype)
        beams, position_1 = token_BK.shape[1], tf.reshape(position, [1])
        x_BKD = self.target_inputs.read(self.target_embedding(token_BK), position_1, False)
        rotation = self.target_inputs.rotation(position_1)
        origins_NT = with_own_place(state, beams)
        own = own_bias(origins_NT, beams, self.compute_dtype)
        after: Tensors = {}
        for i, layer in enumerate(self.decoder_layers):
            before = KeysValues(state[f"keys.{i}"], state[f"values.{i}"], own)
            x_BKD, (after[f"keys.{i}"], after[f"values.{i}"]) = layer.step(x_BKD, before, rotation)
            x_BKD = layer.after_source(x_BKD, KeysValues(memory[f"keys.{i}"], memory[f"values.{i}"], bias), False)
        rows_ND = tf.reshape(self._out(x_BKD), [-1, self.config.width])
        return self.logits(rows_ND), following(after, origins_NT)

    @override
    def reordered(self, state: Tensors, from_N: tf.Tensor) -> Tensors:
        return reordered_caches(state, from_N)

    def _before_last_source(
        self, memory: Tensors, target_in_BT: tf.Tensor, training: bool
    ) -> tuple[tf.Tensor, KeysValues]:
        """A known target up to where the last layer reads the source, and what it reads."""
        bias = padding_bias(memory["real"], self.compute_dtype)
        positions_T = tf.range(tf.shape(target_in_BT)[1])
        x_BTD = self.target_inputs.read(self.target_embedding(target_in_BT), positions_T, training)
        rotation = self.target_inputs.rotation(positions_T)
        for layer in self.decoder_layers[:-1]:
            x_BTD = layer.before_source(x_BTD, rotation, training)
            x_BTD = layer.after_source(x_BTD, layer.source(memory["states"], bias), training)
        last = self.decoder_layers[-1]
        return last.before_source(x_BTD, rotation, training), last.source(memory["states"], bias)

    def _out(self, x_BTD: tf.Tensor) -> tf.Tensor:
        return x_BTD if self.decoder_norm is None else self.decoder_norm(x_BTD)
