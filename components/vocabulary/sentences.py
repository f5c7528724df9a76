"""The sentences that a vocabulary is trained on: both sides of the train split, the same whatever their order."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import final

import tensorflow as tf

from seq2seq_tfx.components.text_graph import normalise
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.features import SOURCE, TARGET

_BATCH = 4096
_DIGEST_BYTES = 16


def read_sentences(files: list[str], normalisation: NormalisationConfig) -> Iterator[bytes]:
    """Every source and target, normalised as the model will see it.

    Args:
        files: TFRecord files of examples, gzip.
        normalisation: The graph's settings.
    """
    sides = {feature.name: tf.io.RaggedFeature(tf.string) for feature in (SOURCE, TARGET)}

    def texts(examples: tf.Tensor) -> tf.Tensor:
        parsed = tf.io.parse_example(examples, sides)
        return normalise(tf.concat([parsed[SOURCE.name].values, parsed[TARGET.name].values], axis=0), normalisation)

    dataset = tf.data.TFRecordDataset(files, compression_type="GZIP").batch(_BATCH).map(texts).prefetch(2)
    for batch in dataset.as_numpy_iterator():
        yield from batch


@final
class SentenceSample:
    """Distinct sentences, at most `limit`: those with the lowest digests, so the same for any order of arrival.

    Memory is bounded by twice `limit` sentences.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_digest: dict[bytes, bytes] = {}
        self._bound = b"\xff" * (_DIGEST_BYTES + 1)
        self.seen = 0
        """Sentences added, duplicates included."""

    def add_all(self, sentences: Iterable[bytes]) -> None:
        """Offer sentences; empty ones are left out."""
        for sentence in sentences:
            self.seen += 1
            digest = hashlib.blake2b(sentence, digest_size=_DIGEST_BYTES).digest()
            if sentence and digest < self._bound:
                self._by_digest[digest] = sentence
                if len(self._by_digest) > 2 * self._limit:
                    self._prune()

    def _prune(self) -> None:
        lowest = sorted(self._by_digest)[: self._limit]
        self._by_digest = {digest: self._by_digest[digest] for digest in lowest}
        self._bound = lowest[-1] + b"\x00"

    def sentences(self) -> list[bytes]:
        """The sample, sorted."""
        if len(self._by_digest) > self._limit:
            self._prune()
        return sorted(self._by_digest.values())
