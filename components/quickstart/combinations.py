"""What counts as a combination of words or constructions, and which are kept out of training.

Whether a combination is held out depends on nothing but its own text, so no run, seed or order can move it
from the test side to the training side.
"""

import functools
import hashlib
from collections.abc import Iterable

HELD_OUT_PERCENT = {
    "adjective-noun": 12,
    "verb-object": 12,
    "subject-verb": 10,
    "place": 12,
    "clause": 10,
    "number": 15,
}
"""For each sort of combination, how many of a hundred are for the test split alone."""


def combination(sort: str, *parts: str) -> str:
    """The text that names a combination.

    Example:
        >>> combination("adjective-noun", "red", "house")
        'adjective-noun: red + house'
    """
    return f"{sort}: {' + '.join(parts)}"


@functools.cache
def is_held_out(name: str) -> bool:
    """Whether a combination may occur in the test split only."""
    share = HELD_OUT_PERCENT[sort_of(name)]
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % 100 < share


def held_out(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the combinations that are held out."""
    return tuple(name for name in names if is_held_out(name))


def sort_of(name: str) -> str:
    """The sort of a combination, a key of `HELD_OUT_PERCENT`."""
    return name.partition(":")[0]
