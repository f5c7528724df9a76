"""The vocabulary stage, run by TFX."""

import hashlib
import json
from pathlib import Path

import sentencepiece
from data_chain import LANGUAGES, NORMALISATION, DataChain

from seq2seq_tfx.components.example_files import example_files
from seq2seq_tfx.components.vocabulary.sentences import read_sides


def test_artifact_says_what_the_model_is(data_chain: DataChain) -> None:
    artifact = data_chain.artifact("Vocabulary", "vocabulary")
    directory = Path(artifact.uri)
    model = (directory / "vocabulary.model").read_bytes()
    expected = {"sha256": hashlib.sha256(model).hexdigest(), "size": 60, "kind": "unigram", "languages": "de en"}
    summary = json.loads((directory / "vocabulary.json").read_text())
    source, target = summary.pop("source"), summary.pop("target")
    assert summary == {**expected, "source_size": None}
    assert (source["sentences"], target["sentences"]) == (471, 471 + 10)  # those of a monolingual corpus too
    for figures in (source, target):
        assert (figures["coverage"], figures["unknown_share"]) == (1.0, 0.0)
        assert 1.0 < figures["fertility"] < 6.0
    assert artifact.properties["sha256"].string_value == expected["sha256"]
    assert artifact.properties["size"].int_value == expected["size"]
    assert artifact.properties["kind"].string_value == expected["kind"]
    assert artifact.properties["languages"].string_value == expected["languages"]
    assert sentencepiece.SentencePieceProcessor(model_proto=model).get_piece_size() == expected["size"]


def test_both_sides_of_train_are_read(data_chain: DataChain) -> None:
    files = example_files(data_chain.artifact("Examples", "corpus").uri, "train")
    batches = list(read_sides(files, NORMALISATION, LANGUAGES))
    for side, start in enumerate((b"die ", b"the ")):
        sentences = [sentence for batch in batches for sentence in batch[side]]
        assert len(sentences) == 471
        assert all(sentence.startswith(start) for sentence in sentences)
