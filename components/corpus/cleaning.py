"""Which training pairs are dropped, rule by rule. Eval and test pairs are only counted by the same rules."""

import unicodedata
from collections.abc import Sequence
from typing import Literal

from seq2seq_tfx.schemas.config.corpora import CleaningConfig

Rule = Literal["unreadable", "empty", "max_characters", "duplicates"]
"""Named like the settings of section `cleaning`."""


def normalise_line(text: str) -> str:
    """Unicode NFC: what training pairs are stored in.

    Example:
        >>> normalise_line("cafe\\u0301") == "caf\\u00e9"
        True
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def broken_rule(sides: Sequence[str], config: CleaningConfig) -> Rule | None:
    """The first rule that a pair breaks by itself; None for a clean one.

    Args:
        sides: Source and targets.
        config: Which rules are on.

    Example:
        >>> broken_rule(["a dog", " "], CleaningConfig())
        'empty'
    """
    if config.empty and not all(side and not side.isspace() for side in sides):
        return "empty"
    if any(len(side) > config.max_characters for side in sides):
        return "max_characters"
    return None
