"""Texts that a model cannot read whole: split at sentences, translated, joined, nothing lost."""

import pytest
from fuzzed_lines import fuzzed_lines

from seq2seq_tfx.components.translation.job.segments import Segmenter


def segmenter(most: int, languages: tuple[str, str] = ("en", "de")) -> Segmenter:
    """A model that reads so many characters."""
    return Segmenter(len, most, languages)


def test_a_text_that_fits_is_one_sentence_as_it_is() -> None:
    assert segmenter(40)(" Two sentences. One text. ") == ((" Two sentences. One text. ",), ("", ""), False)


def test_a_text_that_is_too_long_is_split_at_the_ends_of_its_sentences() -> None:
    text = "Mr. Smith paid 3.5 euros. Did he? He did, on 1 May."
    found = segmenter(30)(text)
    assert found.sentences == ("Mr. Smith paid 3.5 euros.", "Did he?", "He did, on 1 May.")
    assert found.was_split
    assert found.joined(["A.", "B?", "C."]) == "A. B? C."


def test_sentences_are_joined_without_a_space_when_the_language_has_none() -> None:
    found = segmenter(10, ("en", "zh-Hans"))("One is. Two is.")
    assert found.joined(["一。", "二。"]) == "一。二。"


def test_line_breaks_stay_and_blank_lines_are_not_translated() -> None:
    found = segmenter(40)("\nfirst\r\n \r\nsecond")
    assert found.sentences == ("first", "second")
    assert not found.was_split
    assert found.joined(["1", "2"]) == "\n1\r\n \r\n2"


@pytest.mark.parametrize("text", ["word " * 50, "x" * 333, "日本語" * 50, "a" * 39 + " " + "b" * 90])
def test_a_sentence_that_is_too_long_is_cut_at_spaces_or_anywhere(text: str) -> None:
    found = segmenter(40)(text)
    assert all(0 < len(sentence) <= 40 for sentence in found.sentences)
    assert "".join(found.sentences).replace(" ", "") == text.replace(" ", "")


def test_no_character_is_lost_when_texts_are_strange() -> None:
    split = segmenter(60)
    for text in fuzzed_lines(2000):
        found = split(text)
        assert all(len(sentence) <= 60 for sentence in found.sentences)
        assert "".join("".join(found.sentences).split()) == "".join(text.split())


def test_a_text_that_the_library_makes_a_wrong_pattern_of_is_split_at_spaces() -> None:
    text = "Das ist, z.B. hier, ein langer Satz. Die Formel z*b+c steht da."
    found = segmenter(30, ("de", "en"))(text)
    assert " ".join(found.sentences) == text
    assert all(len(sentence) <= 30 for sentence in found.sentences)


@pytest.mark.parametrize("language", ["de", "ru", "ar"])
def test_no_character_is_lost_in_languages_with_rules_of_their_own(language: str) -> None:
    split = segmenter(60, (language, "en"))
    for text in fuzzed_lines(300):
        assert "".join("".join(split(text).sentences).split()) == "".join(text.split())


def test_a_very_long_text_is_looked_at_in_windows() -> None:
    text = " ".join(f"Dog {n} sleeps in the garden." for n in range(3000))
    found = segmenter(60)(text)
    assert found.sentences == tuple(f"Dog {n} sleeps in the garden." for n in range(3000))
