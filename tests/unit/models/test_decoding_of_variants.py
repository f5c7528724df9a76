"""Each way of decoding through the export: it says what the model in memory says."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tiny_export import SENTENCES, SETTINGS, VOCABULARY_SIZE, vocabulary_proto, write_trained
from unit.decoding.neighbours import ARCHITECTURES

from seq2seq_tfx.components.decoding.batches import decode
from seq2seq_tfx.components.decoding.rules import rules_of
from seq2seq_tfx.components.exporting.saved_model import export_model
from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.weights import load_weights
from seq2seq_tfx.components.text_graph import encode, make_tokenizer
from seq2seq_tfx.schemas.config.model import ModelConfig

EXPORTED = ("transformer post rotary", "bert", "gpt", "lstm none reversed", "gru bahdanau", "lstm luong_local fed")
"""One of each way of decoding: the graph is what could be saved wrongly."""


@pytest.mark.parametrize("variant", EXPORTED)
def test_export_translates_as_the_model_in_memory(variant: str, tmp_path: Path) -> None:
    config = ModelConfig.model_validate(ARCHITECTURES[variant])
    trained = write_trained(tmp_path / "trained", config)
    export_model(trained, SETTINGS, "code", tmp_path / "export")
    model = build_model(config, VOCABULARY_SIZE, seed=2)
    load_weights(model, trained / "weights/averaged.npz")
    tokenizer = make_tokenizer(vocabulary_proto())
    ids = encode(tf.constant(SENTENCES), tokenizer, SETTINGS.normalisation, SETTINGS.languages.source)
    in_memory = tf.function(lambda ids: decode(model, ids, rules_of(SETTINGS.decoding))[::2])(ids)

    served = tf.saved_model.load(str(tmp_path / "export")).signatures["serving_default"]
    found = served(source=tf.constant(SENTENCES))
    wanted = tokenizer.detokenize(in_memory[0]).numpy().tolist()
    assert found["translation"].numpy().tolist() == wanted
    np.testing.assert_array_equal(found["score"].numpy(), in_memory[1].numpy())
    assert len(set(wanted)) > 3
