"""Writes what the transform stage leaves and what the vocabulary stage leaves, small, for tests of training."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import tensorflow as tf

from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.schemas.features import EOS_ID, PAIR_ID, SOURCE, SOURCE_IDS, TARGET, TARGET_IDS, pair_id

Pair: TypeAlias = tuple[int, Sequence[int], Sequence[int]]
"""Record number, source ids and target ids without EOS."""


def write_split(folder: Path, pairs: Iterable[Pair], *, corpus: str = "demo", file: str = "part") -> str:
    """One gzipped file of examples; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{file}.gz"
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for record, source, target in pairs:
            writer.write(_example(pair_id(corpus, record).encode(), source, target).SerializeToString())
    return str(path)


def write_vocabulary(folder: Path, size: int, model: bytes = b"pieces") -> Path:
    """A Vocabulary artifact; by default its model is not one: training only copies it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocabulary.model").write_bytes(model)
    sha256 = sha256_of_file(folder / "vocabulary.model")
    (folder / "vocabulary.json").write_text(json.dumps({"size": size, "source_size": None, "sha256": sha256}))
    return folder


def copying_pairs(count: int, vocabulary_size: int, longest: int) -> list[Pair]:
    """Pairs whose target is the source: a task that a model can learn from few updates."""
    pairs: list[Pair] = []
    for record in range(count):
        length = 1 + record * 7 % longest
        ids = [6 + (record * 31 + place * place * 17 + place * 5) % (vocabulary_size - 6) for place in range(length)]
        pairs.append((record, ids, ids))
    return pairs


def _example(identity: bytes, source: Sequence[int], target: Sequence[int]) -> tf.train.Example:
    def ids(values: Sequence[int]) -> tf.train.Feature:
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[*values, EOS_ID]))

    def text(value: bytes) -> tf.train.Feature:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))

    features = {
        PAIR_ID.name: text(identity),
        SOURCE.name: text(" ".join(map(str, source)).encode()),
        TARGET.name: text(" ".join(map(str, target)).encode()),
        f"{SOURCE_IDS.name}$ragged_values": ids(source),
        f"{TARGET_IDS.name}$ragged_values": ids(target),
    }
    return tf.train.Example(features=tf.train.Features(feature=features))
