"""What the sides' characters are: letters of the expected scripts, or nothing that can be printed."""

from typing import Final

import numpy as np
import regex

from seq2seq_tfx.components.corpus.rules.batch import Batch, Column, Flags, character_table
from seq2seq_tfx.components.corpus.rules.rule import Check, each_side
from seq2seq_tfx.components.corpus.rules.scripts import scripts_of
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.languages import Languages

_LETTER: Final = r"\p{Alphabetic}"
_NO_LETTER: Final = regex.compile(rf"[^{_LETTER}]+")
# Tabs and line ends are white space; joiners and direction marks (Cf) belong to writing.
_UNPRINTABLE: Final = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\p{Co}\p{Cn}\p{Cs}\uFFFD"
_UNPRINTABLE_RUN: Final = regex.compile(f"[{_UNPRINTABLE}]+")
_REPLACEMENT: Final = "\ufffd"


def unprintable_share(text: str) -> float:
    """Which share of the characters is control, private, unassigned or replacement (U+FFFD) characters; 0 of none.

    Example:
        >>> unprintable_share("a\\x00dog")
        0.2
    """
    if text.isprintable() and _REPLACEMENT not in text:
        return 0.0
    return sum(map(len, _UNPRINTABLE_RUN.findall(text))) / len(text)


def script_share(text: str, no_script: "regex.Pattern[str]") -> float:
    """Which share of the letters belongs to some scripts; 1 of none.

    Letters are characters with Unicode's property Alphabetic. Script extensions count: the long-vowel mark of Japanese,
    whose script is Common, is a letter of Katakana.

    Args:
        text: A side.
        no_script: Matches runs of characters that belong to none of the scripts.
    """
    letters = _NO_LETTER.sub("", text)
    return len(no_script.sub("", letters)) / len(letters) if letters else 1.0


def _unprintable_suspects(batch: Batch, limit: float) -> Flags:
    table = character_table(_UNPRINTABLE)

    def suspicious(column: Column) -> Flags:
        flags = table[column.codes]
        return column.count(flags) > limit * column.lengths if flags.any() else np.zeros(len(column.texts), np.bool_)

    return batch.either(suspicious)


def prepare_script_share(config: CleaningConfig, languages: Languages) -> Check:
    """The scripts are those of the settings, or of the languages; a side whose scripts nobody knows passes."""
    source = _classes(config.source_scripts or scripts_of(languages.source))
    target = _classes(config.target_scripts or scripts_of(languages.target))
    no_source, no_target = _outside(source), _outside(target)

    def score(source_text: str, target_text: str) -> tuple[float, float]:
        return (
            script_share(source_text, no_source) if source else 1.0,
            script_share(target_text, no_target) if target else 1.0,
        )

    return Check(score, lambda batch, limit: _few(batch.source, source, limit) | _few(batch.target, target, limit))


def _classes(scripts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(rf"\p{{Script_Extensions={name}}}" for name in scripts)


def _outside(classes: tuple[str, ...]) -> "regex.Pattern[str]":
    return regex.compile(f"[^{''.join(classes)}]+" if classes else r"(?!)")


def _few(column: Column, classes: tuple[str, ...], limit: float) -> Flags:
    """The rows whose share of the scripts may be below a limit."""
    if not classes:
        return np.zeros(len(column.texts), np.bool_)
    is_letter = character_table(_LETTER)[column.codes]
    letters, inside = column.count(is_letter), column.count(is_letter & character_table(*classes)[column.codes])
    return inside < letters * limit * (1 + 1e-9)


UNPRINTABLE: Final = Check(each_side(unprintable_share), _unprintable_suspects)
