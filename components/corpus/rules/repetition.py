"""Text that says the same again and again.

A text is broken by `(X)(spaces X)(spaces X)...`, X of 3 to 101 characters that starts with no white space.
"""

import re
from typing import Final

import numpy as np

from seq2seq_tfx.components.corpus.rules.batch import Column, Flags
from seq2seq_tfx.components.corpus.rules.rule import Check
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.languages import Languages

EXAMINED_CHARACTERS: Final = 10_000
"""Of longer texts only the beginning is looked at."""
_SHORTEST, _LONGEST = 3, 101
_SPACE: Final = ord(" ")


def repetitions(text: str, at_least: int) -> int:
    """How often a text is repeated right after itself, spaces between the copies allowed.

    Args:
        text: A side.
        at_least: Fewer repetitions count as none.

    Returns:
        Of the first text that is repeated so often; 0 without one.

    Example:
        >>> repetitions("very very very very good", at_least=2), repetitions("very very good", at_least=2)
        (3, 0)
    """
    match = _repeated(at_least).search(text, 0, EXAMINED_CHARACTERS)
    return match[0].count(match[1]) - 1 if match else 0


def _repeated(at_least: int) -> "re.Pattern[str]":
    # `re` keeps what it has compiled.
    return re.compile(rf"(\S.{{{_SHORTEST - 1},{_LONGEST - 1}}}?)(?: *\1){{{at_least},}}")


def prepare_repetitions(config: CleaningConfig, languages: Languages) -> Check:
    """Looks for what the setting does not allow, one repetition more."""
    at_least = (config.max_repetitions or 0) + 1

    def score(source: str, target: str) -> tuple[float, float]:
        return repetitions(source, at_least), repetitions(target, at_least)

    return Check(score, lambda batch, limit: batch.either(_stutters))


def _stutters(column: Column) -> Flags:
    """The rows in which some text may stand three times in a row.

    Without its spaces such a row has a stretch of 2 p characters, each equal to the one p later (p: the text's length
    without spaces). Of every such stretch two neighbouring multiples of p are part, and all between them: so looking at
    every p-th character finds it.
    """
    kept = np.flatnonzero(column.codes != _SPACE)
    codes, rows = column.codes[kept], column.rows[kept]
    found = np.zeros(len(column.texts), np.bool_)
    double_space = (column.codes[1:] == _SPACE) & (column.codes[:-1] == _SPACE)
    for period in range(1 if double_space.any() else 2, _LONGEST + 1):
        steps = codes[::period]
        same = steps[:-1] == steps[1:]
        places = np.flatnonzero(same[:-1] & same[1:]) * period
        for offset in {period // 4, period // 2, 3 * period // 4, period - 1}:
            places = places[codes[places + offset] == codes[places + offset + period]]
        places = places[rows[places] == rows[places + 2 * period]]
        found[rows[places]] = True
    return found
