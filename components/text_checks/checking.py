"""The checks of one translation, together: the door of this folder.

What each finds and misses on injected faults is measured by `benchmarks/text_checks.py` and stands in
`docs/text-checks.md`.
"""

from collections.abc import Callable
from typing import final

from seq2seq_tfx.components.corpus.rules.identifier import Confidence, language_confidences
from seq2seq_tfx.components.text_checks.copies import is_copy
from seq2seq_tfx.components.text_checks.foreign import foreign_script_finder
from seq2seq_tfx.components.text_checks.loops import is_loop
from seq2seq_tfx.components.text_checks.markup import lost_markup, markup_of
from seq2seq_tfx.components.text_checks.numbers import has_number, lost_numbers
from seq2seq_tfx.schemas.config.identification import identified_language
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.config.text_checks import TEXT_CHECKS, TextCheck, TextCheckThresholds


class TextCheckSettings(Section):
    """Which checks, and between which languages."""

    checks: tuple[TextCheck, ...] = TEXT_CHECKS
    """What is looked for."""
    source: str
    """Language of the sources, BCP 47."""
    target: str
    """Language of the translations."""
    other_languages: tuple[str, ...] = ()
    """Languages, besides the two, that a translation may wrongly be in."""
    thresholds: TextCheckThresholds = TextCheckThresholds()
    """From where on a check finds something."""


@final
class TextChecker:
    """Looks for what is wrong with translations; the same text always gets the same answer.

    Args:
        settings: Which checks, and between which languages.

    Attributes:
        checks: Those that can be made here, in the order of `TEXT_CHECKS`. A check of the language needs lingua and
            languages that it knows; one of the script needs a language whose scripts are known.

    Example:
        >>> checker = TextChecker(TextCheckSettings(source="en", target="de"))
        >>> checker.failures("It costs 350 euros.", "Es kostet 530 Euro.")
        ('lost_number',)
    """

    def __init__(self, settings: TextCheckSettings) -> None:
        self._settings = settings
        self._is_foreign = foreign_script_finder(settings.target) if "wrong_script" in settings.checks else None
        self._confidence = _target_confidence(settings) if "wrong_language" in settings.checks else None
        limits = settings.thresholds
        possible: dict[TextCheck, Callable[[str, str], bool]] = {
            "empty": self._is_empty,
            "copied_source": lambda source, text: is_copy(source, text, settings.source, limits.copied_share),
            "loop": lambda source, text: is_loop(source, text, limits.word_repeats, limits.phrase_repeats),
            "lost_number": lambda source, text: bool(lost_numbers(source, text, settings.target)),
            "lost_markup": lambda source, text: bool(lost_markup(source, text)),
        }
        if self._is_foreign is not None:
            possible["wrong_script"] = self._is_foreign
        if self._confidence is not None:
            possible["wrong_language"] = self._is_in_another_language
        self._finders = possible
        self.checks: tuple[TextCheck, ...] = tuple(
            check for check in TEXT_CHECKS if check in settings.checks and (check in possible or check == "truncated")
        )

    def failures(self, source: str, translation: str, truncated: bool = False) -> tuple[TextCheck, ...]:
        """What is wrong with a translation; nothing if it is empty and so is its source.

        Args:
            source: What was translated.
            translation: Its translation.
            truncated: Whether the decoder stopped at its length limit.
        """
        if self._is_empty(source, translation):
            return ("empty",) if "empty" in self.checks else ()
        found = (
            check
            for check in self.checks
            if (truncated if check == "truncated" else self._finders[check](source, translation))
        )
        return tuple(found)

    def _is_empty(self, source: str, translation: str) -> bool:
        return not translation.strip() and any(map(str.isalnum, source))

    def _is_in_another_language(self, source: str, translation: str) -> bool:
        limits = self._settings.thresholds
        if self._confidence is None or sum(map(str.isalpha, translation)) < limits.language_letters:
            return False
        return self._confidence(translation) < limits.language_confidence


def can_fail(check: TextCheck, source: str) -> bool:
    """Whether a translation of this source can fail a check at all: what has no number cannot lose one."""
    if check == "lost_number":
        return has_number(source)
    return bool(markup_of(source)) if check == "lost_markup" else True


def _target_confidence(settings: TextCheckSettings) -> Confidence | None:
    known = identified_language(settings.target), identified_language(settings.source)
    if None in known or known[0] == known[1]:
        return None
    others = [code for code in settings.other_languages if identified_language(code) is not None]
    try:
        return language_confidences((settings.target, settings.source, *others))[0]
    except ImportError:
        return None
