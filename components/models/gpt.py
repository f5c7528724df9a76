"""A decoder alone (Radford 2018) that translates: source, separator and target are one text.

    text = x_1 ... x_S </s> <sep> y_1 ... y_T </s>          places counted through, padding left out
    x    = sqrt(D) E[text] + PE                             positions as of the Transformer
    L layers of  Attention(x), then W2 GELU(W1 x + b1) + b2, with residuals and normalisation as of the Transformer
    logits = x E^T, from <sep> on

A source token sees the source before it (`source_attention: causal`), or all of it (`bidirectional`, a prefix as of
Dong 2019 and Raffel 2020); a target token sees the source and the target before it. No source token ever sees the
target, so the source is read once, and its keys and values are the memory.

Shapes: B batch, S source length, T target length, D width, H heads, d size of a head, K beams of a search,
N = B * K.
"""

from typing import TypeAlias, final

import keras
import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.models.attention import KeysValues, appended, causal_bias, padding_bias
from seq2seq_tfx.components.models.beam_caches import (
    empty_caches,
    following,
    own_bias,
    reordered_caches,
    with_own_place,
)
from seq2seq_tfx.components.models.embeddings import make_embeddings
from seq2seq_tfx.components.models.interface import LanguageModel, Seq2SeqModel, Tensors
from seq2seq_tfx.components.models.layers import Embedding, LayerContext, ModelLayer, real_positions
from seq2seq_tfx.components.models.positions import Rotation, rotate
from seq2seq_tfx.components.models.transformer_layers import SubLayers, TokenInputs, last_norm
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.features import BOS_ID, SEP_ID

Cache: TypeAlias = tuple[tf.Tensor, tf.Tensor]
"""Keys and values of earlier target positions."""


