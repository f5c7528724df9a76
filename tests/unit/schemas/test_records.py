"""The key of a text."""

import random
import sys

import pytest

from seq2seq_tfx.schemas.records import KEY_BYTES, text_digest, text_key


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A dog.", "a DOG."),
        ("  a\tdog \u00a0here ", "a dog here"),
        ("Straße", "STRASSE"),
        ("cafe\u0301", "café"),
        ("ﬁne", "fine"),
        ("Ｈｕｎｄ", "hund"),
    ],
)
def test_key_is_the_same_when_only_case_spacing_or_form_differ(first: str, second: str) -> None:
    assert text_key(first) == text_key(second)
    assert text_digest(first) == text_digest(second)


@pytest.mark.parametrize(("first", "second"), [("a dog", "a dog."), ("cafe", "café"), ("9", "10"), ("adog", "a dog")])
def test_key_differs_when_letters_accents_digits_or_punctuation_differ(first: str, second: str) -> None:
    assert text_key(first) != text_key(second)


def test_digest_never_changes_when_the_code_does() -> None:
    assert text_digest("A dog").hex() == "2d542c246172ce211bbe11280c9c4824"
    assert len(text_digest("")) == KEY_BYTES


def test_key_of_a_key_is_itself_when_text_is_arbitrary() -> None:
    draw = random.Random(5)
    for _ in range(5000):
        text = "".join(
            chr(draw.choice((draw.randrange(32, 0x250), draw.randrange(sys.maxunicode + 1)))) for _ in range(9)
        )
        assert text_key(text_key(text)) == text_key(text)
