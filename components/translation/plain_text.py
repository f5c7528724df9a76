"""What a model sees of a text, without TensorFlow: the twin of `components/text_graph.py`.

`tests/unit/translation/test_plain_text.py` holds the two together, on every code point and on 10,000 strange lines.
"""

import re
import unicodedata
from typing import Final, Literal, cast

from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig

_INVISIBLE: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\ufeff]")
_WHITE_SPACE: Final = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_NEWER: Final = re.compile(
    "([\u1abf\u1ac0\ua82c\uab69\U00010eab\U00010eac\U00011930-\U00011943\U00016ff0\U00016ff1\U0001fbf0-\U0001fbf9])"
)
"""Characters of Unicode 13 (Python 3.10) that its forms change or reorder. The library in TensorFlow Text knows
Unicode 12.1: to it they are unknown, so they stay, and nothing moves past them."""


def normalise(text: str, normalisation: NormalisationConfig) -> str:
    """A text as the exported graph reads it: Unicode-normalised, one line, single spaces, none at the ends.

    Args:
        text: Any text; bytes that are not UTF-8 are U+FFFD in it.
        normalisation: Unicode form.

    Example:
        >>> normalise(" cafe\\u0301\\t\\u200bnoir ", NormalisationConfig())
        'café noir'
    """
    form = cast('Literal["NFC", "NFKC"]', normalisation.unicode.upper())
    # Split by a pattern in parentheses: what it found stands at the odd places.
    parts = _NEWER.split(_INVISIBLE.sub("", text))
    parts[::2] = [unicodedata.normalize(form, part) for part in parts[::2]]
    return _WHITE_SPACE.sub(" ", "".join(parts)).strip(" ")
