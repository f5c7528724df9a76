"""How long the sides are, and their words.

A side in a language that puts no space between words is one long word: word rules pass over it, and where either
side is such, over the ratio of words.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import regex

from seq2seq_tfx.components.corpus.rules.batch import Batch, Column, Counts, Flags, character_table
from seq2seq_tfx.components.corpus.rules.rule import Check, Prepare, Suspects, each_side
from seq2seq_tfx.components.corpus.rules.scripts import SPACELESS_LANGUAGES, primary_language
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.languages import Languages

_WIDE: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}"
_WIDE_RUN: Final = regex.compile(f"[{_WIDE}]+")
_INFINITE: Final = float("inf")


def is_blank(text: str) -> float:
    """1 if a text is empty or white space alone, else 0."""
    return 0.0 if text and not text.isspace() else 1.0


def words(text: str) -> float:
    """How many words a text has: what stands between white space."""
    return len(text.split())


def longest_word(text: str) -> float:
    """Characters of the longest word; 0 without one."""
    return max(map(len, text.split()), default=0)


def mean_word_length(text: str) -> float:
    """Characters a word on average; 0 without one."""
    parts = text.split()
    return len("".join(parts)) / len(parts) if parts else 0.0


def width(text: str) -> int:
    """Characters, those of Chinese, Japanese and Korean twice, because they say more than a letter does.

    Example:
        >>> width("a dog"), width("\\u72ac")
        (5, 2)
    """
    return len(text) if text.isascii() else len(text) + sum(map(len, _WIDE_RUN.findall(text)))


def ratio(one: float, other: float) -> float:
    """The larger by the smaller; 0 if both are 0, infinite if one is.

    Example:
        >>> ratio(2, 6)
        3.0
    """
    small, large = (one, other) if one < other else (other, one)
    if small:
        return large / small
    return _INFINITE if large else 0.0


def character_ratio(source: str, target: str) -> float:
    """How many times as wide the longer side is."""
    return ratio(width(source), width(target))


def word_ratio(source: str, target: str) -> float:
    """How many times as many words the side with more has."""
    return ratio(words(source), words(target))


def _above(measure: Callable[[Column], Counts]) -> Suspects:
    return lambda batch, limit: batch.either(lambda column: measure(column) > limit)


def _below(measure: Callable[[Column], Counts]) -> Suspects:
    return lambda batch, limit: batch.either(lambda column: measure(column) < limit)


def _ratio_above(measure: Callable[[Column], Counts]) -> Suspects:
    def suspects(batch: Batch, limit: float) -> Flags:
        source, target = measure(batch.source), measure(batch.target)
        # A hair below the limit, because the product is rounded and the quotient decides.
        return np.maximum(source, target) > np.minimum(source, target) * (limit * (1 - 1e-9))

    return suspects


def _widths(column: Column) -> Counts:
    if int(column.codes.max()) < 0x1100:
        return column.lengths
    return column.lengths + column.count(character_table(_WIDE)[column.codes])


def _mean_word_lengths(column: Column) -> Counts:
    return column.word_characters / np.maximum(column.word_counts, 1)


def _spaced(side_score: Callable[[str], float], suspects: Suspects, passing: float) -> Prepare:
    """A word rule: a side without spaces between words always passes."""

    def prepare(config: CleaningConfig, languages: Languages) -> Check:
        source, target = (primary_language(code) not in SPACELESS_LANGUAGES for code in sides_of(languages))
        if source and target:
            return Check(each_side(side_score), suspects)
        return Check(
            lambda s, t: (side_score(s) if source else passing, side_score(t) if target else passing), suspects
        )

    return prepare


def sides_of(languages: Languages) -> tuple[str, str]:
    """The codes of source and target."""
    return languages.source, languages.target


def prepare_word_ratio(config: CleaningConfig, languages: Languages) -> Check:
    """Passes every pair where one language puts no space between words."""
    if any(primary_language(code) in SPACELESS_LANGUAGES for code in sides_of(languages)):
        return Check(lambda source, target: 0.0, lambda batch, limit: np.zeros(len(batch.source.texts), np.bool_))
    return Check(word_ratio, _ratio_above(lambda column: column.word_counts))


EMPTY: Final = Check(each_side(is_blank), lambda batch, limit: batch.either(lambda column: column.word_counts == 0))
MIN_CHARACTERS: Final = Check(each_side(len), _below(lambda column: column.lengths))
MAX_CHARACTERS: Final = Check(each_side(len), _above(lambda column: column.lengths))
CHARACTER_RATIO: Final = Check(character_ratio, _ratio_above(_widths))
MIN_WORDS: Final = _spaced(words, _below(lambda column: column.word_counts), _INFINITE)
MAX_WORDS: Final = _spaced(words, _above(lambda column: column.word_counts), 0.0)
WORD_LENGTH: Final = _spaced(longest_word, _above(lambda column: column.longest_words), 0.0)
MEAN_WORD_LENGTH: Final = _spaced(mean_word_length, _above(_mean_word_lengths), 0.0)
