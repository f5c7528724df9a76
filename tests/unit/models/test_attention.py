"""Every attention against NumPy, written from the papers' formulas (`tests/contracts/paper_formulas.py`)."""

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from contracts import paper_formulas
from contracts.paper_formulas import Array

from seq2seq_tfx.components.models.attention import MultiHeadAttention, causal_bias, padding_bias
from seq2seq_tfx.components.models.dropout import DropoutStream
from seq2seq_tfx.components.models.layers import Embedding, LayerContext
from seq2seq_tfx.components.models.positions import LearnedPositions, make_rotation, position_encodings, rotate
from seq2seq_tfx.components.models.recurrent_attention import (
    AdditiveScore,
    GeneralScore,
    SourceAttention,
    additive_scores,
    make_attention,
)
from seq2seq_tfx.components.models.transformer_layers import TokenInputs
from seq2seq_tfx.schemas.config.model import ModelConfig

CONTEXT = LayerContext(seed=1, compute_dtype="float32", dropout=DropoutStream())
LENGTHS = (7, 3)
REAL = np.arange(7) < np.array(LENGTHS)[:, None]
REACH = 2
"""Of the local window: smaller than a sentence, so that some of it is outside."""


def random(*shape: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32)


def source_attention(kind: str) -> SourceAttention:
    config = ModelConfig(family="rnn", width=8, embedding=6, attention=kind, local_window=REACH)
    attention = make_attention(config, CONTEXT)
    assert attention is not None
    return attention


def in_papers_names(attention: SourceAttention) -> dict[str, Array]:
    """Our variables as the papers write them: matrices that are multiplied from the left."""
    score, window = attention.score, attention.window
    found: dict[str, Array] = {}
    if isinstance(score, GeneralScore):
        found["W_a"] = score.score.numpy()
    if isinstance(score, AdditiveScore):
        query, key = score.query.numpy().T, score.key.numpy().T
        found = {"W_a": query, "U_a": key, "v_a": score.weight.numpy()}
    if window is not None:
        found |= {"W_p": window.place.numpy().T, "v_p": window.place_vector.numpy()[:, 0]}
    return found


def papers_weights(kind: str, query: Array, source: Array, variables: dict[str, Array]) -> Array:
    if kind == "bahdanau":
        return paper_formulas.bahdanau_weights(query, source, variables)
    if kind == "luong_local":
        return paper_formulas.luong_local_weights(query, source, variables, REACH)
    if kind == "luong_concat":  # W_a [h_t; h_s] with one matrix, which we keep as two
        variables = {**variables, "W_a": np.concatenate([variables["W_a"], variables["U_a"]], axis=1)}
    return paper_formulas.luong_weights(kind, query, source, variables)


@pytest.mark.parametrize("kind", ["bahdanau", "luong_dot", "luong_general", "luong_concat", "luong_local"])
def test_recurrent_attention_equals_numpy_when_the_source_is_padded(kind: str) -> None:
    attention = source_attention(kind)
    queries_BTD, states_BSD = 3 * random(2, 5, 8), random(2, 7, 8)
    memory = attention.prepare(tf.constant(states_BSD), tf.constant(REAL))
    contexts, weights = attention.read(tf.constant(queries_BTD), memory)
    variables = in_papers_names(attention)
    for i, length in enumerate(LENGTHS):
        for t in range(5):
            wanted = papers_weights(kind, queries_BTD[i, t], states_BSD[i, :length], variables)
            np.testing.assert_allclose(weights[i, t, :length], wanted, atol=2e-6)
            np.testing.assert_array_equal(weights[i, t, length:], 0)
            np.testing.assert_allclose(contexts[i, t], wanted @ states_BSD[i, :length], atol=1e-5)
    outside = (weights.numpy() == 0) & REAL[:, None]
    assert outside.any() == (kind == "luong_local")


def test_local_windows_lie_at_different_places() -> None:
    """Otherwise the comparison above would see one window alone."""
    window = source_attention("luong_local").window
    assert window is not None
    places = -window.distances(tf.constant(9 * random(2, 5, 8)), tf.constant(REAL)).numpy()[0, :, 0]
    assert places.min() < 2.5 and places.max() > 4.5


