"""What a job would take: all records are read, a sample of their distinct sentences is translated."""

import hashlib
import heapq
import io
import resource
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, final

from seq2seq_tfx.components.translation.engine import Translation
from seq2seq_tfx.components.translation.formats.choosing import make_format
from seq2seq_tfx.components.translation.formats.record import Record
from seq2seq_tfx.components.translation.job.inputs import STANDARD, find_inputs, fingerprinted, opened
from seq2seq_tfx.components.translation.job.translating import Model, Request
from seq2seq_tfx.schemas.errors import InputError

_SAMPLE: Final = 512
_DIGEST_BYTES: Final = 8
_INDEX_BYTES: Final = 64
"""What the job's index takes for a sentence, besides its translation."""
_WORKING_BYTES: Final = 1 << 28
"""What blocks under way and the index's cache take."""


@final
class DistinctSample:
    """The distinct sentences with the smallest digests: a fair sample, which also tells how many there are.

    Args:
        size: Sentences of the sample.
    """

    def __init__(self, size: int = _SAMPLE) -> None:
        self._size = size
        self._largest_first: list[tuple[int, str]] = []
        self._held: set[str] = set()

    def add(self, sentence: str) -> None:
        """Look at one more sentence."""
        digest = int.from_bytes(hashlib.blake2b(sentence.encode(), digest_size=_DIGEST_BYTES).digest(), "big")
        if len(self._held) == self._size and digest >= -self._largest_first[0][0] or sentence in self._held:
            return
        heapq.heappush(self._largest_first, (-digest, sentence))
        self._held.add(sentence)
        if len(self._held) > self._size:
            self._held.discard(heapq.heappop(self._largest_first)[1])

    @property
    def sentences(self) -> list[str]:
        """The sample, always in the same order."""
        return [sentence for _, sentence in sorted(self._largest_first, reverse=True)]

    @property
    def distinct(self) -> int:
        """How many distinct sentences there are; of more than the sample has, about."""
        if len(self._held) < self._size:
            return len(self._held)
        return round((self._size - 1) * 2.0 ** (8 * _DIGEST_BYTES) / -self._largest_first[0][0])


def estimate(request: Request, model: Model) -> dict[str, Any]:
    """Say what a job would take on this machine. Nothing is written.

    Args:
        request: The job; its inputs must be files.
        model: What translates.

    Returns:
        Counts, and the seconds and bytes that are expected; the store and its savings are left aside.

    Raises:
        InputError: If an input or the model cannot be used.
    """
    paths = find_inputs(request.inputs)
    if STANDARD in paths:
        raise InputError("--estimate must have files to look at, got standard input; write it to a file first")
    format_ = make_format(request.format, request.columns, "")
    sample, records, dead = DistinctSample(), 0, 0
    started = time.monotonic()
    for record in format_.read(opened(fingerprinted(paths, Path(), io.BytesIO()))):
        records += 1
        dead += bool(record.problem) or len(record.text) > request.max_characters
        for sentence in _sentences(record, request, model):
            sample.add(sentence)
    reading = time.monotonic() - started
    translations, seconds = _timed(model, sample.sentences)
    length = sum(len(each.text.encode()) for each in translations) / max(1, len(translations))
    counted: dict[str, Any] = {
        "records": records,
        "dead": dead,
        "distinct_sentences": sample.distinct,
        "seconds": round(2 * reading + seconds * sample.distinct, 1),
        "sentences_per_second": round(1 / seconds, 1) if seconds else None,
        "memory_bytes": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10) + _WORKING_BYTES,
        "disk_bytes": round(2 * length * records + (_INDEX_BYTES + length) * sample.distinct),
    }
    if model.manner.invariant:
        _, together = _timed(replace(model, manner=model.manner._replace(invariant=False)), sample.sentences)
        counted["seconds_if_not_invariant"] = round(2 * reading + together * sample.distinct, 1)
    return counted


def _timed(model: Model, sentences: Sequence[str]) -> tuple[list[Translation], float]:
    """Translations, and the seconds that one takes."""
    engine = model.load()
    list(engine.translate(sentences[:1]))  # a first call takes longer
    started = time.monotonic()
    translations = list(engine.translate(sentences))
    return translations, (time.monotonic() - started) / max(1, len(translations))


def _sentences(record: Record, request: Request, model: Model) -> tuple[str, ...]:
    if record.problem or len(record.text) > request.max_characters:
        return ()
    return model.segmenter(record.text).sentences
