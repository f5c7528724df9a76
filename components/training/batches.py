"""Which pairs make up which batch, epoch after epoch, from the seed alone.

An epoch's order is a permutation drawn from (seed, epoch) over the pairs in `pair_id` order. Windows of that order are
sorted by length and cut into batches of at most `batch_tokens` tokens of the longer side, padding counted; the batches
are then shuffled. So the position (epoch, batch) is all that a resumed run needs to know.

Shapes: B pairs in a batch, S source length, T target length.
"""

import queue
import threading
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias, final

import numpy as np
import numpy.typing as npt

from seq2seq_tfx.components.training.token_store import TokenStore
from seq2seq_tfx.schemas.features import PAD_ID

Ids: TypeAlias = npt.NDArray[np.int32]

_WINDOW_PAIRS = 1 << 15
_BATCHES_AHEAD = 8
_POLL_SECONDS = 0.2


class Position(NamedTuple):
    """The next batch to train on."""

    epoch: int
    batch: int


class Batch(NamedTuple):
    """Padded ids, and where the stream stands after them."""

    source_BS: Ids
    target_BT: Ids
    following: Position


class BatchOrder(NamedTuple):
    """What the order of batches follows from, beside the pairs' lengths."""

    seed: int
    batch_tokens: int


def plan_epoch(lengths_N2: npt.NDArray[np.int32], order: BatchOrder, epoch: int) -> list[npt.NDArray[np.int64]]:
    """The batches of an epoch: for each the numbers of its pairs."""
    generator = np.random.Generator(np.random.Philox(key=[order.seed, epoch]))
    shuffled = generator.permutation(len(lengths_N2))
    batches: list[npt.NDArray[np.int64]] = []
    for start in range(0, len(shuffled), _WINDOW_PAIRS):
        batches += sorted_batches(lengths_N2, shuffled[start : start + _WINDOW_PAIRS], order.batch_tokens)
    return [batches[i] for i in generator.permutation(len(batches))]


def sorted_batches(
    lengths_N2: npt.NDArray[np.int32], pairs: npt.NDArray[np.int64], batch_tokens: int
) -> list[npt.NDArray[np.int64]]:
    """Cut `pairs`, sorted by the longer side, into batches of at most `batch_tokens` tokens (or one pair)."""
    lengths = lengths_N2[pairs]
    by_length = np.lexsort((lengths[:, 1], lengths.max(axis=1)))
    longest = lengths.max(axis=1)[by_length]
    batches, start = [], 0
    for end in range(1, len(pairs) + 1):
        if end == len(pairs) or longest[end] * (end + 1 - start) > batch_tokens:
            batches.append(pairs[by_length[start:end]])
            start = end
    return batches


def padded(store: TokenStore, pairs: npt.NDArray[np.int64]) -> tuple[Ids, Ids]:
    """Ids of the pairs, each side padded to its longest: (B, S) and (B, T)."""
    widths = store.lengths_N2[pairs].max(axis=0)
    source_BS, target_BT = (np.full((len(pairs), width), PAD_ID, np.int32) for width in widths)
    for row, pair in enumerate(pairs):
        source, target = store.pair(pair)
        source_BS[row, : len(source)] = source
        target_BT[row, : len(target)] = target
    return source_BS, target_BT


def stream_batches(store: TokenStore, order: BatchOrder, position: Position) -> Iterator[Batch]:
    """All batches from `position` on, without end.

    Raises:
        ValueError: If the store is empty.
    """
    if not len(store):
        raise ValueError("a stream of batches must have pairs, got an empty store")
    epoch, first = position
    while True:
        batches = plan_epoch(store.lengths_N2, order, epoch)
        for number in range(first, len(batches)):
            following = Position(epoch, number + 1) if number + 1 < len(batches) else Position(epoch + 1, 0)
            yield Batch(*padded(store, batches[number]), following)
        epoch, first = epoch + 1, 0


@final
class BackgroundBatches:
    """Runs a stream of batches in a thread of its own, a few batches ahead.

    Example:
        >>> with BackgroundBatches(iter([])) as batches:
        ...     list(batches)
        []
    """

    def __init__(self, stream: Iterator[Batch]) -> None:
        self._stream = stream
        self._queue: queue.Queue[Batch | BaseException | None] = queue.Queue(_BATCHES_AHEAD)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._fill, name="batches", daemon=True)

    def __enter__(self) -> "BackgroundBatches":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join()

    def __iter__(self) -> Iterator[Batch]:
        while True:
            item = self._queue.get()
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item

    def _fill(self) -> None:
        try:
            for batch in self._stream:
                if not self._put(batch):
                    return
            self._put(None)
        except Exception as error:  # raised again in the thread that reads
            self._put(error)

    def _put(self, item: Batch | BaseException | None) -> bool:
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=_POLL_SECONDS)
                return True
            except queue.Full:
                continue
        return False
