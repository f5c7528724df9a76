"""What each rule's score is, computed by hand."""

import random
from collections.abc import Callable

import pytest
import regex

from seq2seq_tfx.components.corpus.rules.characters import script_share, unprintable_share
from seq2seq_tfx.components.corpus.rules.edit_distance import edit_distance
from seq2seq_tfx.components.corpus.rules.lengths import (
    character_ratio,
    is_blank,
    longest_word,
    mean_word_length,
    ratio,
    width,
    word_ratio,
    words,
)
from seq2seq_tfx.components.corpus.rules.marks import numeral_similarity, punctuation_penalty
from seq2seq_tfx.components.corpus.rules.repetition import EXAMINED_CHARACTERS, repetitions
from seq2seq_tfx.components.corpus.rules.scripts import LANGUAGE_SCRIPTS, scripts_of
from seq2seq_tfx.components.corpus.rules.sides import COMPARED_CHARACTERS, identity, similarity
from seq2seq_tfx.components.corpus.rules.web_text import address_share, tags

INFINITE = float("inf")


@pytest.mark.parametrize(
    ("score", "text", "expected"),
    [
        (is_blank, "", 1),
        (is_blank, "\u00a0\t\u2028", 1),
        (is_blank, " x", 0),
        (words, "", 0),
        (words, " the  green\tdog\u3000runs ", 4),
        (longest_word, "", 0),
        (longest_word, "a dogs' house", 5),
        (mean_word_length, " \n", 0),
        (mean_word_length, "a green dog", 3),
        (width, "a dog", 5),
        (width, "größe", 5),
        (width, "犬とイヌ 개a", 12),
        (unprintable_share, "", 0),
        (unprintable_share, "a\tdog\u00a0\u200d\u200e\u00ad", 0),
        (unprintable_share, "a\x00\ufffd\ue000", 0.75),
        (unprintable_share, "\u0378dog", 0.25),
        (tags, "3 < 4 and 5 > 4, <3", 0),
        (tags, "<b>dog</b> <br/> </ p>", 3),
        (tags, "a<!-- note --> &lt;b&gt; <>", 0),
        (tags, '<a href="x" b>', 1),
        (address_share, "", 0),
        (address_share, "a dog. www is not one, a@b neither", 0),
        (address_share, "abcd https://x", 9 / 14),
        (address_share, "HTTP://x www.y b@c.de", 19 / 21),
        (address_share, "señor.ñandú@correo.es", 1),
    ],
)
def test_score_of_a_side_is_as_computed_by_hand(score: Callable[[str], float], text: str, expected: float) -> None:
    assert score(text) == expected


@pytest.mark.parametrize(
    ("score", "source", "target", "expected"),
    [
        (ratio, 0, 0, 0),
        (ratio, 0, 2, INFINITE),
        (ratio, 4, 3, 4 / 3),
        (character_ratio, "abc", "abcdef", 2),
        (character_ratio, "a dog!", "犬", 3),
        (word_ratio, "one two three", "uno", 3),
        (word_ratio, "one", " ", INFINITE),
        (identity, "A dog. ", "a dog.", 1),
        (identity, "Straße", "STRASSE", 1),
        (identity, "a dog", "a  dog", 0),
        (similarity, "", "", 1),
        (similarity, "abc", "", 0),
        (similarity, "a dog", "a fog", 0.8),
        (similarity, "kitten", "sitting", 1 - 3 / 7),
        (numeral_similarity, "a dog", "un perro", 1),
        (numeral_similarity, "two dogs", "2 perros", 0),
        (numeral_similarity, "1,000 dogs", "1 perro", 1),
        (numeral_similarity, "12 dogs", "21 perros", 0.5),
        (numeral_similarity, "12 dogs", "١٢ كلبا", 1),
        (punctuation_penalty, "A dog.", "Un perro.", 0),
        (punctuation_penalty, "A dog", "Un perro.", 1),
        (punctuation_penalty, "No. No.", "¡No! ¡No...!", 3 + 1 + 4),
        (punctuation_penalty, "A dog. A cat.", "一只狗。一只猫。", 2),
    ],
)
def test_score_of_a_pair_is_as_computed_by_hand(
    score: Callable[[object, object], float], source: object, target: object, expected: float
) -> None:
    assert score(source, target) == expected
    assert score(target, source) == expected


