"""Translations that are the source again."""

import re
from collections import Counter
from typing import Final

from seq2seq_tfx.components.corpus.rules.scripts import SPACELESS_LANGUAGES, primary_language

_WORD: Final = re.compile(r"[^\W\d_]+")
_FEWEST: Final = 3


def is_copy(source: str, translation: str, source_language: str, least_share: float = 0.8) -> bool:
    """Whether nearly all of the source's words (`least_share`) stand in the translation, and little else does.

    Names and numbers may be the same in both languages, so words that start with a capital letter are not looked at
    (in languages without spaces, letters stand for words). With fewer than three words left nothing is said.

    Example:
        >>> is_copy("the dog is in the house", "the dog is in the house", "en")
        True
        >>> is_copy("Anna Smith, London", "Anna Smith, London", "en")
        False
    """
    ours, theirs = _WORD.findall(source), _WORD.findall(translation)
    if primary_language(source_language) in SPACELESS_LANGUAGES:
        ours, theirs = list("".join(ours)), list("".join(theirs))
    wanted = Counter(word.casefold() for word in ours if not word[0].isupper())
    count = sum(wanted.values())
    if count < _FEWEST or not theirs:
        return False
    found = Counter(word.casefold() for word in theirs)
    copied = sum((wanted & found).values())
    return copied >= least_share * count and len(theirs) <= 2 * len(ours)
