"""The encoder as a masked language model (Devlin 2019): what pre-training trains for the family `bert`.

    h = encoder(x), x with some tokens hidden       `transformer_encoder.py`, the layers of the encoder-decoder
    logits = LayerNorm(GELU(W h + b)) E^T           at the hidden places; E the encoder's own table

Devlin's next-sentence task is left out (Liu 2019 does without), and so are its bias a token and its segments.

Shapes: B batch, S length, D width.
"""

from typing import final

import keras
import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.models.interface import LanguageModel
from seq2seq_tfx.components.models.layers import Embedding, LayerNorm, Projection, real_positions
from seq2seq_tfx.components.models.transformer_encoder import TransformerEncoder
from seq2seq_tfx.schemas.config.model import ModelConfig


@final
class MaskedLanguageModel(LanguageModel):
    """See the module.

    Args:
        config: Of the encoder-decoder that is to begin with the encoder.
        vocabulary_size: Number of tokens, the special ones included.
        seed: Initial values follow from it.
        compute_dtype: `float32` or `bfloat16`.
    """

    def __init__(self, config: ModelConfig, vocabulary_size: int, seed: int, compute_dtype: str) -> None:
        super().__init__("masked_language_model", compute_dtype, seed)
        context = self.context
        self.width = config.width
        self.embedding = Embedding("embedding", context, vocabulary_size, config.width)
        self.encoder = TransformerEncoder(context, config)
        self.transform = Projection("masked.transform", context, config.width, config.width, bias=True)
        self.transform_norm = LayerNorm("masked.norm", context, config.width)
        self.built = True

    @property
    @override
    def output_embedding(self) -> keras.Variable:
        return self.embedding.table

    @override
    def read(self, ids_BS: tf.Tensor, training: bool = False) -> tf.Tensor:
        states_BSD = self.encoder.read(self.embedding(ids_BS), real_positions(ids_BS), training)
        rows_ND = tf.reshape(states_BSD, [-1, self.width])
        hidden_ND = self.transform_norm(tf.nn.gelu(self.transform(rows_ND), approximate=True))
        return tf.reshape(hidden_ND, tf.shape(states_BSD))
