"""The rules together: their order, their thresholds, presets, and batches that say what pairs one by one would."""

import time
from typing import Any

import pytest
from fuzzed_lines import fuzzed_lines
from mutated_pairs import mutated_pairs

from seq2seq_tfx.components.corpus.rules.rule_set import RuleSet
from seq2seq_tfx.components.corpus.rules.table import RULES
from seq2seq_tfx.components.quickstart.corpus import generate
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.languages import Languages

EN_ES = Languages(source="en", target="es")

TIGHT: dict[str, Any] = {
    "empty": True,
    "min_characters": 10,
    "max_characters": 60,
    "min_words": 3,
    "max_words": 10,
    "max_character_ratio": 1.3,
    "max_word_ratio": 1.3,
    "identical": True,
    "max_word_length": 10,
    "max_mean_word_length": 6.0,
    "max_unprintable_share": 0.05,
    "markup": True,
    "max_address_share": 0.3,
    "min_script_share": 0.9,
    "max_punctuation_penalty": 1,
    "min_numeral_similarity": 0.9,
    "max_repetitions": 1,
    "max_similarity": 0.4,
    "deny_patterns": [{"pattern": "(?i)dog"}, {"pattern": "^[A-C]", "side": "target"}],
    "allow_patterns": [{"pattern": r"\pL", "side": "source"}, {"pattern": r"[aeiou]"}],
}
"""Thresholds that many pairs break."""


def rule_set(languages: Languages = EN_ES, **given: Any) -> RuleSet:
    """Only the rules given."""
    return RuleSet.of(CleaningConfig.model_validate({"preset": "none", **given}), languages)


@pytest.fixture(scope="module")
def spoilt_pairs() -> list[tuple[str, str]]:
    """Quickstart pairs, spoilt, and fuzzed lines, some of them against a line much like them."""
    clean = [(pair.source, pair.target) for pair in generate(1)["train"][:4000]]
    lines = list(fuzzed_lines(2000))
    fuzzed = list(zip(lines, [*lines[1:], ""], strict=True))
    alike = [(line, line.replace("a", "e") + "!") for line in lines]
    return [*mutated_pairs(clean), *fuzzed, *alike]


def test_rules_stand_in_the_order_of_the_settings() -> None:
    settings = [name for name in CleaningConfig.model_fields if name in RULES]
    assert settings == list(RULES)


def test_names_are_those_of_the_rules_that_are_on() -> None:
    assert rule_set().names == ()
    assert rule_set(empty=True, max_unprintable_share=0.0, min_words=2).names == (
        "empty",
        "min_words",
        "max_unprintable_share",
    )


@pytest.mark.parametrize(
    ("given", "source", "target", "broken"),
    [
        ({"empty": True}, "a dog", " ", True),
        ({"empty": True}, "\u2028", "a dog", True),
        ({"min_characters": 3}, "abc", "ab", True),
        ({"min_characters": 3}, "abc", "abc", False),
        ({"max_characters": 3}, "äöü", "abc", False),
        ({"max_characters": 3}, "abc", "äöüß", True),
        ({"min_words": 2}, "a dog", "perro", True),
        ({"max_words": 2}, "a dog", "un perro grande", True),
        ({"max_words": 2}, "a dog", "un perro", False),
        ({"max_character_ratio": 2.0}, "ab", "abcd", False),
        ({"max_character_ratio": 2.0}, "ab", "abcde", True),
        ({"max_word_ratio": 2.0}, "a", "a b c", True),
        ({"identical": True}, "Taxi!", " taxi!", True),
        ({"max_word_length": 5}, "a doggo", "perro", False),
        ({"max_word_length": 4}, "a dog", "perro", True),
        ({"max_mean_word_length": 3.0}, "a dog", "un can", False),
        ({"max_mean_word_length": 3.0}, "a dog", "perro", True),
        ({"max_unprintable_share": 0.25}, "do\x00g", "can", False),
        ({"max_unprintable_share": 0.2}, "do\x00g", "can", True),
        ({"markup": True}, "a <i>dog</i>", "un perro", True),
        ({"max_address_share": 0.5}, "www.a.example dogs", "perros", True),
        ({"min_script_share": 0.5}, "dog соб", "perro", False),
        ({"min_script_share": 0.5}, "dog соба", "perro", True),
        ({"max_punctuation_penalty": 0}, "A dog.", "Un perro", True),
        ({"min_numeral_similarity": 0.5}, "7 dogs", "8 perros", True),
        ({"max_repetitions": 1}, "good dog good dog", "perro", False),
        ({"max_repetitions": 1}, "good dog good dog good dog", "perro", True),
        ({"max_similarity": 0.8}, "a dog", "a fog", False),
        ({"max_similarity": 0.79}, "a dog", "a fog", True),
        ({"deny_patterns": [{"pattern": "D.g", "side": "target"}]}, "Dog", "dog", False),
        ({"deny_patterns": [{"pattern": "(?i)D.g", "side": "target"}]}, "cat", "dog", True),
        ({"allow_patterns": [{"pattern": "^[a-z ]+$"}]}, "a dog", "un perro", False),
        ({"allow_patterns": [{"pattern": "^[a-z ]+$"}]}, "a dog", "Un perro", True),
    ],
)
def test_pair_is_dropped_beyond_the_threshold_and_kept_at_it(
    given: dict[str, Any], source: str, target: str, broken: bool
) -> None:
    rules = rule_set(**given)
    assert rules.first_broken(source, target) == (next(iter(given)) if broken else None)
    assert rules.broken_rows([source] * 2, [target] * 2) == [next(iter(given)) if broken else None] * 2


