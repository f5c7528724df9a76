"""Training sentences that have most word n-grams of one eval or test sentence: an index of the held-out side only."""

import functools
import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seq2seq_tfx.components.corpus.chunks import Chunk, TextRows, load_rows
from seq2seq_tfx.components.corpus.columns import load_columns, save_columns
from seq2seq_tfx.components.corpus.examine import TRAIN
from seq2seq_tfx.schemas.records import text_key

INDEX_FILE: Final = "held_out_ngrams.npz"
_SIDES: Final = ("source", "target")
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)

# Scripts without spaces between words: each character is one.
_WORDS: Final = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)


class Ngrams(NamedTuple):
    """The word n-grams of many sentences."""

    hashes: NDArray[np.uint64]
    sentences: NDArray[np.int64]
    """The sentence of each, rising."""


def ngrams(texts: Sequence[str], words: int) -> Ngrams:
    """The n-grams of the texts' keys, as 8-byte hashes.

    Args:
        texts: The sentences.
        words: Length of an n-gram; shorter sentences have none.
    """
    found = [_WORDS.findall(text_key(text)) for text in texts]
    hashes = np.fromiter((_word_hash(word) for each in found for word in each), dtype=np.uint64)
    lengths = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
    rows = np.repeat(np.arange(len(found)), lengths)
    windows = max(0, len(hashes) - words + 1)
    rolling = np.zeros(windows, dtype=np.uint64)
    for place in range(words):
        rolling = rolling * _MULTIPLIER + hashes[place : place + windows]
    inside = rows[:windows] == rows[words - 1 :][:windows]
    return Ngrams(rolling[inside], rows[:windows][inside])


def _distinct(*columns: NDArray[Any]) -> tuple[list[NDArray[Any]], NDArray[np.int64]]:
    """The different rows of some columns, sorted by the first, then the next, and how often each is there."""
    order = np.lexsort(columns[::-1])
    ordered = [column[order] for column in columns]
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in ordered])
    starts = np.flatnonzero(fresh)
    return [column[starts] for column in ordered], np.diff(np.append(starts, len(order)))


@functools.lru_cache(maxsize=1 << 16)
def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def save_index(work: Path, texts: dict[str, list[str]], words: int) -> None:
    """Index the held-out sentences.

    Args:
        work: Where `INDEX_FILE` is written.
        texts: Side to its sentences.
        words: Length of an n-gram.
    """
    columns: dict[str, NDArray[Any]] = {}
    for side in _SIDES:
        (hashes, sentences), _ = _distinct(*ngrams(texts[side], words))
        columns[f"{side}_hashes"], columns[f"{side}_sentences"] = hashes, sentences
        columns[f"{side}_sizes"] = np.bincount(sentences, minlength=len(texts[side]))
    save_columns(work / INDEX_FILE, columns)


def mark_near(task: str) -> None:
    """Write which training candidates of a chunk nearly stand in an eval or test set.

    Args:
        task: `Chunk` as JSON.

    Raises:
        OSError: If the disk is full.
    """
    chunk = Chunk.from_json(task)
    config = chunk.settings.splits.decontamination
    rows = load_rows(chunk.candidates_file)
    train = load_columns(chunk.candidates_file, "split")["split"] == TRAIN
    near = np.zeros(len(rows.numbers), dtype=np.bool_)
    index = load_columns(Path(chunk.work) / INDEX_FILE)
    places = np.flatnonzero(train)
    for side, texts in _texts_by_side(chunk.given.side, rows):
        chosen = ngrams([texts[place] for place in places], config.near_words)
        near[places[_near_rows(chosen, index, side, config.near_share)]] = True
    save_columns(chunk.near_file, {"near": near})


def _texts_by_side(side: str | None, rows: TextRows) -> Iterator[tuple[str, list[str]]]:
    """The texts to be compared with each side's held-out ones; those of a monolingual corpus have one side."""
    yield side or _SIDES[0], rows.sources
    if side is None:
        yield _SIDES[1], [each[0] for each in rows.targets]


def _near_rows(chosen: Ngrams, index: dict[str, NDArray[Any]], side: str, share: float) -> NDArray[np.int64]:
    """The sentences that have at least `share` of the n-grams of one indexed sentence."""
    first: NDArray[np.int64] = np.searchsorted(index[f"{side}_hashes"], chosen.hashes, "left")
    counts: NDArray[np.int64] = np.searchsorted(index[f"{side}_hashes"], chosen.hashes, "right") - first
    # Each n-gram with every indexed sentence that has it.
    repeated = np.repeat(np.arange(len(counts)), counts)
    held_out = index[f"{side}_sentences"][
        first[repeated] + np.arange(len(repeated)) - (np.cumsum(counts) - counts)[repeated]
    ]
    (rows, held_out, _), _ = _distinct(chosen.sentences[repeated], held_out, chosen.hashes[repeated])
    (rows, held_out), shared = _distinct(rows, held_out)
    return np.unique(rows[shared >= share * index[f"{side}_sizes"][held_out]])
