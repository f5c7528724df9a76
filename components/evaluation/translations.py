"""Reads stored translations back."""

from collections.abc import Iterator

import tensorflow as tf

from seq2seq_tfx.components.evaluation.translated import Translated
from seq2seq_tfx.components.example_files import example_files
from seq2seq_tfx.schemas.features import PAIR_ID, SOURCE, TARGET, TRANSLATION


def read_translations(uri: str, split: str) -> list[Translated]:
    """The translations of one split, in the order they are stored.

    Args:
        uri: Of the `Examples` that hold them.
        split: Its name.

    Raises:
        FileNotFoundError: If the split has no files.
    """
    return [_parsed(example) for example in _examples(uri, split)]


def read_sources(uri: str, split: str) -> Iterator[str]:
    """The sources of one split, one after the other; none if the split has no files.

    Args:
        uri: Of `Examples`.
        split: Its name.
    """
    try:
        for example in _examples(uri, split):
            (source,) = example.features.feature[SOURCE.name].bytes_list.value
            yield source.decode()
    except FileNotFoundError:
        return


def _examples(uri: str, split: str) -> Iterator[tf.train.Example]:
    records = tf.data.TFRecordDataset(example_files(uri, split), compression_type="GZIP")
    return (tf.train.Example.FromString(record) for record in records.as_numpy_iterator())


def _parsed(example: tf.train.Example) -> Translated:
    feature = example.features.feature
    pair_id, translation, *references = (
        value.decode() for spec in (PAIR_ID, TRANSLATION, TARGET) for value in feature[spec.name].bytes_list.value
    )
    texts = [value.decode() for value in feature[SOURCE.name].bytes_list.value]
    known = {spec.name for spec in (PAIR_ID, TRANSLATION, TARGET, SOURCE)}
    others = {name: values[0] for name in feature if name not in known and len(values := _as_texts(feature[name])) == 1}
    return Translated(pair_id, translation, tuple(references), texts[0] if texts else "", others)


def _as_texts(feature: tf.train.Feature) -> list[str]:
    kind = feature.WhichOneof("kind")
    if kind is None:
        return []
    values = getattr(feature, kind).value
    return [value.decode() if isinstance(value, bytes) else _number(value) for value in values]


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4g}"