@final
class GptLayer(SubLayers):
    """Attention, then feed-forward; the same for source and target."""

    def read(
        self, x_BSD: tf.Tensor, bias: tf.Tensor, rotation: Rotation | None, training: bool
    ) -> tuple[tf.Tensor, Cache]:
        """One layer over a text that nothing stands before; returns its keys and values, too."""
        queries, keys, values = self.attention.split(self.enter(x_BSD, self.attention_norm))
        cache = rotate(keys, rotation), values
        read = self.attention.attend(rotate(queries, rotation), cache, bias, self.attention_rate(training))
        return self._finish(x_BSD, read, training), cache

    def follow(
        self, x_BTD: tf.Tensor, source: KeysValues, rotation: Rotation | None, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """One layer over a known target; returns the scores' queries, too."""
        queries, keys, values = self.attention.split(self.enter(x_BTD, self.attention_norm))
        queries = rotate(queries, rotation)
        own = KeysValues(rotate(keys, rotation), values, causal_bias(tf.shape(x_BTD)[1], self.compute_dtype))
        read = self.attention.attend_both(queries, source, own, self.attention_rate(training))
        return self._finish(x_BTD, read, training), queries

    def step(
        self, x_BKD: tf.Tensor, source: KeysValues, before: KeysValues, rotation: Rotation | None
    ) -> tuple[tf.Tensor, Cache]:
        """One layer at one new target position of each beam; `before` is as of the Transformer's decoder layer."""
        queries, keys, values = self.attention.split(self.enter(x_BKD, self.attention_norm))
        cache = appended(before, rotate(keys, rotation), values)
        read = self.attention.attend_both(rotate(queries, rotation), source, KeysValues(*cache, before.bias))
        return self._finish(x_BKD, read, False), cache

    def _finish(self, x_BTD: tf.Tensor, read_BTD: tf.Tensor, training: bool) -> tf.Tensor:
        return self.feed_forward(self.leave(x_BTD, read_BTD, self.attention_norm, training), training)


@final
class GptStack(ModelLayer):
    """The layers, what the first one reads, and the last normalisation."""

    def __init__(self, context: LayerContext, config: ModelConfig) -> None:
        super().__init__("stack", context)
        self.inputs = TokenInputs("text", context, config)
        self.layers = self.own([GptLayer(f"layer.{i}", context, config) for i in range(config.layers)])
        self.norm = last_norm("stack.norm", context, config)

    def read(
        self, embedded_BSD: tf.Tensor, real_BS: tf.Tensor, causal: bool, training: bool
    ) -> tuple[tf.Tensor, list[Cache]]:
        """A text that nothing stands before.

        Args:
            embedded_BSD: Vectors of its tokens.
            real_BS: False for padding.
            causal: Whether a token sees those before it alone.
            training: Whether dropout is on.

        Returns:
            Vectors (B, S, D), and keys and values of each layer.
        """
        bias = padding_bias(real_BS, self.compute_dtype)
        positions_S = tf.range(tf.shape(real_BS)[1])
        if causal:
            bias += causal_bias(tf.size(positions_S), self.compute_dtype)
        x_BSD = self.inputs.read(embedded_BSD, positions_S, training)
        rotation = self.inputs.rotation(positions_S)
        caches: list[Cache] = []
        for layer in self.layers:
            x_BSD, cache = layer.read(x_BSD, bias, rotation, training)
            caches.append(cache)
        return self.out(x_BSD), caches

    def out(self, x_BTD: tf.Tensor) -> tf.Tensor:
        """What the projection to the vocabulary reads."""
        return x_BTD if self.norm is None else self.norm(x_BTD)


@final
class CausalLanguageModel(LanguageModel):
    """The stack over single texts, each token seeing those before it: what pre-training trains.

    Args:
        config: Of the model that is to begin with the stack.
        vocabulary_size: Number of tokens, the special ones included.
        seed: Initial values follow from it.
        compute_dtype: `float32` or `bfloat16`.
    """

    def __init__(self, config: ModelConfig, vocabulary_size: int, seed: int, compute_dtype: str) -> None:
        super().__init__("causal_language_model", compute_dtype, seed)
        context = self.context
        self.embedding = Embedding("embedding", context, vocabulary_size, config.width)
        self.stack = GptStack(context, config)
        self.built = True

    @property
    @override
    def output_embedding(self) -> keras.Variable:
        return self.embedding.table

    @override
    def read(self, ids_BS: tf.Tensor, training: bool = False) -> tf.Tensor:
        return self.stack.read(self.embedding(ids_BS), real_positions(ids_BS), True, training)[0]


@final
class Gpt(Seq2SeqModel):
    """See the module; sizes and dropout rates come from the `model` section of the configuration."""

    def __init__(
        self, config: ModelConfig, vocabulary_sizes: tuple[int | None, int], seed: int, compute_dtype: str
    ) -> None:
        super().__init__("gpt", compute_dtype, seed)
        context = self.context
        self.config = config
        self.source_embedding, self.target_embedding, self.projection = make_embeddings(
            config, context, vocabulary_sizes
        )
        self.stack = GptStack(context, config)
        self.built = True

    @property
    @override
    def output_embedding(self) -> keras.Variable:
        return self.projection.table

    @override
    def encode(self, source_ids_BS: tf.Tensor, training: bool = False) -> Tensors:
        real_BS = real_positions(source_ids_BS)
        causal = self.config.source_attention == "causal"
        states, caches = self.stack.read(self.source_embedding(source_ids_BS), real_BS, causal, training)
        memory = {"states": states, "real": real_BS, "length": tf.reduce_sum(tf.cast(real_BS, tf.int32), axis=1)}
        for i, (keys, values) in enumerate(caches):
            memory[f"keys.{i}"], memory[f"values.{i}"] = keys, values
        return memory

    @override
    def decode(self, memory: Tensors, target_in_BT: tf.Tensor, training: bool = False) -> tf.Tensor:
        return self._follow(memory, target_in_BT, training)[0]

    @override
    def attention_weights(self, memory: Tensors, target_in_BT: tf.Tensor) -> tf.Tensor | None:
        """Of the last layer, the mean over the heads, the target left out."""
        _, queries_BHTd = self._follow(memory, target_in_BT, False)
        source = self._source(memory, self.config.layers - 1)
        weights_BHTS = self.stack.layers[-1].attention.weights(queries_BHTd, source.keys_BHSd, source.bias)
        return tf.reduce_mean(tf.cast(weights_BHTS, tf.float32), axis=1)

    @override
    def start(self, memory: Tensors, beams: int = 1) -> tuple[Tensors, Tensors]:
        fixed = {name: tensor for name, tensor in memory.items() if name != "states"}
        size = self.config.layers, self.config.heads, self.config.width // self.config.heads
        return fixed, empty_caches(tf.shape(memory["real"])[0], beams, size, self.compute_dtype)

    @override
    def step(
        self, memory: Tensors, state: Tensors, token_BK: tf.Tensor, position: tf.Tensor
    ) -> tuple[tf.Tensor, Tensors]:
        beams, positions_B1 = token_BK.shape[1], memory["length"][:, None] + position
        x_BKD = self._target(token_BK, positions_B1, False)
        rotation = self.stack.inputs.rotation(positions_B1)
        origins_NT = with_own_place(state, beams)
        own = own_bias(origins_NT, beams, self.compute_dtype)
        after: Tensors = {}
        for i, layer in enumerate(self.stack.layers):
            before = KeysValues(state[f"keys.{i}"], state[f"values.{i}"], own)
            x_BKD, (after[f"keys.{i}"], after[f"values.{i}"]) = layer.step(
                x_BKD, self._source(memory, i), before, rotation
            )
        rows_ND = tf.reshape(self.stack.out(x_BKD), [-1, self.config.width])
        return self.logits(rows_ND), following(after, origins_NT)

    @override
    def reordered(self, state: Tensors, from_N: tf.Tensor) -> Tensors:
        return reordered_caches(state, from_N)

    def _follow(self, memory: Tensors, target_in_BT: tf.Tensor, training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        """Vectors of a known target, and the last layer's queries."""
        positions_BT = memory["length"][:, None] + tf.range(tf.shape(target_in_BT)[1])
        x_BTD = self._target(target_in_BT, positions_BT, training)
        rotation = self.stack.inputs.rotation(positions_BT)
        queries = x_BTD
        for i, layer in enumerate(self.stack.layers):
            x_BTD, queries = layer.follow(x_BTD, self._source(memory, i), rotation, training)
        return self.stack.out(x_BTD), queries

    def _source(self, memory: Tensors, layer: int) -> KeysValues:
        bias = padding_bias(memory["real"], self.compute_dtype)
        return KeysValues(memory[f"keys.{layer}"], memory[f"values.{layer}"], bias)

    def _target(self, ids_BT: tf.Tensor, positions_BT: tf.Tensor, training: bool) -> tf.Tensor:
        """What the first layer reads of the target; the token that begins it is the separator here."""
        separated_BT = tf.where(tf.equal(ids_BT, BOS_ID), SEP_ID, ids_BT)
        return self.stack.inputs.read(self.target_embedding(separated_BT), positions_BT, training)
