"""Texts of many pairs as arrays of characters, so that most rules look at a batch in a few numpy operations.

A rule's verdict always comes from its scoring function; the arrays only tell which pairs need it.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, final

import numpy as np
import numpy.typing as npt
import regex

Flags: TypeAlias = npt.NDArray[np.bool_]
Counts: TypeAlias = npt.NDArray[np.int64]

_CODE_POINTS: Final = 0x110000
_END: Final = "\n"
_LAST_SPACE: Final = 0x3000


@functools.cache
def space_table() -> Flags:
    """For each code point: does `str.split` split there?"""
    table = np.zeros(_CODE_POINTS, np.bool_)
    table[[code for code in range(_LAST_SPACE + 1) if chr(code).isspace()]] = True
    return table


@functools.cache
def character_table(*patterns: str) -> Flags:
    """For each code point: is it a character that one of some patterns matches?

    Args:
        patterns: Each matches single characters, in the syntax of the library `regex`, as in `\\p{Alphabetic}`.
    """
    table = np.zeros(_CODE_POINTS, np.bool_)
    everything = "".join(map(chr, range(_CODE_POINTS)))
    for match in regex.finditer(f"[{''.join(patterns)}]+", everything):
        table[match.start() : match.end()] = True
    return table


@final
class Column:
    """One side of a batch. R rows; C characters of all rows, an end mark (white space) after each row included.

    Args:
        texts: The side's text, row by row.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.lengths: Counts = np.fromiter(map(len, texts), np.int64, len(texts))
        """Characters of each row; shape (R,)."""
        self.ends: Counts = np.cumsum(self.lengths + 1)
        self.starts: Counts = self.ends - self.lengths - 1
        """Where each row starts in `codes`; shape (R,)."""
        joined = _END.join((*texts, ""))
        self.codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        """Code points; shape (C,)."""

    @functools.cached_property
    def rows(self) -> Counts:
        """The row of each character; shape (C,)."""
        return np.repeat(np.arange(len(self.texts)), self.lengths + 1)

    @functools.cached_property
    def spaces(self) -> Flags:
        """Which characters are white space, end marks included; shape (C,)."""
        return space_table()[self.codes]

    @functools.cached_property
    def word_counts(self) -> Counts:
        """What `len(text.split())` is; shape (R,)."""
        starts = ~self.spaces
        starts[1:] &= self.spaces[:-1]
        return self.count(starts)

    @functools.cached_property
    def longest_words(self) -> Counts:
        """Characters of each row's longest word, 0 if it has none; shape (R,)."""
        places = np.flatnonzero(self.spaces)
        runs = np.diff(places, prepend=-1) - 1
        return np.maximum.reduceat(runs, np.searchsorted(places, self.starts))

    @functools.cached_property
    def word_characters(self) -> Counts:
        """Characters of each row that are no white space; shape (R,)."""
        return self.count(~self.spaces)

    def count(self, flags: Flags) -> Counts:
        """How many characters of each row are flagged.

        Args:
            flags: Shape (C,); where an end mark is flagged, it counts.

        Returns:
            Shape (R,).
        """
        return np.add.reduceat(flags, self.starts, dtype=np.int64)

    def has(self, flags: Flags) -> Flags:
        """Which rows have a flagged character; shape (R,)."""
        found = np.zeros(len(self.texts), np.bool_)
        found[np.searchsorted(self.ends, np.flatnonzero(flags), side="right")] = True
        return found


@final
class Batch:
    """Some pairs, at least one.

    Args:
        sources: Source texts.
        targets: Their translations.
    """

    def __init__(self, sources: Sequence[str], targets: Sequence[str]) -> None:
        self.source, self.target = Column(sources), Column(targets)

    def either(self, of_column: Callable[[Column], Flags]) -> Flags:
        """The rows in which one side is flagged; shape (R,)."""
        return of_column(self.source) | of_column(self.target)
