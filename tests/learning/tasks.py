"""Small tasks over digits whose answers are known: copy, reverse, digit sum.

A share of all sources, told by the source alone, is never trained on: what is measured was never seen.
"""

from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from seq2seq_tfx.schemas.features import EOS_ID, PAD_ID, SPECIAL_PIECES

Ids: TypeAlias = npt.NDArray[np.int32]
Name = Literal["copy", "reverse", "digit sum"]

DIGITS: Final = 10
FIRST_DIGIT: Final = len(SPECIAL_PIECES)
VOCABULARY_SIZE: Final = FIRST_DIGIT + DIGITS
_HELD_OUT_IN: Final = 13
"""One source of so many is held out."""


class Pairs(NamedTuple):
    """Sources and their answers, each with EOS, then padding."""

    source_BS: Ids
    target_BT: Ids


class Task(NamedTuple):
    """What is to be learned."""

    name: Name
    shortest: int
    """Digits of a source."""
    longest: int

    def pairs(self, generator: np.random.Generator, count: int, *, held_out: bool) -> Pairs:
        """Random pairs, either of the sources that are held out or of the others."""
        sources: list[tuple[int, ...]] = []
        while len(sources) < count:
            length = int(generator.integers(self.shortest, self.longest + 1))
            digits = tuple(generator.integers(0, DIGITS, size=length).tolist())
            if (_key(digits) % _HELD_OUT_IN == 0) == held_out:
                sources.append(digits)
        return Pairs(_padded(sources), _padded([_answer(self.name, digits) for digits in sources]))


def _key(digits: tuple[int, ...]) -> int:
    return sum((place + 3) * (digit + 1) for place, digit in enumerate(digits))


def _answer(name: Name, digits: tuple[int, ...]) -> tuple[int, ...]:
    if name == "copy":
        return digits
    if name == "reverse":
        return digits[::-1]
    return tuple(divmod(sum(digits), 10))


def _padded(rows: list[tuple[int, ...]]) -> Ids:
    width = max(map(len, rows)) + 1
    ids = np.full((len(rows), width), PAD_ID, np.int32)
    for row, digits in zip(ids, rows, strict=True):
        row[: len(digits)] = np.array(digits, np.int32) + FIRST_DIGIT
        row[len(digits)] = EOS_ID
    return ids