def test_first_rule_in_order_is_named_when_a_pair_breaks_several() -> None:
    rules = rule_set(max_words=1, markup=True)
    assert rules.first_broken("<b>a dog</b>", "un perro") == "max_words"


def test_word_rules_pass_a_side_when_its_language_has_no_spaces() -> None:
    sentence = "这是一个很长的句子没有空格"
    given: dict[str, Any] = {"min_words": 3, "max_word_ratio": 2.0, "max_word_length": 10, "max_mean_word_length": 9.0}
    assert rule_set(Languages(source="en", target="zh"), **given).first_broken("a very long sentence", sentence) is None
    assert rule_set(Languages(source="en", target="ko"), **given).first_broken("a very long sentence", sentence)
    assert rule_set(Languages(source="en", target="zh"), **given).first_broken("a sentence", sentence) == "min_words"


def test_scripts_are_the_settings_when_given_and_unknown_languages_pass() -> None:
    unknown = Languages(source="en", target="qqq")
    assert rule_set(unknown, min_script_share=0.9).first_broken("a dog", "собака") is None
    greek = rule_set(unknown, min_script_share=0.9, target_scripts=["Greek"])
    assert greek.first_broken("a dog", "собака") == "min_script_share"
    assert greek.first_broken("a dog", "σκύλος") is None


@pytest.mark.parametrize("name", TIGHT)
def test_batch_says_what_pairs_one_by_one_say_when_a_rule_is_alone(
    name: str, spoilt_pairs: list[tuple[str, str]]
) -> None:
    rules = rule_set(**{name: TIGHT[name]})
    verdicts = rules.broken_rows(*zip(*spoilt_pairs, strict=True))
    assert verdicts == [rules.first_broken(source, target) for source, target in spoilt_pairs]
    assert 0 < verdicts.count(name) < len(verdicts)


@pytest.mark.parametrize("preset", ["standard", "strict"])
def test_batch_says_what_pairs_one_by_one_say_when_lines_are_fuzzed(preset: str) -> None:
    lines = list(fuzzed_lines(10_000, seed=11))
    config = CleaningConfig.model_validate({"preset": preset, "min_language_confidence": None})
    rules = RuleSet.of(config, EN_ES)
    verdicts = rules.broken_rows(lines, lines[::-1])
    assert verdicts == [rules.first_broken(*pair) for pair in zip(lines, lines[::-1], strict=True)]
    assert verdicts == RuleSet.of(config, EN_ES).broken_rows(lines, lines[::-1])
    assert len(set(verdicts)) > 5


def test_verdicts_are_the_same_when_rows_are_batched_otherwise(spoilt_pairs: list[tuple[str, str]]) -> None:
    rules = rule_set(**TIGHT)
    sources, targets = (list(side) for side in zip(*spoilt_pairs, strict=True))
    apart = [verdict for pair in spoilt_pairs[:500] for verdict in rules.broken_rows(*([side] for side in pair))]
    assert rules.broken_rows(sources, targets)[:500] == apart
    assert rules.broken_rows([], []) == []


def test_very_long_lines_take_little_time_when_a_batch_holds_them() -> None:
    lines = ["a dog " * 1_700_000, "a" * 10_000_000, "a@" * 5_000_000, "<a" * 5_000_000, "a dog"]
    strict = CleaningConfig(preset="strict", min_language_confidence=None)
    started = time.process_time()
    assert RuleSet.of(strict, EN_ES).broken_rows(lines, lines) == ["max_characters"] * 4 + ["identical"]
    rules = rule_set(**{name: value for name, value in TIGHT.items() if not name.endswith("characters")})
    assert None not in rules.broken_rows(lines, lines)
    assert time.process_time() - started < 30


def test_batch_of_unequal_sides_is_refused() -> None:
    with pytest.raises(ValueError, match="got 2 and 1"):
        rule_set().broken_rows(["a", "b"], ["a"])


@pytest.mark.parametrize("preset", ["none", "standard"])
def test_the_quickstart_s_text_is_kept_whole(preset: str) -> None:
    pairs = generate(1)["train"]
    rules = RuleSet.of(CleaningConfig.model_validate({"preset": preset}), EN_ES)
    assert set(rules.broken_rows([pair.source for pair in pairs], [pair.target for pair in pairs])) == {None}


def test_none_drops_nothing_and_standard_keeps_the_first_rules() -> None:
    assert rule_set().first_broken("", "x" * 10_000) is None
    standard = RuleSet.of(CleaningConfig(), EN_ES)
    assert standard.first_broken("", "x") == "empty"
    assert standard.first_broken("x" * 2001, "y") == "max_characters"
