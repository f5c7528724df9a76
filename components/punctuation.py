"""Quotation marks and punctuation in plain form, as patterns (`text_rules.py` says in which language).

`punctuation_rules`, with `no_break_space_rules` before them, give what Moses' normalize-punctuation gives when it is
repeated until nothing changes, in one go. What differs on purpose:

- Quotation marks side by side, and quotation marks with stops between them (`",",`), stay where they are: Moses moves
  them about anew each time.
- A dash, an ellipsis or a foreign quotation mark counts for all rules, whatever their order in Moses' script.
"""

from collections.abc import Sequence
from typing import Final

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


def quote_rules() -> Rules:
    """Curly quotation marks, guillemets and their kin as `"` and `'`, without the no-break spaces inside guillemets."""
    return _QUOTES


def no_break_space_rules(language: str) -> Rules:
    """What Moses does at no-break spaces; to be applied while they can still be told from others.

    Args:
        language: Code of the texts' language: numbers are grouped by comma or by full stop.
    """
    mark = "," if _base(language) in _DECIMAL_COMMA else "."
    return (*_NO_BREAK_SPACES, (r"(\p{Nd})\x{A0}(\p{Nd})", rf"\1{mark}\2"))


def punctuation_rules(language: str) -> Rules:
    """Quotation marks, dashes, ellipses and the spaces around brackets in Moses' form.

    They are for texts with single spaces, Unicode-normalised, and may leave a space at either end.

    Args:
        language: Code of the texts' language: it says on which side of a quotation mark a stop stands.
    """
    stops: Rules = ()
    if _base(language) in _WRITTEN_BEFORE_QUOTES:
        stops = _STOPS_BEFORE_QUOTES
    elif _base(language) in _WRITTEN_AFTER_QUOTES:
        stops = _STOPS_AFTER_QUOTES
    return (*_CHARACTERS, *stops, *_SPACES)


def _base(language: str) -> str:
    """`pt` of `pt-BR` or `pt_BR`."""
    return language.replace("_", "-").partition("-")[0].lower()
