"""Words in a script that the target language is not written in."""

from collections.abc import Callable
from typing import Final

import regex

from seq2seq_tfx.components.corpus.rules.scripts import scripts_of

_WORD: Final = regex.compile(r"[\p{L}\p{M}]+")
_FEWEST: Final = 2


def foreign_script_finder(target_language: str) -> Callable[[str, str], bool] | None:
    """A function of source and translation that finds such words; None for a language whose scripts are not known.

    A word that stands in the source too is a name that was kept. A single letter is a sign, as in 5 μm.

    Example:
        >>> found = foreign_script_finder("de")
        >>> found("a dog", "ein собака"), found("the word собака", "das Wort собака")
        (True, False)
    """
    scripts = scripts_of(target_language)
    if not scripts:
        return None
    ours = "".join(rf"\p{{Script={name}}}" for name in (*scripts, "Common", "Inherited"))
    foreign = regex.compile(rf"[\p{{L}}--[{ours}]]", regex.V1)

    def is_foreign(source: str, translation: str) -> bool:
        if not foreign.search(translation):
            return False
        words = [word for word in _WORD.findall(translation) if len(foreign.findall(word)) >= _FEWEST]
        return bool(set(words) - set(_WORD.findall(source))) if words else False

    return is_foreign
