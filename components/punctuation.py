"""Quotation marks and punctuation in plain form, as TensorFlow operations (RE2).

`plain_punctuation`, with `close_no_break_spaces` before it, gives what Moses' normalize-punctuation gives when it is
repeated until nothing changes, in one go. What differs on purpose:

- Quotation marks side by side, and quotation marks with stops between them (`",",`), stay where they are: Moses moves
  them about anew each time.
- A dash, an ellipsis or a foreign quotation mark counts for all rules, whatever their order in Moses' script.

N strings.
"""

from collections.abc import Sequence
from typing import Final

import tensorflow as tf

Rules = Sequence[tuple[str, str]]

_WRITTEN_BEFORE_QUOTES: Final = ("en",)
"""Languages that write stops before a closing quotation mark, for Moses."""
_WRITTEN_AFTER_QUOTES: Final = ("de", "es", "fr")
_DECIMAL_COMMA: Final = ("de", "es", "cz", "cs", "fr")

_QUOTES: Final = (
    (r"[«‹][\x{A0}\x{202F}]", "«"),
    (r"[\x{A0}\x{202F}][»›]", "»"),
    (r"[“”„‟«»❝❞〝〞〟＂]", '"'),
    (r"[‘’‚‛‹›❛❜]", "'"),
)
_NO_BREAK_SPACES: Final = (
    (r"\x{B4}", "’"),
    (r"\x{A0}«\x{A0}|«\x{A0}?|\x{A0}»\x{A0}|\x{A0}?»", '"'),
    (r"\x{A0}([%:?!;])", r"\1"),
)
_CHARACTERS: Final = (
    ("`", "'"),
    ("''", ' " '),
    ("[„“”«»]", '"'),
    ("–", "-"),
    ("—", " - "),
    (r"[\x{B4}‘‚’]", "'"),
    ("''", '"'),
    ("…", "..."),
    (" +", " "),
)
# A match takes in the characters at both its ends, so that a neighbour that shares one is found the second time only.
_STOPS_BEFORE_QUOTES: Final = ((r'(^|[^"])"([,.]+)([^",.]|$)', r'\1\2"\3'),) * 2
_STOPS_AFTER_QUOTES: Final = (
    (r'(^|[^",.])([,.]*,)"([^"]|$)', r'\1"\2\3'),
    (r'(^|[^",.])([,.]*,)"([^"]|$)', r'\1"\2\3'),
    # A full stop before the quotation mark that ends a text stays.
    (r'(^|[^",.])([,.]*\.)"([^"<])', r'\1"\2\3'),
    (r'(^|[^",.])([,.]*\.)"([^"<])', r'\1"\2\3'),
)
_SPACES: Final = (
    (r"\(", " ("),
    (r"\)", ") "),
    (" +", " "),
    (r"\) ([.!:?;,])", r")\1"),
    (r"\( ", "("),
    (r" \)", ")"),
    (r"(\p{Nd}) %", r"\1%"),
    (" :", ":"),
    (" ;", ";"),
)


def plain_quotes(texts_N: tf.Tensor) -> tf.Tensor:
    """Curly quotation marks, guillemets and their kin as `"` and `'`, without the no-break spaces inside guillemets."""
    return _replaced(texts_N, _QUOTES)


def close_no_break_spaces(texts_N: tf.Tensor, language: str) -> tf.Tensor:
    """What Moses does at no-break spaces; to be called while they can still be told from others.

    Args:
        texts_N: Strings, valid UTF-8.
        language: Code of the texts' language: numbers are grouped by comma or by full stop.
    """
    mark = "," if _base(language) in _DECIMAL_COMMA else "."
    number = (r"(\p{Nd})\x{A0}(\p{Nd})", rf"\1{mark}\2")
    return _replaced(texts_N, (*_NO_BREAK_SPACES, number))


def plain_punctuation(texts_N: tf.Tensor, language: str) -> tf.Tensor:
    """Quotation marks, dashes, ellipses and the spaces around brackets in Moses' form.

    Args:
        texts_N: Strings with single spaces, Unicode-normalised.
        language: Code of the texts' language: it says on which side of a quotation mark a stop stands.

    Returns:
        Strings (N,), which may have a space at either end.
    """
    rules: Rules = ()
    if _base(language) in _WRITTEN_BEFORE_QUOTES:
        rules = _STOPS_BEFORE_QUOTES
    elif _base(language) in _WRITTEN_AFTER_QUOTES:
        rules = _STOPS_AFTER_QUOTES
    return _replaced(_replaced(_replaced(texts_N, _CHARACTERS), rules), _SPACES)


def _base(language: str) -> str:
    """`pt` of `pt-BR` or `pt_BR`."""
    return language.replace("_", "-").partition("-")[0].lower()


def _replaced(texts_N: tf.Tensor, rules: Rules) -> tf.Tensor:
    for pattern, replacement in rules:
        texts_N = tf.strings.regex_replace(texts_N, pattern, replacement)
    return texts_N
