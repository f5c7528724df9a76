"""Reads stored translations back."""

from dataclasses import dataclass

import tensorflow as tf

from seq2seq_tfx.components.example_files import example_files
from seq2seq_tfx.schemas.features import PAIR_ID, TARGET, TRANSLATION


@dataclass(frozen=True)
class Translated:
    """One sentence as a model translated it."""

    pair_id: str
    translation: str
    references: tuple[str, ...]


def read_translations(uri: str, split: str) -> list[Translated]:
    """The translations of one split, in the order they are stored.

    Args:
        uri: Of the `Examples` that hold them.
        split: Its name.

    Raises:
        FileNotFoundError: If the split has no files.
    """
    records = tf.data.TFRecordDataset(example_files(uri, split), compression_type="GZIP")
    return [_parsed(record) for record in records.as_numpy_iterator()]


def _parsed(record: bytes) -> Translated:
    feature = tf.train.Example.FromString(record).features.feature
    pair_id, translation, *references = (
        value.decode() for spec in (PAIR_ID, TRANSLATION, TARGET) for value in feature[spec.name].bytes_list.value
    )
    return Translated(pair_id, translation, tuple(references))
