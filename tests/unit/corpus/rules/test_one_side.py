"""The rules that sentences of one side are judged by."""

from typing import Any

import pytest

from seq2seq_tfx.components.corpus.rules.one_side import rules_of_side
from seq2seq_tfx.components.corpus.rules.rule import Check
from seq2seq_tfx.components.corpus.rules.rule_set import RuleSet
from seq2seq_tfx.components.corpus.rules.table import RULES, RULES_OF_PAIRS
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig, Pattern
from seq2seq_tfx.schemas.config.languages import Languages

EN_RU = Languages(source="en", target="ru")
STRICT = CleaningConfig(preset="strict", min_language_confidence=None, min_characters=2, min_words=1)


def broken(text: str, side: str, languages: Languages = EN_RU, **given: Any) -> str | None:
    rules = rules_of_side(CleaningConfig(**given), languages, side)
    (alone,) = rules.broken_rows([text], [text])
    assert rules.broken_rows([text, text], [text, text]) == [alone, alone]
    return alone


@pytest.mark.parametrize("name", [name for name in RULES if name != "min_language_confidence"])
def test_a_rule_is_of_pairs_when_it_scores_the_pair_and_not_each_side(name: str) -> None:
    entry = RULES[name]
    check = entry if isinstance(entry, Check) else entry(STRICT, EN_RU)
    assert isinstance(check.score("a dog", "two cats"), tuple) == (name not in RULES_OF_PAIRS)


def test_the_rules_are_those_of_pairs_without_the_ones_that_compare_sides() -> None:
    assert [name for name in RuleSet.of(STRICT, EN_RU).names if name not in RULES_OF_PAIRS] == [
        *rules_of_side(STRICT, EN_RU, "target").names
    ]


@pytest.mark.parametrize(
    ("text", "source", "target"),
    [
        ("a dog", None, "min_script_share"),
        ("собака", "min_script_share", None),
        (" ", "empty", "empty"),
        ("<b>", "markup", "markup"),
        ("12 + 3", None, None),
    ],
)
def test_each_side_has_the_scripts_of_its_language(text: str, source: str | None, target: str | None) -> None:
    assert (broken(text, "source"), broken(text, "target")) == (source, target)


def test_settings_of_a_side_are_for_that_side() -> None:
    scripts: dict[str, Any] = {"source_scripts": ("Cyrillic",), "target_scripts": ("Latin",)}
    assert (broken("a dog", "source", **scripts), broken("a dog", "target", **scripts)) == ("min_script_share", None)
    denied: dict[str, Any] = {"deny_patterns": (Pattern(pattern="dog", side="source"), Pattern(pattern="cat"))}
    english = Languages(source="en", target="en")
    verdicts = [broken(text, side, english, **denied) for text in ("dog", "cat") for side in ("source", "target")]
    assert verdicts == ["deny_patterns", None, "deny_patterns", "deny_patterns"]
    chinese = Languages(source="en", target="zh")
    assert broken("a", "source", chinese, min_words=2) == "min_words"
    assert broken("\u72ac" * 3, "target", chinese, min_words=2) is None


def test_the_other_language_is_one_that_a_sentence_may_be_in_by_mistake() -> None:
    languages, text = Languages(source="en", target="nn"), "the museums of the town are closed on Mondays"
    given: dict[str, Any] = {"preset": "none", "min_language_confidence": 0.5, "other_languages": ()}
    assert broken(text, "source", languages, **given) is None
    assert broken(text, "target", languages, **given) == "min_language_confidence"
