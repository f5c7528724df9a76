"""Each kind of model through decoding and export: neighbours change nothing, the export says what the model says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tiny_export import SENTENCES, SETTINGS, VOCABULARY_SIZE, vocabulary_proto, with_large_weights, write_trained

from seq2seq_tfx.components.decoding.batches import decode
from seq2seq_tfx.components.exporting.saved_model import export_model
from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.models.weights import load_weights
from seq2seq_tfx.components.text_graph import encode, make_tokenizer
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.features import EOS_ID

VARIANTS: dict[str, dict[str, Any]] = {
    "transformer post rotary": {"heads": 4, "feedforward": 96, "norm": "post", "positions": "rotary"},
    "transformer learned": {"heads": 4, "feedforward": 96, "positions": "learned", "share_embeddings": "none"},
    "bert": {"family": "bert", "heads": 4, "feedforward": 96},
    "gpt": {"family": "gpt", "heads": 4, "feedforward": 96},
    "gpt causal rotary": {
        "family": "gpt", "heads": 4, "feedforward": 96, "source_attention": "causal", "positions": "rotary",
    },
    "simple_rnn none": {"family": "rnn", "cell": "simple_rnn", "attention": "none"},
    "lstm none reversed": {
        "family": "rnn", "cell": "lstm", "attention": "none", "bidirectional": False, "reverse_source": True,
    },
    "gru bahdanau": {"family": "rnn", "attention": "bahdanau", "residual": True},
    "lstm luong_dot fed": {"family": "rnn", "cell": "lstm", "attention": "luong_dot", "input_feeding": True},
    "gru luong_concat": {"family": "rnn", "attention": "luong_concat"},
    "lstm luong_local fed": {"family": "rnn", "cell": "lstm", "attention": "luong_local", "input_feeding": True},
}  # fmt: skip
EXPORTED = ("transformer post rotary", "bert", "gpt", "lstm none reversed", "gru bahdanau", "lstm luong_local fed")
"""One of each way of decoding: the graph is what could be saved wrongly."""

VOCABULARY = 200
SEARCH = DecodingConfig(beam_size=3, max_length=8)

Translate = Callable[[list[list[int]]], list[tuple[list[int], bytes]]]


def config_of(variant: str) -> ModelConfig:
    return ModelConfig.model_validate({"layers": 2, "width": 48, **VARIANTS[variant]})


def translator(model: Seq2SeqModel) -> Translate:
    @tf.function(input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)])
    def run(ids: tf.RaggedTensor) -> tuple[tf.RaggedTensor, tf.Tensor]:
        decoded = decode(model, ids, SEARCH)
        return decoded.ids, decoded.scores_N

    def results(sources: list[list[int]]) -> list[tuple[list[int], bytes]]:
        ids, scores = run(tf.ragged.constant(sources, tf.int32, ragged_rank=1))
        return [(tokens, each.tobytes()) for tokens, each in zip(ids.to_list(), scores.numpy(), strict=True)]

    return results


@pytest.mark.parametrize("variant", VARIANTS)
def test_translations_are_equal_to_the_bit_beside_any_neighbours(variant: str) -> None:
    generator = np.random.default_rng(7)
    lengths = generator.choice([0, 1, 2, 5, 9, 15, 16, 20, 33], size=64)
    sources = [[*generator.integers(6, VOCABULARY, size=length).tolist(), EOS_ID] for length in lengths]
    translate = translator(with_large_weights(build_model(config_of(variant), VOCABULARY, seed=1)))
    expected = translate(sources)
    assert len({tuple(tokens) for tokens, _ in expected}) > 15
    for seed, size, count in ((1, 1, 5), (2, 7, 35), (3, 64, 64)):
        order = generator.permutation(64)[:count].tolist()
        for start in range(0, count, size):
            numbers = order[start : start + size]
            assert translate([sources[number] for number in numbers]) == [expected[number] for number in numbers], seed


@pytest.mark.parametrize("variant", EXPORTED)
def test_export_translates_as_the_model_in_memory(variant: str, tmp_path: Path) -> None:
    config = config_of(variant)
    trained = write_trained(tmp_path / "trained", config)
    export_model(trained, SETTINGS, "code", tmp_path / "export")
    model = build_model(config, VOCABULARY_SIZE, seed=2)
    load_weights(model, trained / "weights/averaged.npz")
    tokenizer = make_tokenizer(vocabulary_proto())
    ids = encode(tf.constant(SENTENCES), tokenizer, SETTINGS.normalisation, SETTINGS.languages.source)
    in_memory = tf.function(lambda ids: decode(model, ids, SETTINGS.decoding)[::2])(ids)

    served = tf.saved_model.load(str(tmp_path / "export")).signatures["serving_default"]
    found = served(source=tf.constant(SENTENCES))
    wanted = tokenizer.detokenize(in_memory[0]).numpy().tolist()
    assert found["translation"].numpy().tolist() == wanted
    np.testing.assert_array_equal(found["score"].numpy(), in_memory[1].numpy())
    assert len(set(wanted)) > 3
