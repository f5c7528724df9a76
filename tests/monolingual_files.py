"""Writes what the corpus stage leaves of monolingual corpora, small."""

from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from seq2seq_tfx.components.example_files import serialised_example, split_directory
from seq2seq_tfx.schemas.features import PAIR_ID, TEXT, pair_id


def write_sentences(uri: Path, side: str, texts: Sequence[str], corpus: str = "news") -> str:
    """One gzipped file of a side's sentences; returns its path."""
    folder = split_directory(str(uri), side)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "data_tfrecord-00000-of-00001.gz"
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for number, text in enumerate(texts):
            identity = pair_id(corpus, number).encode()
            writer.write(serialised_example({TEXT.name: [text.encode()], PAIR_ID.name: [identity]}))
    return str(path)
