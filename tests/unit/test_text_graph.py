"""Normalisation and subwords in the graph."""

import unicodedata
from typing import Literal

import pytest
import tensorflow as tf
from fuzzed_lines import fuzzed_lines

from seq2seq_tfx.components.text_graph import encode, make_tokenizer, normalise
from seq2seq_tfx.components.vocabulary.train import train_vocabulary
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.config.vocabulary import VocabularyConfig
from seq2seq_tfx.schemas.features import EOS_ID

NFC, NFKC = NormalisationConfig(unicode="nfc"), NormalisationConfig(unicode="nfkc")


def _normalised(text: bytes | str, normalisation: NormalisationConfig = NFC) -> str:
    given = text.encode() if isinstance(text, str) else text
    return str(normalise(tf.constant([given]), normalisation, "en").numpy()[0].decode())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", ""),
        ("a dog", "a dog"),
        ("  a\t \u00a0dog\r\n", "a dog"),
        ("a\u2028b\x0bc\x85d\u3000e", "a b c d e"),
        ("a\x00b\x07c\x7fd\u200be\ufefff", "abcdef"),
        ("co\u00adop a\u2060b \u200fc\u202a d\u2069e\u061c", "coop ab c de"),
        ("नमस्\u200dते می\u200cخواهم ❤\ufe0f", "नमस्\u200dते می\u200cخواهم ❤\ufe0f"),
        ("cafe\u0301", "caf\u00e9"),
        ("e\u200b\u0301", "\u00e9"),
        ("ﬁ ² Ａ", "ﬁ ² Ａ"),
        (" \x00 ", ""),
    ],
)
def test_text_is_one_clean_line_when_normalised(given: str, expected: str) -> None:
    assert _normalised(given) == expected


def test_compatibility_forms_are_replaced_when_nfkc_is_asked_for() -> None:
    assert _normalised("ﬁ ² Ａ \u00a8", NFKC) == "fi 2 A \u0308"


@pytest.mark.parametrize(
    "given", [b"caf\xe9 x", b"\xff\xfe", b"abc\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80"]
)
def test_what_is_not_utf8_is_replaced_as_python_does(given: bytes) -> None:
    assert _normalised(given) == given.decode("utf-8", "replace")


def test_unicode_form_stays_when_none_is_asked_for() -> None:
    assert _normalised("e\u200b\u0301 ﬁ\u00a0\u212b", NormalisationConfig(unicode="none")) == "e\u0301 ﬁ \u212b"


@pytest.mark.parametrize("rules", [{}, {"quotes": True}, {"quotes": True, "punctuation": True}])
@pytest.mark.parametrize("form", ["nfc", "nfkc", "none"])
def test_normalised_text_stays_when_normalised_again(form: str, rules: dict[str, bool]) -> None:
    normalisation = NormalisationConfig.model_validate({"unicode": form, **rules})
    every_character = [f"x {chr(code)}e\u0301{chr(code)} x" for code in range(0x11_0000) if not 0xD800 <= code < 0xE000]
    lines = [*fuzzed_lines(2000), *every_character]
    once = normalise(tf.constant([line.encode() for line in lines]), normalisation, "en")
    assert tf.reduce_all(once == normalise(once, normalisation, "en"))


@pytest.mark.parametrize(("form", "normalisation"), [("NFC", NFC), ("NFKC", NFKC)])
def test_normalised_text_has_the_unicode_form(form: Literal["NFC", "NFKC"], normalisation: NormalisationConfig) -> None:
    lines = tf.constant([line.encode() for line in fuzzed_lines(2000)])
    for text in normalise(lines, normalisation, "en").numpy():
        assert unicodedata.is_normalized(form, text.decode())


def test_ids_end_with_eos_when_texts_are_encoded() -> None:
    sentences = [f"number {number} of the list".encode() for number in range(200)]
    tokenizer = make_tokenizer(train_vocabulary(sorted(sentences), VocabularyConfig(size=40)))
    ids = encode(tf.constant(["number 7", "", " \t", "number \u00a0 7\u0007"]), tokenizer, NFC, "en").to_list()
    assert all(each[-1] == EOS_ID and EOS_ID not in each[:-1] for each in ids)
    assert ids[1] == ids[2] == [EOS_ID]
    assert ids[0] == ids[3]
