"""The vocabulary stage, run by TFX."""

import hashlib
import json
from pathlib import Path

import sentencepiece
from data_chain import NORMALISATION, DataChain

from seq2seq_tfx.components.example_files import example_files
from seq2seq_tfx.components.vocabulary.sentences import read_sentences


def test_artifact_says_what_the_model_is(data_chain: DataChain) -> None:
    artifact = data_chain.artifact("Vocabulary", "vocabulary")
    directory = Path(artifact.uri)
    model = (directory / "vocabulary.model").read_bytes()
    expected = {"sha256": hashlib.sha256(model).hexdigest(), "size": 60, "kind": "unigram", "languages": "de en"}
    assert json.loads((directory / "vocabulary.json").read_text()) == expected
    assert artifact.properties["sha256"].string_value == expected["sha256"]
    assert artifact.properties["size"].int_value == expected["size"]
    assert artifact.properties["kind"].string_value == expected["kind"]
    assert artifact.properties["languages"].string_value == expected["languages"]
    assert sentencepiece.SentencePieceProcessor(model_proto=model).get_piece_size() == expected["size"]


def test_both_sides_of_train_are_read(data_chain: DataChain) -> None:
    files = example_files(data_chain.artifact("Examples", "corpus").uri, "train")
    sentences = [each.decode() for each in read_sentences(files, NORMALISATION)]
    assert len(sentences) == 1000
    assert sum(each.startswith("die ") for each in sentences) == 500
    assert sum(each.startswith("the ") for each in sentences) == 500
