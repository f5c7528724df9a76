"""Names of what can be wrong with one translation; `components/text_checks` looks for it."""

from typing import Final, Literal

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
