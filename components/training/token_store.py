"""The transformed examples of a split as one file of tokens on disk, with an index in `pair_id` order.

Examples are read once, in whatever order their files have. Memory: about 40 bytes a pair while the store is made, 16
while it is used; the tokens stay on disk.
"""

import json
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias, final

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from seq2seq_tfx.components.progress import Progress
from seq2seq_tfx.schemas.errors import WorkError
from seq2seq_tfx.schemas.features import PAIR_ID, SOURCE_IDS, TARGET_IDS

logger = logging.getLogger(__name__)

Integers: TypeAlias = npt.NDArray[np.integer]

_STORES, _DISCARDED = "tokens", "tokens.discarded"
_TOKENS, _OFFSETS, _LENGTHS, _SUMMARY = "tokens.npy", "offsets.npy", "lengths.npy", "summary.json"
_READ_AT_ONCE = 1024
_RECORD_BITS = 40


class _Index(NamedTuple):
    """Where the pairs are, in the order of the pair ids' bytes."""

    offsets: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int32]
    corpora: dict[str, int]
    """Pairs of each corpus; the corpora follow one another in this order."""


class Columns(NamedTuple):
    """A batch of parsed examples: values of all rows one after the other, and the length of each row."""

    pair_ids: Sequence[bytes]
    source_values: Integers
    source_lengths: Integers
    target_values: Integers
    target_lengths: Integers


