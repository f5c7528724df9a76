"""The transform stage, run by TFX."""

from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
import tensorflow_transform as tft
from data_chain import NORMALISATION, DataChain

from seq2seq_tfx.components.example_files import example_files
from seq2seq_tfx.components.text_graph import encode, make_tokenizer
from seq2seq_tfx.schemas.features import EOS_ID, TEXT_FEATURES

SPLITS = ("train", "eval", "test")


def _raw(chain: DataChain, split: str) -> dict[bytes, tf.train.Example]:
    files = example_files(chain.artifact("Examples", "corpus").uri, split)
    return _by_pair_id(files)


def _transformed(chain: DataChain, split: str) -> dict[bytes, tf.train.Example]:
    directory = Path(chain.artifact("Examples", "transform").uri) / f"Split-{split}"
    return _by_pair_id([str(path) for path in sorted(directory.iterdir())])


def _by_pair_id(files: list[str]) -> dict[bytes, tf.train.Example]:
    records = tf.data.TFRecordDataset(files, compression_type="GZIP").as_numpy_iterator()
    examples = [tf.train.Example.FromString(record) for record in records]
    return {each.features.feature["pair_id"].bytes_list.value[0]: each for each in examples}


def _bytes(example: tf.train.Example, name: str) -> list[bytes]:
    return list(example.features.feature[name].bytes_list.value)


@pytest.mark.parametrize("split", SPLITS)
def test_raw_features_are_kept_when_transformed(data_chain: DataChain, split: str) -> None:
    raw, transformed = _raw(data_chain, split), _transformed(data_chain, split)
    assert raw.keys() == transformed.keys()
    for identity, example in raw.items():
        for feature in TEXT_FEATURES:
            assert _bytes(transformed[identity], feature.name) == _bytes(example, feature.name)


@pytest.mark.parametrize("split", SPLITS)
def test_ids_are_those_of_the_text_graph_when_transformed(data_chain: DataChain, split: str) -> None:
    model = Path(data_chain.artifact("Vocabulary", "vocabulary").uri) / "vocabulary.model"
    tokenizer = make_tokenizer(model.read_bytes())
    examples = list(_transformed(data_chain, split).values())
    for side in ("source", "target"):
        texts = [_bytes(example, side)[0] for example in examples]
        expected = encode(tf.constant(texts), tokenizer, NORMALISATION, "de" if side == "source" else "en").to_list()
        stored = [list(each.features.feature[f"{side}_ids$ragged_values"].int64_list.value) for each in examples]
        assert stored == expected
        assert all(ids[-1] == EOS_ID and len(ids) > 1 for ids in stored)


def test_training_can_parse_what_the_transform_output_declares(data_chain: DataChain) -> None:
    output = tft.TFTransformOutput(data_chain.artifact("TransformGraph", "transform").uri)
    spec: dict[str, Any] = output.transformed_feature_spec()
    assert isinstance(spec["source_ids"], tf.io.RaggedFeature)
    assert spec["source_ids"].value_key == "source_ids$ragged_values"
    records = [each.SerializeToString() for each in _transformed(data_chain, "test").values()]
    parsed = tf.io.parse_example(records, spec)
    assert parsed["target_ids"].shape[0] == len(records)
    assert parsed["target_ids"].dtype == tf.int64


def test_split_names_have_one_order(data_chain: DataChain) -> None:
    artifact = data_chain.artifact("Examples", "transform")
    assert artifact.properties["split_names"].string_value.replace(" ", "") == '["train","eval","test"]'
