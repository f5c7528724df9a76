"""What is replaced in a text before a model sees it, as patterns: the graph and `translation/plain_text.py` apply them.

They are written in what RE2 and Python's `re` have in common, and in two signs that are RE2's alone: `\\x{A0}` is a
code point, `\\p{Nd}` a digit.
"""

from typing import Final, NamedTuple

from seq2seq_tfx.components.punctuation import Rules, no_break_space_rules, punctuation_rules, quote_rules
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig

_UNSEEN: Final = (
    r"[\x{0}-\x{8}\x{E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}"  # control characters, but for those that are white space
    r"\x{AD}"  # the soft hyphen says where a line may break
    r"\x{200B}\x{2060}-\x{2064}\x{FEFF}"  # zero-width space, word joiner, invisible operators, byte order mark
    r"\x{61C}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2066}-\x{206F}"  # marks of direction are for display
    r"\x{FFF9}-\x{FFFB}]"  # marks of interlinear notes
)
"""Joiners (U+200C, U+200D) stay, because Persian, Indic scripts and emoji spell with them; so do variation selectors
and the tags of flags, which choose between signs, and U+180E, which shapes Mongolian endings."""
_WHITE_SPACE: Final = (
    r"[\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]+"
)


class TextRules(NamedTuple):
    """Patterns and what takes the place of each of their matches, in the order of application."""

    before: Rules
    """Before the Unicode form, because NFKC takes no-break spaces and acute accents apart."""
    after: Rules
    """After the Unicode form, because NFKC makes spaces (of U+00A8, say) and punctuation."""


def text_rules(normalisation: NormalisationConfig, language: str) -> TextRules:
    """The rules for the texts of a language.

    Args:
        normalisation: Which of the optional rules are wanted.
        language: Code of the texts' language; only the rules for punctuation look at it.
    """
    before: Rules = ((_UNSEEN, ""),)
    after: Rules = ((_WHITE_SPACE, " "),)
    if normalisation.quotes:
        before = (*before, *quote_rules())
    if normalisation.punctuation:
        before = (*before, *no_break_space_rules(language))
        after = (*after, *punctuation_rules(language))
    return TextRules(before, after)