@pytest.mark.parametrize(
    ("text", "at_least", "expected"),
    [
        ("", 1, 0),
        ("very very good", 1, 1),
        ("very very good", 2, 0),
        ("veryvery very  very good", 2, 3),
        ("ha ha ha", 2, 0),  # two letters are too few, and `ha h` is not repeated
        ("haha haha haha", 2, 2),
        ("a dog a dog a dog a dog", 3, 3),
        ("a dog, a dog, a dog", 2, 0),  # the last has no comma
        ("a dog, a dog, a dog,", 2, 2),
        ("a  a  a  a  ", 2, 3),
        (". . . . . . . . .", 2, 3),  # `. .` four times, and a point
    ],
)
def test_repetitions_are_those_right_after_each_other(text: str, at_least: int, expected: int) -> None:
    assert repetitions(text, at_least) == expected


@pytest.mark.parametrize(("size", "expected"), [(2, 0), (3, 2), (101, 2), (102, 0)])
def test_repeated_text_counts_when_it_has_3_to_101_characters(size: int, expected: int) -> None:
    text = "".join(chr(0x4E00 + number) for number in range(size))
    assert repetitions(f"{text} {text} {text}", 2) == expected


def test_repetition_is_not_seen_when_it_stands_after_the_part_that_is_examined() -> None:
    head = "".join(chr(0x4E00 + number) for number in range(EXAMINED_CHARACTERS))
    assert repetitions("dog dog dog" + head, 2) == 2
    assert repetitions(head + "dog dog dog", 2) == 0


@pytest.mark.parametrize(
    ("text", "script", "expected"),
    [
        ("", "Latin", 1),
        ("12, 3!", "Cyrillic", 1),
        ("a dog", "Latin", 1),
        ("a dog", "Cyrillic", 0),
        ("dog собака", "Cyrillic", 2 / 3),
        ("コーヒー", "Katakana", 1),
        ("हिन्दी", "Devanagari", 1),
    ],
)
def test_script_share_is_that_of_letters(text: str, script: str, expected: float) -> None:
    assert script_share(text, regex.compile(rf"[^\p{{Script_Extensions={script}}}]+")) == expected


def test_scripts_follow_the_language_and_its_subtag() -> None:
    assert scripts_of("de-CH") == ("Latin",)
    assert scripts_of("zh_Hant_TW") == ("Han",)
    assert scripts_of("sr") == ("Cyrillic", "Latin")
    assert scripts_of("sr-Latn") == ("Latin",)
    assert scripts_of("qqq") == ()


def test_every_script_of_the_table_is_one_that_unicode_has() -> None:
    for name in {name for names in LANGUAGE_SCRIPTS.values() for name in names}:
        assert regex.compile(rf"\p{{Script={name}}}")


def distance_by_table(one: str, other: str) -> int:
    """The textbook's."""
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, start=1):
        before, row[0] = row[0], index
        for place, partner in enumerate(other, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != partner))
    return row[-1]


def test_edit_distance_is_the_textbook_s_when_texts_are_random() -> None:
    draw = random.Random(3)
    for _ in range(500):
        one, other = ("".join(draw.choice("abc ñ") for _ in range(draw.randrange(90))) for _ in range(2))
        assert edit_distance(one, other) == distance_by_table(one, other)


def test_similarity_compares_the_beginning_when_sides_are_very_long() -> None:
    assert similarity("a" * COMPARED_CHARACTERS + "b" * 10, "a" * COMPARED_CHARACTERS + "c" * 50_000) == 1
