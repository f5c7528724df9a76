"""The rules in the order in which they are tried, cheap ones first. Each is named like its setting.

A new rule is a scoring function in a module of its kind, a setting in `schemas/config/cleaning.py`, and a line here.
"""

from typing import Final

from seq2seq_tfx.components.corpus.rules.characters import UNPRINTABLE, prepare_script_share
from seq2seq_tfx.components.corpus.rules.language_identification import prepare_language_confidence
from seq2seq_tfx.components.corpus.rules.lengths import (
    CHARACTER_RATIO,
    EMPTY,
    MAX_CHARACTERS,
    MAX_WORDS,
    MEAN_WORD_LENGTH,
    MIN_CHARACTERS,
    MIN_WORDS,
    WORD_LENGTH,
    prepare_word_ratio,
)
from seq2seq_tfx.components.corpus.rules.marks import NUMERALS, PUNCTUATION
from seq2seq_tfx.components.corpus.rules.patterns import prepare_allowed, prepare_denied
from seq2seq_tfx.components.corpus.rules.repetition import prepare_repetitions
from seq2seq_tfx.components.corpus.rules.rule import Check, Prepare
from seq2seq_tfx.components.corpus.rules.sides import IDENTICAL, SIMILARITY
from seq2seq_tfx.components.corpus.rules.web_text import ADDRESSES, MARKUP

RULES: Final[dict[str, Check | Prepare]] = {
    "empty": EMPTY,
    "min_characters": MIN_CHARACTERS,
    "max_characters": MAX_CHARACTERS,
    "min_words": MIN_WORDS,
    "max_words": MAX_WORDS,
    "max_character_ratio": CHARACTER_RATIO,
    "max_word_ratio": prepare_word_ratio,
    "identical": IDENTICAL,
    "max_word_length": WORD_LENGTH,
    "max_mean_word_length": MEAN_WORD_LENGTH,
    "max_unprintable_share": UNPRINTABLE,
    "markup": MARKUP,
    "max_address_share": ADDRESSES,
    "min_script_share": prepare_script_share,
    "max_punctuation_penalty": PUNCTUATION,
    "min_numeral_similarity": NUMERALS,
    "max_repetitions": prepare_repetitions,
    "max_similarity": SIMILARITY,
    "deny_patterns": prepare_denied,
    "allow_patterns": prepare_allowed,
    "min_language_confidence": prepare_language_confidence,
}

RULES_OF_PAIRS: Final = (
    "max_character_ratio",
    "max_word_ratio",
    "identical",
    "max_punctuation_penalty",
    "min_numeral_similarity",
    "max_similarity",
)
"""Those that hold the sides against each other: a sentence of a monolingual corpus cannot break them."""
