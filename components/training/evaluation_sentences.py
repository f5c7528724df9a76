"""The sentences of the eval split that are translated in training, with their references."""

import hashlib
import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import tensorflow as tf

from seq2seq_tfx.schemas.features import PAIR_ID, SOURCE_IDS, TARGET

_READ_AT_ONCE = 1024


class EvaluationSentence(NamedTuple):
    """One of them."""

    pair_id: bytes
    source_ids: list[int]
    """EOS at the end."""
    references: list[str]


def read_evaluation_sentences(files: Sequence[str], most: int) -> list[EvaluationSentence]:
    """A sample of a split, in `pair_id` order.

    Those with the smallest hash of their id: any sample would do, but this one does not depend on files or shards,
    and keeps most of its sentences when the split changes a little.

    Args:
        files: Gzipped TFRecord files of transformed examples, in any order.
        most: Sentences wanted; all if there are fewer.
    """
    chosen = heapq.nsmallest(most, _read(files), key=lambda each: hashlib.sha256(each.pair_id).digest())
    return sorted(chosen, key=lambda each: each.pair_id)


def _read(files: Sequence[str]) -> Iterator[EvaluationSentence]:
    features = {
        PAIR_ID.name: tf.io.FixedLenFeature([], tf.string),
        TARGET.name: tf.io.RaggedFeature(tf.string),
        SOURCE_IDS.name: tf.io.RaggedFeature(tf.int64, f"{SOURCE_IDS.name}$ragged_values", row_splits_dtype=tf.int64),
    }
    for file in files:
        for examples in tf.data.TFRecordDataset(file, compression_type="GZIP").batch(_READ_AT_ONCE):
            parsed = tf.io.parse_example(examples, features)
            columns = [parsed[name] for name in (PAIR_ID.name, SOURCE_IDS.name, TARGET.name)]
            for identity, source_ids, references in zip(
                columns[0].numpy(), columns[1].to_list(), columns[2].to_list(), strict=True
            ):
                yield EvaluationSentence(identity, source_ids, [each.decode() for each in references])
