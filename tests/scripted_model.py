"""A model whose next-token probabilities stand in a table, so that a search's right answer can be worked out by hand.

Shapes: B batch, S source length, T target length, V vocabulary.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from typing_extensions import override

from seq2seq_tfx.components.models.interface import Seq2SeqModel, Tensors
from seq2seq_tfx.schemas.features import BOS_ID, EOS_ID

Table: TypeAlias = npt.NDArray[np.float32]

A, B, C = 6, 7, 8
"""The words of the scripted vocabulary, after the six special pieces."""
END = EOS_ID
VOCABULARY = 9
IMPROBABLE = 1e-9


class ScriptedModel(Seq2SeqModel):
    """Looks logits up by (first source token modulo the number of tables, the target prefix).

    Args:
        tables: (number of tables, number of prefix codes, V); see `code_of`.
        embedding: Anything; only its first dimension, V, is read.
    """

    def __init__(self, tables: Table) -> None:
        super().__init__("scripted", "float32")
        self.tables = tf.constant(tables)
        self.vocabulary = tables.shape[-1]
        self.embedding = self.add_weight(name="embedding", shape=(self.vocabulary, 1), initializer="zeros")

    @property
    @override
    def output_embedding(self) -> keras.Variable:
        return self.embedding

    @override
    def encode(self, source_ids_BS: tf.Tensor, training: bool = False) -> Tensors:
        return {"table": source_ids_BS[:, :1] % self.tables.shape[0], "source": source_ids_BS}

    @override
    def decode(self, memory: Tensors, target_in_BT: tf.Tensor, training: bool = False) -> tf.Tensor:
        codes = [tf.ones_like(target_in_BT[:, 0])]
        for place in range(1, target_in_BT.shape[1] or 16):
            codes.append(tf.minimum(codes[-1] * self.vocabulary + target_in_BT[:, place], self.tables.shape[1] - 1))
        return self._look_up(tf.stack(codes, axis=1), memory["table"])

    @override
    def logits(self, hidden_ND: tf.Tensor) -> tf.Tensor:
        return hidden_ND

    @override
    def start(self, memory: Tensors, beams: int = 1) -> tuple[Tensors, Tensors]:
        # The prefix is kept token by token, so that the search must carry a state that grows.
        return memory, {"prefix": tf.zeros([tf.shape(memory["table"])[0] * beams, 0], tf.int32)}

    @override
    def step(
        self, memory: Tensors, state: Tensors, token_BK: tf.Tensor, position: tf.Tensor
    ) -> tuple[tf.Tensor, Tensors]:
        token_N = tf.reshape(token_BK, [-1])
        prefix_NT = tf.concat([state["prefix"], tf.where(position > 0, token_N, 0)[:, None]], axis=1)
        powers_T = tf.pow(self.vocabulary, tf.range(position, -1, -1))
        codes_N = tf.reduce_sum(prefix_NT * powers_T, axis=1) + tf.pow(self.vocabulary, position)
        codes_N = tf.minimum(codes_N, self.tables.shape[1] - 1)
        table_N1 = tf.repeat(memory["table"], token_BK.shape[1], axis=0)
        return self._look_up(codes_N[:, None], table_N1)[:, 0], {"prefix": prefix_NT}

    @override
    def attention_weights(self, memory: Tensors, target_in_BT: tf.Tensor) -> tf.Tensor | None:
        source_B1S, target_BT1 = (
            tf.cast(ids, tf.float32) for ids in (memory["source"][:, None], target_in_BT[:, :, None])
        )
        places_S = tf.range(1.0, 1.0 + tf.cast(tf.shape(source_B1S)[2], tf.float32))
        scores_BTS = 3.0 * tf.sin(target_BT1 * places_S + source_B1S)
        return tf.nn.softmax(tf.where(source_B1S > 0.0, scores_BTS, -1e9))

    def _look_up(self, codes_BT: tf.Tensor, table_B1: tf.Tensor) -> tf.Tensor:
        return tf.gather_nd(self.tables, tf.stack([table_B1 + tf.zeros_like(codes_BT), codes_BT], axis=-1))


def code_of(prefix: Sequence[int], vocabulary: int = VOCABULARY) -> int:
    """The row of a table that holds what follows a prefix: 1 for the empty one, then code * V + token."""
    code = 1
    for token in prefix:
        code = code * vocabulary + token
    return code


def scripted(script: Mapping[tuple[int, ...], Mapping[int, float]], longest: int = 4) -> ScriptedModel:
    """A model that follows a script.

    Args:
        script: Prefix to the probabilities of the next tokens; what is not named is all but impossible. After a prefix
            that is not named the sentence ends.
        longest: Longest prefix.
    """
    logits = np.full((1, VOCABULARY ** (longest + 1), VOCABULARY), math.log(IMPROBABLE), np.float32)
    logits[:, :, END] = 0.0
    for prefix, following in script.items():
        logits[0, code_of(prefix)] = math.log(IMPROBABLE)
        for token, probability in following.items():
            logits[0, code_of(prefix), token] = math.log(probability)
    return ScriptedModel(logits)


def random_tables(number: int, vocabulary: int, longest: int, seed: int) -> Table:
    """Tables of random logits for every prefix of at most `longest` tokens."""
    generator = np.random.default_rng(seed)
    return generator.normal(0.0, 1.5, (number, vocabulary ** (longest + 1), vocabulary)).astype(np.float32)


def log_probs(table: Table, tokens: Sequence[int]) -> float:
    """The summed log-probability of a token sequence, worked out one token at a time; EOS cannot be the first."""
    vocabulary, total = table.shape[-1], 0.0
    for place, token in enumerate(tokens):
        logits = table[code_of(tokens[:place], vocabulary)].astype(np.float64)
        if place == 0:
            logits = np.where(np.arange(vocabulary) == EOS_ID, -np.inf, logits)
        total += logits[token] - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
    return float(total)


def attention_of(source: Sequence[int], target: Sequence[int]) -> npt.NDArray[np.float64]:
    """`ScriptedModel.attention_weights` of one pair, each token after the one before it: (T, S)."""
    before, places = np.array([BOS_ID, *target[:-1]]), np.arange(1, len(source) + 1)
    scores = np.exp(3.0 * np.sin(before[:, None] * places + np.array(source)))
    return np.asarray(scores / scores.sum(axis=1, keepdims=True), np.float64)


def every_hypothesis(vocabulary: int, max_length: int) -> list[tuple[int, ...]]:
    """All that a search may find: sequences that end with EOS, and those of `max_length` tokens without one."""
    words = [token for token in range(vocabulary) if token != EOS_ID]
    found = [tokens for length in (max_length,) for tokens in itertools.product(words, repeat=length)]
    for length in range(1, max_length):
        found += [(*tokens, EOS_ID) for tokens in itertools.product(words, repeat=length)]
    return found
