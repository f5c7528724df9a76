"""What each check finds and leaves alone, by hand."""

import sys

import pytest

from seq2seq_tfx.components.text_checks.checking import TextChecker, TextCheckSettings, can_fail
from seq2seq_tfx.components.text_checks.copies import is_copy
from seq2seq_tfx.components.text_checks.foreign import foreign_script_finder
from seq2seq_tfx.components.text_checks.loops import is_loop
from seq2seq_tfx.components.text_checks.markup import lost_markup
from seq2seq_tfx.components.text_checks.numbers import lost_numbers


@pytest.fixture(scope="module")
def checker() -> TextChecker:
    """All checks, English to German."""
    return TextChecker(TextCheckSettings(source="en", target="de"))


@pytest.mark.parametrize(
    ("source", "translation", "failures"),
    [
        ("The dog sleeps.", "Der Hund schläft.", ()),
        ("", "", ()),
        ("...", "", ()),
        ("The dog sleeps.", "  ", ("empty",)),
        ("the old dog sleeps in my garden", "the old dog sleeps in my garden", ("copied_source", "wrong_language")),
        ("The dog sleeps.", "Der Der Der Der Hund schläft.", ("loop",)),
        ("The dog sleeps.", "Der собака schläft.", ("wrong_script",)),
        ("It costs 350 euros.", "Es kostet 530 Euro.", ("lost_number",)),
        ("Press {key} now.", "Jetzt drücken.", ("lost_markup",)),
        ("He has 25 <b>red</b> cars.", "Er hat rote rote rote rote Autos.", ("loop", "lost_number", "lost_markup")),
    ],
)
def test_failures_are_those_of_the_table(
    checker: TextChecker, source: str, translation: str, failures: tuple[str, ...]
) -> None:
    assert checker.failures(source, translation) == failures


def test_truncation_is_what_the_decoder_says(checker: TextChecker) -> None:
    assert checker.failures("The dog sleeps.", "Der Hund", truncated=True) == ("truncated",)


@pytest.mark.parametrize(
    ("source", "translation", "lost"),
    [
        ("3,500 men", "3.500 Mann", []),
        ("3 500 men", "3500 Mann", []),
        ("in 1984", "1984", []),
        ("in 1984", "1948", ["1984"]),
        ("7 and 7 apples, 25 pears", "25 Birnen und sieben Äpfel", []),
        ("2 dogs", "Hunde", ["2"]),
        ("2 dogs", "zwei Hunde", []),
        ("the 3rd dog", "der dritte Hund", []),
        ("the 19th century", "das XIX. Jahrhundert", []),
        ("at 5 pm", "um 17 Uhr", []),
        ("at 17:30", "um 5:30", []),
        ("٣٥ كلبا", "35 Hunde", []),
        ("12/05/2020", "12.05.2020", []),
        ("30, 40 and 50", "30, 50", ["40"]),
        (f"pi is 3{'14159' * 1000}", "Pi ist 3", [f"3{'14159' * 1000}"]),
    ],
)
def test_numbers_are_lost_when_no_form_of_them_is_there(source: str, translation: str, lost: list[str]) -> None:
    assert lost_numbers(source, translation, "de") == lost


def test_small_numbers_are_let_pass_when_the_language_s_words_are_not_known() -> None:
    assert lost_numbers("2 dogs and 25 cats", "kaksi koiraa ja kissat", "fi") == ["25"]
    assert lost_numbers("2 dogs", "3 koiraa", "fi") == ["2"]


@pytest.mark.parametrize(
    ("source", "translation", "lost"),
    [
        ("see https://example.org/a?b=1.", "siehe https://example.org/a?b=1", []),
        ("see https://example.org/a", "siehe https://example.org/b", ["https://example.org/a"]),
        ("<b>red</b>", "<b>rot</ b>", []),
        ("<b>red</b>", "rot", ["</b>", "<b>"]),
        ("Hi {name}, %1$s of %d", "Hallo {name}, %1$s von %d", []),
        ("Hi {name}, %s", "Hallo {nombre}", ["%s", "{name}"]),
        ("&nbsp;mail a.b@example.org", "&nbsp;an a.b@example.org", []),
        ("100 % sure, 5 < 6 & 7 > 3", "zu 100 % sicher", []),
    ],
)
def test_markup_must_come_through_letter_by_letter(source: str, translation: str, lost: list[str]) -> None:
    assert lost_markup(source, translation) == lost


@pytest.mark.parametrize(
    ("source", "translation", "found"),
    [
        ("No, no, no, no!", "Nein, nein, nein, nein!", False),
        ("Yes.", "ja ja ja", False),
        ("Yes.", "ja ja ja ja", True),
        ("A dog", "ein Hund und ein Hund und ein Hund und", True),
        ("Day after day", "Tag für Tag für Tag", False),
        ("A dog", "ein Hundundundundundundund", True),
        ("Aaah", "Aaaaah", False),
        ("one", "1000000000000", False),
        ("dog", "犬は走る犬は走る犬は走る犬は走る犬は走る犬は走る", True),
    ],
)
def test_loops_are_told_from_emphasis(source: str, translation: str, found: bool) -> None:
    assert is_loop(source, translation) is found


@pytest.mark.parametrize(
    ("source", "translation", "language", "found"),
    [
        ("the dog is in the house", "The dog is in the house.", "en", True),
        ("the dog is in the house", "der Hund ist im Haus", "en", False),
        ("Anna Smith and Bob Brown, London", "Anna Smith und Bob Brown, London", "en", False),
        ("hotel bar", "hotel bar", "en", False),
        ("我们今天去学校", "我们今天去学校", "zh", True),
        ("我们今天去学校", "今日は学校に行きます", "zh", False),
    ],
)
def test_copies_are_told_from_kept_names(source: str, translation: str, language: str, found: bool) -> None:
    assert is_copy(source, translation, language) is found


def test_a_script_is_foreign_when_no_word_of_the_source_explains_it() -> None:
    found = foreign_script_finder("ru")
    assert found is not None
    assert not found("I use Linux", "я использую Linux")
    assert found("I use it", "я использую this")
    assert not found("5 μm", "5 мкм, α")
    assert foreign_script_finder("tlh") is None


@pytest.mark.parametrize("missing", ["lingua", "language"])
def test_the_language_is_not_checked_when_nothing_can_tell_it(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if missing == "lingua":
        monkeypatch.setitem(sys.modules, "lingua", None)
    made = TextChecker(TextCheckSettings(source="en", target="tlh" if missing == "language" else "de"))
    assert "wrong_language" not in made.checks
    assert "loop" in made.checks


def test_only_the_wanted_checks_are_made() -> None:
    made = TextChecker(TextCheckSettings(checks=("loop",), source="en", target="de"))
    assert made.checks == ("loop",)
    assert made.failures("It costs 350 euros.", "") == ()


def test_only_what_has_a_number_can_lose_one() -> None:
    assert [can_fail("lost_number", text) for text in ("a dog", "2 dogs")] == [False, True]
    assert [can_fail("lost_markup", text) for text in ("a dog", "<b>")] == [False, True]
    assert can_fail("loop", "a dog")