def test_self_attention_equals_numpy_when_causal() -> None:
    layer = MultiHeadAttention("self", CONTEXT, 8, 2)
    x_BTD = random(2, 5, 8)
    queries, keys, values = layer.split(tf.constant(x_BTD))
    found = layer.attend(queries, (keys, values), causal_bias(tf.constant(5), "float32")).numpy()
    kernels = [*np.split(layer.query_key_value.numpy(), 3, axis=1), layer.output_kernel.numpy()]
    for sentence, result in zip(x_BTD, found, strict=True):
        wanted = paper_formulas.multi_head(sentence, sentence, kernels, 2, np.tri(5, dtype=bool))
        np.testing.assert_allclose(result, wanted, atol=1e-5)


def test_cross_attention_equals_numpy_when_the_source_is_padded() -> None:
    layer = MultiHeadAttention("cross", CONTEXT, 8, 2, cross=True)
    x_BTD, memory_BSD = random(2, 5, 8), random(2, 7, 8)
    found = layer.attend(
        layer.split_queries(tf.constant(x_BTD)),
        layer.split_memory(tf.constant(memory_BSD)),
        padding_bias(tf.constant(REAL), "float32"),
    ).numpy()
    kernels = [layer.query.numpy(), *np.split(layer.key_value.numpy(), 2, axis=1), layer.output_kernel.numpy()]
    for i in range(2):
        allowed = np.broadcast_to(REAL[i], (5, 7))
        wanted = paper_formulas.multi_head(x_BTD[i], memory_BSD[i], kernels, 2, allowed)
        np.testing.assert_allclose(found[i], wanted, atol=1e-5)


def test_rotation_equals_the_papers_matrix_with_columns_in_our_order() -> None:
    x = random(1, 1, 4, 6)[0, 0]
    places = [0, 1, 5, 130]
    found = rotate(tf.constant(x)[None, None], make_rotation(tf.constant(places), 6, "float32")).numpy()[0, 0]
    order = [0, 3, 1, 4, 2, 5]  # our pair (i, i + 3) is the paper's (2i, 2i + 1)
    for row, place, result in zip(x, places, found, strict=True):
        np.testing.assert_allclose(result[order], paper_formulas.rotated(row[order], place), atol=1e-4)


def test_position_encodings_follow_the_papers_formula() -> None:
    found = position_encodings(tf.constant([0, 1, 77]), 6).numpy()
    for row, p in enumerate((0, 1, 77)):
        for i in range(3):
            angle = p / 10000 ** (2 * i / 6)
            np.testing.assert_allclose(found[row, 2 * i : 2 * i + 2], [np.sin(angle), np.cos(angle)], atol=1e-5)


def test_places_beyond_a_learned_table_have_its_last_vector() -> None:
    layer = LearnedPositions("places", CONTEXT, 4, 6)
    found = layer(tf.constant([0, 3, 4, 500])).numpy()
    np.testing.assert_array_equal(found, layer.table.numpy()[[0, 3, 3, 3]])


@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_tokens_and_places_weigh_alike_in_what_an_untrained_bert_reads(positions: str) -> None:
    width, tokens, places = 64, 40, 30
    inputs = TokenInputs("source", CONTEXT, ModelConfig(family="bert", width=width, positions=positions))
    vectors = Embedding("embedding", CONTEXT, tokens, width)(tf.range(tokens))
    same_token_everywhere = tf.repeat(vectors[:, None], places, axis=1)
    read = inputs.read(same_token_everywhere, tf.range(places), training=False).numpy()
    between_tokens, between_places = read.var(axis=0).mean(), read.var(axis=1).mean()
    assert 0.3 < between_tokens / between_places < 10


@pytest.mark.parametrize("targets", [1, 4])
def test_additive_scores_have_the_automatic_gradient(targets: int) -> None:
    inputs = [tf.constant(array, tf.float64) for array in (random(3, targets, 6), random(3, 5, 6), random(6))]
    weight = tf.constant(random(3, targets, 5), tf.float64)

    def plain(queries: tf.Tensor, keys: tf.Tensor, vector: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(vector * tf.tanh(queries[:, :, None] + keys[:, None]), axis=-1)

    results = []
    for function in (tf.function(additive_scores), plain):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            scores = function(*inputs)
            loss = tf.reduce_sum(weight * scores)
        results.append([scores, *tape.gradient(loss, inputs)])
    for ours, automatic in zip(*results, strict=True):
        np.testing.assert_allclose(ours, automatic, atol=1e-6)
