"""Numbers that describe texts, for statistics: lengths, and shares of digits and of Latin letters."""

import functools
import unicodedata
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_LETTER, _LATIN, _DIGIT = 1, 2, 4
_CODE_POINTS: Final = 0x110000
_LAST_LETTER: Final = 0x323AF


class TextMeasures(NamedTuple):
    """What was counted in each of many texts."""

    characters: NDArray[np.int64]
    digits: NDArray[np.int64]
    """Decimal digits of any script."""
    letters: NDArray[np.int64]
    latin: NDArray[np.int64]
    """Letters of the Latin script."""

    @property
    def latin_share(self) -> NDArray[Any]:
        """Share of Latin letters among the letters; 0 without letters."""
        return self.latin / np.maximum(self.letters, 1)


def measure(texts: Sequence[str]) -> TextMeasures:
    """Count in many texts at once.

    Example:
        >>> [each.tolist() for each in measure(["ab 1", "\\u0434a"])]
        [[4, 2], [1, 0], [2, 2], [2, 1]]
    """
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    code_points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4")
    kinds = _kinds()[code_points]
    ends = np.cumsum(lengths)
    counts = []
    for kind in (_DIGIT, _LETTER, _LATIN):
        running = np.concatenate([[0], np.cumsum(kinds & kind != 0)])
        counts.append(running[ends] - running[ends - lengths])
    return TextMeasures(lengths, *counts)


@functools.cache
def _kinds() -> NDArray[np.uint8]:
    """What each character is."""
    kinds = np.zeros(_CODE_POINTS, dtype=np.uint8)
    for code in range(_LAST_LETTER + 1):
        character = chr(code)
        if character.isalpha():
            latin = unicodedata.name(character, "").startswith(("LATIN", "FULLWIDTH LATIN"))
            kinds[code] = _LETTER | (_LATIN if latin else 0)
        elif character.isdecimal():
            kinds[code] = _DIGIT
    return kinds
