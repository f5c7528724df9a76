"""The corpus stage, run by TFX."""

import json
import stat
from pathlib import Path

import tensorflow as tf
from data_chain import DataChain

from seq2seq_tfx.components.example_files import example_files, split_files

COUNTS = {"train": 471, "eval": 20, "test": 10}


def _examples(uri: str, split: str) -> list[tf.train.Example]:
    dataset = tf.data.TFRecordDataset(example_files(uri, split), compression_type="GZIP")
    return [tf.train.Example.FromString(record) for record in dataset.as_numpy_iterator()]


def _values(example: tf.train.Example, name: str) -> list[str]:
    return [value.decode() for value in example.features.feature[name].bytes_list.value]


def test_splits_hold_every_kept_pair_in_order(data_chain: DataChain) -> None:
    artifact = data_chain.artifact("Examples", "corpus")
    assert json.loads(artifact.properties["split_names"].string_value) == ["train", "eval", "test"]
    for split, count in COUNTS.items():
        ids = [_values(each, "pair_id")[0] for each in _examples(artifact.uri, split)]
        assert len(ids) == count
        assert ids == sorted(ids)


def test_test_set_is_as_given_with_all_references(data_chain: DataChain) -> None:
    first = _examples(data_chain.artifact("Examples", "corpus").uri, "test")[0]
    lines = [(data_chain.directory / f"exam.{side}").read_text(encoding="utf-8").split("\n")[0] for side in range(3)]
    assert _values(first, "source") == lines[:1]
    assert _values(first, "target") == lines[1:]
    assert _values(first, "domain") == [""]


def test_ledger_adds_up_and_is_the_users_alone(data_chain: DataChain) -> None:
    path = Path(data_chain.artifact("CorpusLedger", "corpus").uri) / "ledger.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ledger = json.loads(path.read_text())
    assert [corpus["read"] for corpus in ledger["corpora"]] == [501, 20, 10, 12]
    rules = ledger["corpora"][0]["rules"]
    assert {rule: count["dropped"] for rule, count in rules.items()} == {"decontamination": 29, "duplicates": 1}
    for corpus in ledger["corpora"]:
        assert corpus["read"] == sum(corpus["kept"].values()) + sum(r["dropped"] for r in corpus["rules"].values())


def test_monolingual_sentences_are_an_output_of_their_own(data_chain: DataChain) -> None:
    uri = data_chain.artifact("MonolingualSentences", "corpus").uri
    examples = _examples(uri, "target")
    assert [_values(each, "pair_id") for each in examples] == [[f"talk/{number:010d}"] for number in range(10)]
    assert _values(examples[0], "text") == ["we have seen cat 1"]
    assert split_files(uri, "source") == []


def test_work_files_are_gone(data_chain: DataChain) -> None:
    root = Path(data_chain.artifact("Examples", "corpus").uri)
    assert {path.suffix for path in root.rglob("*") if path.is_file()} == {".gz"}
    assert [path.name for path in Path(data_chain.artifact("CorpusLedger", "corpus").uri).iterdir()] == ["ledger.json"]
