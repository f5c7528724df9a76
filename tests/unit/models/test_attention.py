"""Attention against NumPy, written from the papers' formulas."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from seq2seq_tfx.components.models.attention import MultiHeadAttention, causal_bias, padding_bias
from seq2seq_tfx.components.models.dropout import DropoutStream
from seq2seq_tfx.components.models.layers import LayerContext
from seq2seq_tfx.components.models.recurrent_attention import GeneralScore, SourceAttention
from seq2seq_tfx.components.models.positions import position_encodings

Array: TypeAlias = npt.NDArray[np.float64]

CONTEXT = LayerContext(seed=1, compute_dtype="float32", dropout=DropoutStream())
REAL = np.array([[True, True, True], [True, False, False]])


def softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def random(*shape: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32)


def multi_head(queries: Array, keys_values: Array, kernels: list[Array], allowed: npt.NDArray[np.bool_]) -> Array:
    """Concat(head_1 ... head_h) W_O for one sentence, head by head; kernels are W_Q, W_K, W_V, W_O."""
    heads, size = 2, queries.shape[-1] // 2
    read = []
    for head in range(heads):
        columns = slice(head * size, (head + 1) * size)
        q, k, v = (
            queries @ kernels[0][:, columns],
            keys_values @ kernels[1][:, columns],
            keys_values @ kernels[2][:, columns],
        )
        read.append(softmax(np.where(allowed, q @ k.T / np.sqrt(size), -np.inf)) @ v)
    return np.concatenate(read, axis=-1) @ kernels[3]


def test_self_attention_equals_numpy_when_causal() -> None:
    layer = MultiHeadAttention("self", CONTEXT, 8, 2)
    x_BTD = random(2, 5, 8)
    queries, keys, values = layer.split(tf.constant(x_BTD))
    found = layer.attend(queries, (keys, values), causal_bias(tf.constant(5), "float32")).numpy()
    kernels = [*np.split(layer.query_key_value.numpy(), 3, axis=1), layer.output_kernel.numpy()]
    for sentence, result in zip(x_BTD, found, strict=True):
        np.testing.assert_allclose(result, multi_head(sentence, sentence, kernels, np.tri(5, dtype=bool)), atol=1e-5)


def test_cross_attention_equals_numpy_when_the_source_is_padded() -> None:
    layer = MultiHeadAttention("cross", CONTEXT, 8, 2, cross=True)
    x_BTD, memory_BSD = random(2, 5, 8), random(2, 3, 8)
    found = layer.attend(
        layer.split_queries(tf.constant(x_BTD)),
        layer.split_memory(tf.constant(memory_BSD)),
        padding_bias(tf.constant(REAL), "float32"),
    ).numpy()
    kernels = [layer.query.numpy(), *np.split(layer.key_value.numpy(), 2, axis=1), layer.output_kernel.numpy()]
    for i in range(2):
        np.testing.assert_allclose(found[i], multi_head(x_BTD[i], memory_BSD[i], kernels, REAL[i][None]), atol=1e-5)


def test_luong_attention_equals_numpy_when_the_source_is_padded() -> None:
    layer = LuongAttention("luong", CONTEXT, 8, 6)
    queries_BTD, states_BSD = random(2, 5, 8), random(2, 3, 8)
    memory = {"states": tf.constant(states_BSD), "real": tf.constant(REAL), "keys": layer.keys(tf.constant(states_BSD))}
    found = layer.attend(tf.constant(queries_BTD), memory).numpy()
    w_a, w_c = layer.score.numpy(), layer.combine.numpy()
    for i in range(2):
        for t in range(5):
            s_t = queries_BTD[i, t]
            scores = np.array(
                [s_t @ w_a @ h_s if real else -np.inf for h_s, real in zip(states_BSD[i], REAL[i], strict=True)]
            )
            context = softmax(scores) @ states_BSD[i]
            np.testing.assert_allclose(found[i, t], np.tanh(np.concatenate([context, s_t]) @ w_c), atol=1e-5)


def test_position_encodings_follow_the_papers_formula() -> None:
    found = position_encodings(tf.constant([0, 1, 77]), 6).numpy()
    for row, p in enumerate((0, 1, 77)):
        for i in range(3):
            angle = p / 10000 ** (2 * i / 6)
            np.testing.assert_allclose(found[row, 2 * i : 2 * i + 2], [np.sin(angle), np.cos(angle)], atol=1e-5)
