"""Sentences of the eval split, with their references: what early stopping scores, and what exports are proven on."""

import hashlib
import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import tensorflow as tf

from seq2seq_tfx.schemas.features import PAIR_ID, SOURCE, SOURCE_IDS, TARGET, TARGET_IDS

_READ_AT_ONCE = 1024


class EvaluationSentence(NamedTuple):
    """One of them."""

    pair_id: bytes
    source: str
    """As given."""
    source_ids: list[int]
    """EOS at the end."""
    target_ids: list[int]
    """Of the first reference, EOS at the end."""
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
    ids = {
        each.name: tf.io.RaggedFeature(tf.int64, f"{each.name}$ragged_values", row_splits_dtype=tf.int64)
        for each in (SOURCE_IDS, TARGET_IDS)
    }
    texts = {each.name: tf.io.FixedLenFeature([], tf.string) for each in (PAIR_ID, SOURCE)}
    features = {**texts, **ids, TARGET.name: tf.io.RaggedFeature(tf.string)}
    for file in files:
        for examples in tf.data.TFRecordDataset(file, compression_type="GZIP").batch(_READ_AT_ONCE):
            parsed = tf.io.parse_example(examples, features)
            identities, sources = (parsed[name].numpy() for name in texts)
            lists = [parsed[name].to_list() for name in (*ids, TARGET.name)]
            for identity, source, source_ids, target_ids, references in zip(identities, sources, *lists, strict=True):
                yield EvaluationSentence(
                    identity, source.decode(), source_ids, target_ids, [each.decode() for each in references]
                )
