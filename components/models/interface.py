"""What every architecture offers to training and to decoding. Decoding and exporting know models only through this.

`TokenModel` is what training needs of any model; `Seq2SeqModel` translates; `LanguageModel` is for pre-training.

Shapes: B batch, S source length, T target length, V vocabulary size, D size of the vectors before the projection,
N any number of rows.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import keras
import tensorflow as tf

from seq2seq_tfx.components.models.dropout import DropoutStream
from seq2seq_tfx.components.models.layers import LayerContext, LayerType, own_layers, policy

Tensors: TypeAlias = dict[str, tf.Tensor]
"""Named tensors, flat; every one has the leading batch dimension B."""


class TokenModel(keras.Model, ABC):
    """A model whose vectors are projected to a vocabulary.

    All variables exist once the constructor is done; they are float32, computation is in `compute_dtype`.

    Args:
        name: Name of the model, the same in every process.
        compute_dtype: `float32` or `bfloat16`.
        seed: Initial values follow from it.
    """

    def __init__(self, name: str, compute_dtype: str, seed: int = 0) -> None:
        super().__init__(name=name, dtype=policy(compute_dtype), autocast=False)
        self.dropout_stream = DropoutStream()
        """Where dropout takes its noise from: `restart` it with a seed before each call with `training=True`."""
        self.context = LayerContext(seed=seed, compute_dtype=compute_dtype, dropout=self.dropout_stream)
        """What the model's layers have in common."""

    @property
    @abstractmethod
    def output_embedding(self) -> keras.Variable:
        """The projection to the vocabulary, (V, D), without bias: logits = hidden . output_embedding^T."""

    def own(self, layers: list[LayerType]) -> list[LayerType]:
        """See `own_layers`."""
        return own_layers(self, layers)

    def logits(self, hidden_ND: tf.Tensor) -> tf.Tensor:
        """Scores of every token: float32 (N, V)."""
        embedding_VD = self.context.cast_of(self.output_embedding)
        return tf.cast(tf.matmul(hidden_ND, embedding_VD, transpose_b=True), tf.float32)


class LanguageModel(TokenModel):
    """A model of text alone: ids in, for each a vector that predicts a token."""

    @abstractmethod
    def read(self, ids_BS: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Read texts.

        Args:
            ids_BS: int32, then PAD_ID.
            training: Whether dropout is on.

        Returns:
            (B, S, D) in `compute_dtype`.
        """


class Seq2SeqModel(TokenModel):
    """An encoder-decoder: source ids in, next-token logits out.

    Padding (`PAD_ID`) never changes what is computed for real tokens, and a target position never sees later ones.
    """

    @abstractmethod
    def encode(self, source_ids_BS: tf.Tensor, training: bool = False) -> Tensors:
        """Read the source.

        Args:
            source_ids_BS: int32, EOS at the end of each row, then PAD_ID.
            training: Whether dropout is on.

        Returns:
            The memory that `decode` and `start` take. It says itself which source positions are padding.
        """

    @abstractmethod
    def decode(self, memory: Tensors, target_in_BT: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The vectors of all positions at once, for a known target (teacher forcing).

        Args:
            memory: What `encode` returned.
            target_in_BT: int32, BOS first, then the target without its EOS, then PAD_ID.
            training: Whether dropout is on.

        Returns:
            (B, T, D) in `compute_dtype`; the vector at position t predicts the token after `target_in_BT[:, t]`.
        """

    @abstractmethod
    def start(self, memory: Tensors, beams: int = 1) -> tuple[Tensors, Tensors]:
        """Prepare stepwise decoding.

        Args:
            memory: What `encode` returned.
            beams: K, prefixes of each source that are stepped together.

        Returns:
            The decoding memory, which stays the same from step to step (attention keys and values of the source), B
            rows; and the state before the first step. A tensor of the state has a row for each prefix (B * K rows, the
            prefixes of one source one after the other) or for each source.
        """

    @abstractmethod
    def step(
        self, memory: Tensors, state: Tensors, token_BK: tf.Tensor, position: tf.Tensor
    ) -> tuple[tf.Tensor, Tensors]:
        """Feed one token to each prefix and predict the next.

        Args:
            memory: The decoding memory of `start`.
            state: The state of `start`, of the step before, or of `reordered`.
            token_BK: int32, the tokens fed: BOS at position 0. K is known when the graph is made.
            position: int32 scalar, the 0-based index of the token fed.

        Returns:
            Logits of the next token, float32 (B * K, V), and the new state. The second dimension and those after it may
            differ from the old state's (caches grow by one position a step); the names, ranks and dtypes do not.
        """

    def reordered(self, state: Tensors, from_N: tf.Tensor) -> Tensors:
        """The state whose prefix n is what prefix `from_N[n]` was, of the same source: int32 (B * K,)."""
        return {name: tf.gather(tensor, from_N) for name, tensor in state.items()}

    @contextmanager
    def reading_once(self) -> Iterator[None]:
        """Within, each variable is read, and cast, once, where it is entered: for the steps of a search."""
        with self.context.reading_once(self.variables):
            yield

    def attention_weights(self, memory: Tensors, target_in_BT: tf.Tensor) -> tf.Tensor | None:
        """Where the decoder looks in the source while it predicts each token, for pictures of alignments.

        Args:
            memory: What `encode` returned.
            target_in_BT: As of `decode`.

        Returns:
            float32 (B, T, S), each row summing to 1 over the real source positions; None for a model without attention.
        """
        return None

    def call(self, source_ids_BS: tf.Tensor, target_in_BT: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The logits of all positions of a known target: float32 (B, T, V)."""
        hidden_BTD = self.decode(self.encode(source_ids_BS, training), target_in_BT, training)
        shape = tf.shape(target_in_BT)
        rows_ND = tf.reshape(hidden_BTD, [-1, hidden_BTD.shape[-1]])
        return tf.reshape(self.logits(rows_ND), [shape[0], shape[1], self.output_embedding.shape[0]])


TrainableModel: TypeAlias = Seq2SeqModel | LanguageModel
"""What the training loop trains."""
