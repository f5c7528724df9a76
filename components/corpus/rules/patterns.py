"""The user's own regular expressions, run by RE2: in linear time, whatever the expression and the text."""

from collections.abc import Callable
from typing import Any

import re2

from seq2seq_tfx.components.corpus.rules.rule import Check
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig, Pattern
from seq2seq_tfx.schemas.config.languages import Languages

_Sides = tuple[tuple[Any, ...], tuple[Any, ...]]


def prepare_denied(config: CleaningConfig, languages: Languages) -> Check:
    """Scores how many of `deny_patterns` are found."""
    return _check(config.deny_patterns, _found)


def prepare_allowed(config: CleaningConfig, languages: Languages) -> Check:
    """Scores how many of `allow_patterns` are not found."""
    return _check(config.allow_patterns, lambda patterns, text: len(patterns) - _found(patterns, text))


def _check(patterns: tuple[Pattern, ...], count: Callable[[tuple[Any, ...], str], int]) -> Check:
    for_source, for_target = _of_side(patterns, "source"), _of_side(patterns, "target")
    return Check(lambda source, target: (count(for_source, source), count(for_target, target)))


def _of_side(patterns: tuple[Pattern, ...], side: str) -> tuple[Any, ...]:
    return tuple(re2.compile(each.pattern) for each in patterns if each.side in (side, "both"))


def _found(patterns: tuple[Any, ...], text: str) -> int:
    return sum(pattern.search(text) is not None for pattern in patterns)
