"""What a model sees of a text, without TensorFlow: the twin of `components/text_graph.py`, with the same rules.

`tests/unit/translation/test_plain_text.py` holds the two together, on every code point and on strange lines.
"""

import functools
import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal, cast

from seq2seq_tfx.components.text_rules import text_rules
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig

_NEWER: Final = re.compile(
    "([\u1abf\u1ac0\ua82c\uab69\U00010eab\U00010eac\U00011930-\U00011943\U00016ff0\U00016ff1\U0001fbf0-\U0001fbf9])"
)
"""Characters of Unicode 13 (Python 3.10) that its forms change or reorder. The library in TensorFlow Text knows
Unicode 12.1: to it they are unknown, so they stay, and nothing moves past them."""
_CODE_POINT: Final = re.compile(r"\\x\{([0-9A-F]+)\}")
_DIGIT: Final = (r"\p{Nd}", r"[\d\U00011f50-\U00011f59\U00016ac0-\U00016ac9\U0001e4f0-\U0001e4f9]")
"""RE2 in TensorFlow knows the digits of Unicode 15."""

Substitutions = Sequence[tuple[re.Pattern[str], str]]


def normalise(text: str, normalisation: NormalisationConfig, language: str) -> str:
    """A text as the exported graph reads it: Unicode-normalised, one line, single spaces, none at the ends.

    Args:
        text: Any text; bytes that are not UTF-8 are U+FFFD in it.
        normalisation: Unicode form and optional rules.
        language: Code of the text's language; only the rule for punctuation looks at it.

    Example:
        >>> normalise(" cafe\\u0301\\t\\u200bnoir ", NormalisationConfig(), "fr")
        'café noir'
    """
    before, after = _substitutions(normalisation, language)
    text = _replaced(text, before)
    if normalisation.unicode != "none":
        form = cast('Literal["NFC", "NFKC"]', normalisation.unicode.upper())
        # Split by a pattern in parentheses: what it found stands at the odd places.
        parts = _NEWER.split(text)
        parts[::2] = [unicodedata.normalize(form, part) for part in parts[::2]]
        text = "".join(parts)
    return _replaced(text, after).strip(" ")


@functools.lru_cache(maxsize=16)
def _substitutions(normalisation: NormalisationConfig, language: str) -> tuple[Substitutions, Substitutions]:
    """The rules before and after the Unicode form, in Python's notation."""
    before, after = (
        [(re.compile(_in_python(pattern)), replacement) for pattern, replacement in rules]
        for rules in text_rules(normalisation, language)
    )
    return before, after


def _in_python(pattern: str) -> str:
    literal = _CODE_POINT.sub(lambda found: f"\\U{int(found[1], 16):08x}", pattern)
    return literal.replace(*_DIGIT)


def _replaced(text: str, substitutions: Substitutions) -> str:
    for pattern, replacement in substitutions:
        text = pattern.sub(replacement, text)
    return text
