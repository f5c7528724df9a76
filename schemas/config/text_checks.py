"""What can be wrong with one translation: names, and from where on; `components/text_checks` looks for it."""

from typing import Annotated, Final, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section

TextCheck = Literal[
    "empty",
    "copied_source",
    "loop",
    "wrong_script",
    "wrong_language",
    "lost_number",
    "lost_markup",
    "truncated",
]

TEXT_CHECKS: Final[tuple[TextCheck, ...]] = (
    "empty",
    "copied_source",
    "loop",
    "wrong_script",
    "wrong_language",
    "lost_number",
    "lost_markup",
    "truncated",
)
"""All of them, in the order they are reported."""


class TextCheckThresholds(Section):
    """From where on a check finds something."""

    copied_share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.8
    """copied_source: the least share of the source's words that stand in the translation, names apart."""
    word_repeats: Annotated[int, Field(ge=2, le=100)] = 4
    """loop: how often a word must stand in a row."""
    phrase_repeats: Annotated[int, Field(ge=2, le=100)] = 3
    """loop: how often a phrase of two or more words must."""
    language_letters: Annotated[int, Field(ge=1, le=10_000)] = 15
    """wrong_language: a translation with fewer letters is not judged."""
    language_confidence: Annotated[float, Field(ge=0.0, le=1.0)] = 0.3
    """wrong_language: how sure lingua must at least be of the target language."""
