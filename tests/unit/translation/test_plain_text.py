"""The normalisation without TensorFlow is that of the graph."""

import pytest
import tensorflow as tf
from fuzzed_lines import fuzzed_lines

from seq2seq_tfx.components.text_graph import normalise as normalise_in_graph
from seq2seq_tfx.components.translation.plain_text import normalise
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig

FORMS = [NormalisationConfig(unicode="nfc"), NormalisationConfig(unicode="nfkc")]
MARKS_BEFORE, MARKS_AFTER = "a\u0327", "\u0301\u05b0\u0327b"
"""Marks of several classes: a character that reorders or composes shows between them."""


def different(texts: list[str], normalisation: NormalisationConfig) -> list[str]:
    """Texts that the two do not agree on."""
    graph = normalise_in_graph(tf.constant([text.encode() for text in texts]), normalisation).numpy()
    return [text for text, other in zip(texts, graph, strict=True) if normalise(text, normalisation).encode() != other]


@pytest.mark.parametrize("normalisation", FORMS)
def test_every_code_point_is_read_as_in_the_graph(normalisation: NormalisationConfig) -> None:
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    assert different(characters, normalisation) == []
    assert different([f"{MARKS_BEFORE}{each}{MARKS_AFTER}" for each in characters], normalisation) == []


@pytest.mark.parametrize("normalisation", FORMS)
def test_strange_lines_are_read_as_in_the_graph(normalisation: NormalisationConfig) -> None:
    assert different(list(fuzzed_lines(10_000)), normalisation) == []


@pytest.mark.parametrize("normalisation", FORMS)
def test_characters_that_compose_since_unicode_13_stay_as_in_the_graph(normalisation: NormalisationConfig) -> None:
    assert different(["\U00011935\U00011930", "\U00011938\u0301"], normalisation) == []
