"""The normalisation without TensorFlow is that of the graph."""

import itertools

import pytest
import tensorflow as tf
from fuzzed_lines import fuzzed_lines, fuzzed_punctuation

from seq2seq_tfx.components.text_graph import normalise as normalise_in_graph
from seq2seq_tfx.components.translation.plain_text import normalise
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig

FORMS = [NormalisationConfig(unicode="nfc"), NormalisationConfig(unicode="nfkc")]
ALL = [
    NormalisationConfig.model_validate({"unicode": unicode, "quotes": quotes, "punctuation": punctuation})
    for unicode, quotes, punctuation in itertools.product(("nfc", "nfkc", "none"), (False, True), (False, True))
]
PUNCTUATED = [each for each in ALL if each.punctuation and not each.quotes]
CHARACTERS_A_LINE = 256
LANGUAGES = ("en", "de-AT", "cs", "fi")
"""Each in another way: stops before or after quotation marks or as given, numbers with a comma or a full stop."""
MARKS_BEFORE, MARKS_AFTER = "a\u0327", "\u0301\u05b0\u0327b"
"""Marks of several classes: a character that reorders or composes shows between them."""


def different(texts: list[str], normalisation: NormalisationConfig, language: str = "en") -> list[str]:
    """Texts that the two do not agree on."""
    given = tf.constant([text.encode() for text in texts])
    graph = normalise_in_graph(given, normalisation, language).numpy()
    pairs = zip(texts, graph, strict=True)
    return [text for text, other in pairs if normalise(text, normalisation, language).encode() != other]


def every_code_point(before: str = "", after: str = "") -> list[str]:
    """Lines that together hold every character between these two, each apart from the next."""
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    lines = [characters[start : start + CHARACTERS_A_LINE] for start in range(0, len(characters), CHARACTERS_A_LINE)]
    return [" x ".join(f"{before}{each}{after}" for each in line) for line in lines]


@pytest.mark.parametrize("normalisation", ALL, ids=str)
def test_every_code_point_is_read_as_in_the_graph(normalisation: NormalisationConfig) -> None:
    assert different(every_code_point(), normalisation) == []


@pytest.mark.parametrize("normalisation", PUNCTUATED, ids=str)
def test_every_code_point_where_punctuation_is_looked_at_is_read_as_in_the_graph(
    normalisation: NormalisationConfig,
) -> None:
    # As a digit before a no-break space and before a percent sign, and beside a quotation mark.
    assert different(every_code_point("\u00ab", "\u00a03"), normalisation) == []
    assert different(every_code_point('"', " %"), normalisation) == []


@pytest.mark.parametrize("normalisation", FORMS, ids=str)
def test_every_code_point_between_marks_is_read_as_in_the_graph(normalisation: NormalisationConfig) -> None:
    assert different(every_code_point(MARKS_BEFORE, MARKS_AFTER), normalisation) == []


@pytest.mark.parametrize("normalisation", ALL, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_strange_lines_are_read_as_in_the_graph(normalisation: NormalisationConfig, language: str) -> None:
    lines = [*fuzzed_lines(2_000), *fuzzed_punctuation(2_000)]
    assert different(lines, normalisation, language) == []


@pytest.mark.parametrize("normalisation", FORMS, ids=str)
def test_characters_that_compose_since_unicode_13_stay_as_in_the_graph(normalisation: NormalisationConfig) -> None:
    assert different(["\U00011935\U00011930", "\U00011938\u0301"], normalisation) == []