@final
class TokenStore:
    """Token ids of all pairs of a split; pair i is the i-th by `pair_id`."""

    def __init__(self, folder: Path) -> None:
        self.lengths_N2: npt.NDArray[np.int32] = np.load(folder / _LENGTHS)
        """Tokens of source and target of each pair, EOS counted."""
        summary = json.loads((folder / _SUMMARY).read_text())
        self.dropped = int(summary["dropped"])
        """Pairs that were left out because a side was too long."""
        ends = np.cumsum([0, *summary["corpora"].values()]).tolist()
        self.corpora = {name: range(*ends[i : i + 2]) for i, name in enumerate(summary["corpora"])}
        """Which pairs are of which corpus: one range each, since a pair_id begins with its corpus."""
        self._offsets_N: npt.NDArray[np.int64] = np.load(folder / _OFFSETS)
        self._tokens: npt.NDArray[np.int32] = (
            np.memmap(folder / _TOKENS, np.int32, "r") if len(self.lengths_N2) else np.zeros(0, np.int32)
        )

    def __len__(self) -> int:
        return len(self.lengths_N2)

    def pair(self, i: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Source and target ids of pair i."""
        start, (source, target) = self._offsets_N[i], self.lengths_N2[i]
        return self._tokens[start : start + source], self._tokens[start + source : start + source + target]


def token_stores_of(work: Path) -> Path:
    """The folder of a run's stores; what a killed process left of discarded ones is removed.

    Args:
        work: The run's folder, found again by a restart.
    """
    shutil.rmtree(work / _DISCARDED, ignore_errors=True)
    return work / _STORES


def discard_token_stores(work: Path) -> None:
    """Remove a run's stores. They lose their name first: a kill in between leaves no half store that looks whole."""
    (work / _STORES).rename(work / _DISCARDED)
    shutil.rmtree(work / _DISCARDED)


Read: TypeAlias = Callable[[str], Iterator[Columns]]
"""The examples of a gzipped TFRecord file."""


def read_pairs(file: str) -> Iterator[Columns]:
    """Transformed examples."""
    features = {
        PAIR_ID.name: tf.io.FixedLenFeature([], tf.string),
        **{
            spec.name: tf.io.RaggedFeature(tf.int64, f"{spec.name}$ragged_values", row_splits_dtype=tf.int64)
            for spec in (SOURCE_IDS, TARGET_IDS)
        },
    }
    for examples in tf.data.TFRecordDataset(file, compression_type="GZIP").batch(_READ_AT_ONCE):
        parsed = tf.io.parse_example(examples, features)
        source, target = parsed[SOURCE_IDS.name], parsed[TARGET_IDS.name]
        yield Columns(
            pair_ids=list(parsed[PAIR_ID.name].numpy()),
            source_values=source.values.numpy(),
            source_lengths=source.row_lengths().numpy(),
            target_values=target.values.numpy(),
            target_lengths=target.row_lengths().numpy(),
        )


def open_token_store(
    folder: Path, files: Sequence[str], max_length: int, split: str, read: Read = read_pairs
) -> TokenStore:
    """Open the store at `folder`; make it first if it is not there.

    Args:
        folder: Where the store is; appears complete or not at all.
        files: Gzipped TFRecord files, in any order.
        max_length: Pairs with a side of more tokens are left out.
        split: What to call it on the screen.
        read: How to read one of the files.

    Raises:
        WorkError: If two examples have one `pair_id`, or one is not of the form `<corpus>/<number>`.
    """
    if not folder.exists():
        partial = folder.with_name(f"{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        with (partial / _TOKENS).open("wb") as tokens:
            writer = _Writer(tokens, max_length)
            _fill(writer, files, split, read)
        writer.save_index(partial)
        partial.rename(folder)
    store = TokenStore(folder)
    if store.dropped:
        logger.info(
            "%s: %s of %s left out, longer than %s tokens",
            split, f"{store.dropped:,}", f"{store.dropped + len(store):,}", f"{max_length:,}",
        )  # fmt: skip
    return store


@final
class _Writer:
    """Appends pairs to the tokens' file and remembers where each begins and what it sorts by."""

    def __init__(self, tokens: BinaryIO, max_length: int) -> None:
        self._tokens, self._max_length = tokens, max_length
        self._corpora: dict[bytes, int] = {}
        self._corpus: list[Integers] = []
        self._record: list[Integers] = []
        self._lengths: list[Integers] = []
        self.read = self.dropped = 0

    def add(self, columns: Columns) -> None:
        """Append the pairs that are short enough."""
        lengths = np.stack([columns.source_lengths, columns.target_lengths], axis=1).astype(np.int32)
        kept = lengths.max(axis=1, initial=0) <= self._max_length
        sources = np.split(columns.source_values.astype(np.int32), np.cumsum(columns.source_lengths)[:-1])
        targets = np.split(columns.target_values.astype(np.int32), np.cumsum(columns.target_lengths)[:-1])
        rows = np.flatnonzero(kept)
        self._tokens.write(b"".join(sources[i].tobytes() + targets[i].tobytes() for i in rows))
        names = [_parts(columns.pair_ids[i]) for i in rows]
        codes = [self._corpora.setdefault(corpus, len(self._corpora)) for corpus, _ in names]
        self._corpus.append(np.array(codes, np.int32))
        self._record.append(np.array([record for _, record in names], np.int64))
        self._lengths.append(lengths[kept])
        self.read += len(kept)
        self.dropped += int(len(kept) - kept.sum())

    def save_index(self, folder: Path) -> None:
        """Write what the store needs to find its pairs.

        Raises:
            WorkError: If two pairs have one `pair_id`.
        """
        index = self._index()
        np.save(folder / _OFFSETS, index.offsets)
        np.save(folder / _LENGTHS, index.lengths)
        (folder / _SUMMARY).write_text(json.dumps({"dropped": self.dropped, "corpora": index.corpora}))

    def _index(self) -> _Index:
        # `a/` sorts after `a-b/`: compare the names with their slash, as they stand in the ids.
        names = sorted(self._corpora, key=lambda name: name + b"/")
        rank = np.empty(len(names), np.int64)
        rank[[self._corpora[name] for name in names]] = np.arange(len(names))
        corpus = rank[_joined(self._corpus, np.int32)]
        keys = (corpus << _RECORD_BITS) + _joined(self._record, np.int64)
        order = np.argsort(keys, kind="stable")
        repeated = np.flatnonzero(np.diff(keys[order]) == 0)
        if len(repeated):
            raise WorkError(
                f"each example must have its own pair_id, {len(repeated):,} repeat one; re-run the corpus stage"
            )
        lengths = _joined(self._lengths, np.int32).reshape(-1, 2)
        ends = np.cumsum(lengths.sum(axis=1, dtype=np.int64))
        counts = np.bincount(corpus, minlength=len(names)).tolist()
        corpora = {name.decode(): count for name, count in zip(names, counts, strict=True)}
        return _Index(np.concatenate([[0], ends])[:-1][order], lengths[order], corpora)


def _fill(writer: _Writer, files: Sequence[str], split: str, read: Read) -> None:
    progress = Progress(f"reading {split}", total=len(files), unit="files")
    for done, file in enumerate(sorted(files)):
        for columns in read(file):
            writer.add(columns)
            progress.advance_to(done, f"{writer.read:,} read")


def _parts(pair_id: bytes) -> tuple[bytes, int]:
    corpus, _, record = pair_id.rpartition(b"/")
    if not record.isdigit() or int(record) >= 1 << _RECORD_BITS:
        raise WorkError(f"a pair_id must be <corpus>/<record number>, got {pair_id!r}; re-run the corpus stage")
    return corpus, int(record)


def _joined(parts: Sequence[Integers], dtype: npt.DTypeLike) -> Integers:
    return np.concatenate(parts).astype(dtype) if parts else np.zeros(0, dtype)
