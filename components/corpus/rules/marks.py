"""What a translation should keep: digits, and the ends of sentences."""

import difflib
import re
from typing import Final

import numpy as np

from seq2seq_tfx.components.corpus.rules.batch import Batch, Column, Counts, Flags, character_table
from seq2seq_tfx.components.corpus.rules.rule import Check

_DIGIT: Final = re.compile(r"\d")
_ENDS: Final = ".?!…。｡．？！؟۔।॥։።፧"
_END: Final = re.compile(f"[{_ENDS}]")


def numeral_similarity(source: str, target: str) -> float:
    """How alike the sides' digits are, zeros left out, as two rows of digits (Ratcliff and Obershelp's ratio, 0 to 1).

    Zeros are left out, because thousands are written in many ways. Digits of all scripts count by their value.

    Example:
        >>> numeral_similarity("12 dogs", "3 perros"), numeral_similarity("a dog", "un perro")
        (0.0, 1.0)
    """
    ours, theirs = _digits(source), _digits(target)
    return 1.0 if ours == theirs else difflib.SequenceMatcher(None, ours, theirs).ratio()


def _digits(text: str) -> list[int]:
    return [value for value in map(int, _DIGIT.findall(text)) if value]


def punctuation_penalty(source: str, target: str) -> int:
    """By how much the numbers of sentence ends differ, and each beyond the first of a side.

    Example:
        >>> punctuation_penalty("No.", "No... No!")
        6
    """
    ours, theirs = len(_END.findall(source)), len(_END.findall(target))
    return abs(ours - theirs) + max(0, ours - 1) + max(0, theirs - 1)


def _numeral_suspects(batch: Batch, limit: float) -> Flags:
    table = character_table(r"\p{Nd}")
    return batch.either(lambda column: column.has(table[column.codes]))


def _penalty_suspects(batch: Batch, limit: float) -> Flags:
    ours, theirs = _ends(batch.source), _ends(batch.target)
    return np.abs(ours - theirs) + np.maximum(0, ours - 1) + np.maximum(0, theirs - 1) > limit


def _ends(column: Column) -> Counts:
    return column.count(character_table(_ENDS)[column.codes])


NUMERALS: Final = Check(numeral_similarity, _numeral_suspects)
PUNCTUATION: Final = Check(punctuation_penalty, _penalty_suspects)
