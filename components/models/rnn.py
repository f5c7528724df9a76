"""A recurrent encoder-decoder (Sutskever 2014, Cho 2014), with the attention of Bahdanau 2015 or Luong 2015, or none.

    encoder     `recurrent_encoder.py`: cells over the source, the decoder's first state
    decoder     `recurrent_decoder.py`: cells over the target, `recurrent_attention.py`: what they see of the source
    logits      h~_t E^T, E the output's table (Press and Wolf 2017: by default the one of source and target too)

Shapes: B batch, S source length, T target length, D width, E embedding size.
"""

import math
from typing import final

import keras
import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.models.embeddings import make_embeddings
from seq2seq_tfx.components.models.interface import Seq2SeqModel, Tensors
from seq2seq_tfx.components.models.layers import Embedding, real_positions
from seq2seq_tfx.components.models.recurrent_decoder import RecurrentDecoder
from seq2seq_tfx.components.models.recurrent_encoder import Encoded, RecurrentEncoder
from seq2seq_tfx.schemas.config.model import ModelConfig


@final
class RecurrentModel(Seq2SeqModel):
    """See the module; sizes and dropout rates come from the `model` section of the configuration."""

    def __init__(
        self, config: ModelConfig, vocabulary_sizes: tuple[int | None, int], seed: int, compute_dtype: str
    ) -> None:
        super().__init__("rnn", compute_dtype, seed)
        context = self.context
        self.config = config
        self.source_embedding, self.target_embedding, self.projection = make_embeddings(
            config, context, vocabulary_sizes
        )
        self.encoder = RecurrentEncoder(context, config)
        self.decoder = RecurrentDecoder(context, config)
        self.built = True

    @property
    @override
    def output_embedding(self) -> keras.Variable:
        return self.projection.table

    @override
    def encode(self, source_ids_BS: tf.Tensor, training: bool = False) -> Tensors:
        real_BS = real_positions(source_ids_BS)
        read_SB = tf.transpose(self.encoder.reading_order(source_ids_BS, real_BS))
        encoded = self.encoder.read(self._embed(self.source_embedding, read_SB, training), real_BS, training)
        initial = {f"initial.{i}": state for i, state in enumerate(encoded.initial_BZ)}
        return {"real": real_BS, "states": encoded.states_BSD, "last": encoded.last_BD, **initial}

    @override
    def decode(self, memory: Tensors, target_in_BT: tf.Tensor, training: bool = False) -> tf.Tensor:
        x_TBE = self._embed(self.target_embedding, tf.transpose(target_in_BT), training)
        attended_BTE = self.decoder.sequence(x_TBE, self.start(memory), training).attended
        return self.dropout_stream.drop(attended_BTE, self.config.dropout, training)

    @override
    def start(self, memory: Tensors, beams: int = 1) -> tuple[Tensors, Tensors]:
        initial = [memory[f"initial.{i}"] for i in range(self.config.layers)]
        return self.decoder.start(Encoded(memory["states"], memory["last"], initial), memory["real"], beams)

    @override
    def step(
        self, memory: Tensors, state: Tensors, token_BK: tf.Tensor, position: tf.Tensor
    ) -> tuple[tf.Tensor, Tensors]:
        read, after = self.decoder.step(self._embed(self.target_embedding, token_BK, False), memory, state)
        return self.logits(read.attended), after

    @override
    def attention_weights(self, memory: Tensors, target_in_BT: tf.Tensor) -> tf.Tensor | None:
        x_TBE = self._embed(self.target_embedding, tf.transpose(target_in_BT), False)
        weights = self.decoder.sequence(x_TBE, self.start(memory), training=False, weights=True).weights
        if weights is None:
            return None
        weights_BTS = tf.cast(weights, tf.float32)
        return weights_BTS / tf.reduce_sum(weights_BTS, axis=-1, keepdims=True)  # a local window's do not sum to 1

    def _embed(self, embedding: Embedding, ids: tf.Tensor, training: bool) -> tf.Tensor:
        return self.dropout_stream.drop(
            embedding(ids) * math.sqrt(self.config.embedding), self.config.dropout, training
        )
