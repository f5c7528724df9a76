"""The keys of eval and test sets, and which training rows share one: exact, in 32 bytes of memory a held-out pair."""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from seq2seq_tfx.components.corpus.columns import Columns
from seq2seq_tfx.components.corpus.examine import KEY_TYPE

Mask: TypeAlias = NDArray[np.bool_]
_NONE = np.empty(0, dtype=KEY_TYPE)


class SideKeys(NamedTuple):
    """Keys of some pairs, sorted, source and target apart: a source is compared with sources only."""

    sources: NDArray[Any] = _NONE
    targets: NDArray[Any] = _NONE

    def found_in(self, columns: Columns, side: str | None = None) -> Mask:
        """Which rows of a candidates file have one of these sources or targets.

        Args:
            columns: Of the file.
            side: Of a monolingual corpus's file: its sentences are compared with those of this side.
        """
        if side is not None:
            return _contains(self.sources if side == "source" else self.targets, columns["source_key"])
        by_target = _contains(self.targets, columns["target_key"])
        return _contains(self.sources, columns["source_key"]) | _any_of_row(by_target, columns["target_counts"])

    @staticmethod
    def union(parts: Iterable["SideKeys"]) -> "SideKeys":
        """The keys of all parts."""
        listed = [SideKeys(), *parts]
        return SideKeys(
            np.unique(np.concatenate([each.sources for each in listed])),
            np.unique(np.concatenate([each.targets for each in listed])),
        )


def keys_of_rows(columns: Columns, rows: Mask) -> SideKeys:
    """The keys of the chosen rows of a candidates file."""
    return SideKeys(columns["source_key"][rows], columns["target_key"][np.repeat(rows, columns["target_counts"])])


def _contains(keys: NDArray[Any], wanted: NDArray[Any]) -> Mask:
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.bool_)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return keys[places] == wanted


def _any_of_row(found: Mask, counts: NDArray[Any]) -> Mask:
    """Whether any of each row's values is true."""
    rows = np.repeat(np.arange(len(counts)), counts)
    hit = np.zeros(len(counts), dtype=np.bool_)
    hit[rows[found]] = True
    return hit


@final
class HeldOut:
    """What training must not contain.

    Given sets are the user's eval and test corpora; divided ones are what `split: auto` put into eval and test.
    """

    def __init__(self) -> None:
        self._parts: dict[tuple[str, bool], list[SideKeys]] = {}

    def add(self, split: str, divided: bool, keys: SideKeys) -> None:
        """Take in pairs of an eval or test set."""
        self._parts.setdefault((split, divided), []).append(keys)

    def keys(self, *splits: str, divided: bool | None = None) -> SideKeys:
        """The keys of those splits, of given or divided sets; of both by default."""
        return SideKeys.union(
            part
            for (split, was_divided), parts in self._parts.items()
            if split in splits and divided in (None, was_divided)
            for part in parts
        )
