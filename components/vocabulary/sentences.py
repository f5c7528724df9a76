"""The sentences that a vocabulary is trained on: the train split's, and given ones; the same whatever their order."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from seq2seq_tfx.components.text_graph import normalise
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.features import SOURCE, TARGET, TEXT

_BATCH = 4096
_DIGEST_BYTES = 16


class SideTexts(NamedTuple):
    """Texts of both sides, each an array of bytes."""

    source: npt.NDArray[np.object_]
    target: npt.NDArray[np.object_]


def read_sides(files: list[str], normalisation: NormalisationConfig, languages: Languages) -> Iterator[SideTexts]:
    """Every source and target, normalised as the model will see it, some thousand at a time.

    Args:
        files: TFRecord files of examples, gzip.
        normalisation: The graph's settings.
        languages: Of the two sides.
    """
    sides = {feature.name: tf.io.RaggedFeature(tf.string) for feature in (SOURCE, TARGET)}

    def texts(examples: tf.Tensor) -> SideTexts:
        parsed = tf.io.parse_example(examples, sides)
        return SideTexts(
            normalise(parsed[SOURCE.name].values, normalisation, languages.source),
            normalise(parsed[TARGET.name].values, normalisation, languages.target),
        )

    dataset = tf.data.TFRecordDataset(files, compression_type="GZIP").batch(_BATCH).map(texts).prefetch(2)
    yield from dataset.as_numpy_iterator()


def read_sentences(
    files: list[str], normalisation: NormalisationConfig, language: str
) -> Iterator[npt.NDArray[np.object_]]:
    """Sentences of monolingual corpora, as `read_sides` gives those of pairs.

    Args:
        files: TFRecord files of one side's sentences, gzip; may be none.
        normalisation: The graph's settings.
        language: The side's.
    """
    if not files:
        return
    feature = {TEXT.name: tf.io.FixedLenFeature([], tf.string)}

    def texts(examples: tf.Tensor) -> tf.Tensor:
        return normalise(tf.io.parse_example(examples, feature)[TEXT.name], normalisation, language)

    dataset = tf.data.TFRecordDataset(files, compression_type="GZIP").batch(_BATCH).map(texts).prefetch(2)
    yield from dataset.as_numpy_iterator()


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


def pooled(samples: Iterable[SentenceSample], limit: int) -> list[bytes]:
    """What one sample of `limit` would be that had been offered the sentences of all, sorted.

    Args:
        samples: Each with at least this limit.
        limit: The most sentences wanted.
    """
    pool = SentenceSample(limit)
    for sample in samples:
        pool.add_all(sample.sentences())
    return pool.sentences()
