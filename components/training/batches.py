"""Which pairs make up which batch, epoch after epoch, from the seed alone.

An epoch's order is a permutation drawn from (seed, epoch) over its pairs (`mixture.py`: which, and how often), taken in
`pair_id` order. Windows of that order are sorted by length and cut into batches of at most `batch_tokens` tokens of the
longer side, padding counted; the batches are then shuffled. So the position (epoch, batch) is all that a resumed run
needs to know.

Shapes: N pairs in all, B pairs in a batch, S source length, T target length. A visit is an int64: pair + N * (how often
the pair was seen before).
"""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol, TypeAlias, final

import numpy as np
import numpy.typing as npt

from seq2seq_tfx.components.training.mixture import Visits, every_pair
from seq2seq_tfx.schemas.features import PAD_ID

Ids: TypeAlias = npt.NDArray[np.int32]
Resplit: TypeAlias = Callable[[int, tuple[Ids, Ids]], tuple[Ids, Ids]]
"""Other ids of source and target for a visit (subword sampling)."""

_WINDOW_PAIRS = 1 << 15
_BATCHES_AHEAD = 8
_POLL_SECONDS = 0.2


class Store(Protocol):
    """Where pairs of ids come from, by number."""

    lengths_N2: Ids
    """Tokens of both parts of each pair."""

    def __len__(self) -> int: ...

    def pair(self, i: int) -> tuple[Ids, Ids]:
        """Both parts of pair i."""
        ...


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


class Feed(NamedTuple):
    """What a stream of batches is made from."""

    store: Store
    order: BatchOrder
    visits: Callable[[int], Visits] | None = None
    """The visits of an epoch; by default each pair once."""
    resplit: Resplit | None = None


def plan_epoch(lengths_N2: Ids, order: BatchOrder, epoch: int, visits: Visits | None = None) -> list[Visits]:
    """The batches of an epoch, as visits; by default each pair is visited once."""
    generator = np.random.Generator(np.random.Philox(key=[order.seed, epoch]))
    if visits is None:
        visits = every_pair(len(lengths_N2), epoch)
    shuffled = visits[generator.permutation(len(visits))]
    batches: list[Visits] = []
    for start in range(0, len(shuffled), _WINDOW_PAIRS):
        batches += sorted_batches(lengths_N2, shuffled[start : start + _WINDOW_PAIRS], order.batch_tokens)
    return [batches[i] for i in generator.permutation(len(batches))]


def sorted_batches(lengths_N2: Ids, visits: Visits, batch_tokens: int) -> list[Visits]:
    """Cut visits, sorted by the longer side, into batches of at most `batch_tokens` tokens (or one pair)."""
    lengths = lengths_N2[visits % len(lengths_N2)]
    by_length = np.lexsort((lengths[:, 1], lengths.max(axis=1)))
    longest = lengths.max(axis=1)[by_length]
    batches, start = [], 0
    for end in range(1, len(visits) + 1):
        if end == len(visits) or longest[end] * (end + 1 - start) > batch_tokens:
            batches.append(visits[by_length[start:end]])
            start = end
    return batches


def padded(store: Store, visits: Visits, resplit: Resplit | None = None) -> tuple[Ids, Ids]:
    """Ids of the pairs visited, each side padded to its longest: (B, S) and (B, T)."""
    pairs = [store.pair(pair) for pair in visits % len(store)]
    if resplit is not None:
        pairs = [resplit(visit, pair) for visit, pair in zip(visits.tolist(), pairs, strict=True)]
    source_BS, target_BT = (
        np.full((len(pairs), max(len(pair[side]) for pair in pairs)), PAD_ID, np.int32) for side in (0, 1)
    )
    for row, (source, target) in enumerate(pairs):
        source_BS[row, : len(source)] = source
        target_BT[row, : len(target)] = target
    return source_BS, target_BT


def stream_batches(feed: Feed, position: Position) -> Iterator[Batch]:
    """All batches from `position` on, without end.

    Raises:
        ValueError: If the store is empty.
    """
    store, order, visits, resplit = feed
    if not len(store):
        raise ValueError("a stream of batches must have pairs, got an empty store")
    epoch, first = position
    while True:
        batches = plan_epoch(store.lengths_N2, order, epoch, visits(epoch) if visits else None)
        for number in range(first, len(batches)):
            following = Position(epoch, number + 1) if number + 1 < len(batches) else Position(epoch + 1, 0)
            yield Batch(*padded(store, batches[number], resplit), following)
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
