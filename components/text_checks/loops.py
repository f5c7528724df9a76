"""Translations that say the same again and again, where the source does not: what a decoder caught in a loop writes."""

import re
from typing import Final

_WORD: Final = re.compile(r"\w+")
_SYLLABLES: Final = re.compile(r"(\w{1,20}?)\1{5,}")
_LONG_WORD: Final = 12
_MOST_WORDS: Final = 2_000
"""Of longer texts only the end is looked at: loops do not stop."""


def is_loop(source: str, translation: str, word_repeats: int = 4, phrase_repeats: int = 3) -> bool:
    """Whether a translation repeats itself and its source does not.

    A word must stand `word_repeats` times in a row, a phrase of two or more words `phrase_repeats` times, and a part of
    a word six times (with a letter in it; a single letter eight times).

    Example:
        >>> is_loop("He is here.", "Er ist ist ist ist hier."), is_loop("No, no, no, no!", "Nein, nein, nein, nein!")
        (True, False)
    """
    times = word_repeats, phrase_repeats
    return _repeats(translation, times) and not _repeats(source, times)


def _repeats(text: str, times: tuple[int, int]) -> bool:
    words = _WORD.findall(text.casefold())[-_MOST_WORDS:]
    if any(len(word) >= _LONG_WORD and _stammers(word) for word in words):
        return True
    # By default the shortest loop is four words of which three are said again, the next one six of which four are.
    fewest = min(times[0] - 1, 2 * (times[1] - 1))
    return len(words) > fewest and len(set(words)) <= len(words) - fewest and _has_run(words, times)


def _has_run(words: list[str], times: tuple[int, int]) -> bool:
    """Whether some phrase stands often enough in a row: with period p, its words equal those p later all along."""
    for period in range(1, len(words) // min(times) + 1):
        wanted = period * ((times[0] if period == 1 else times[1]) - 1)
        run = 0
        for one, other in zip(words, words[period:], strict=False):
            run = run + 1 if one == other else 0
            if run == wanted:
                return True
    return False


def _stammers(word: str) -> bool:
    """Also how a loop looks in a language without spaces."""
    match = _SYLLABLES.search(word)
    if match is None or not any(map(str.isalpha, match[1])):
        return False
    return len(match[1]) > 1 or len(match[0]) >= 8
