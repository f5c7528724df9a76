"""Language identification: right, wrong and unsaid languages, and what is refused."""

import sys

import pytest
from lingua import Language

from seq2seq_tfx.components.corpus.rules.rule_set import RuleSet
from seq2seq_tfx.components.quickstart.corpus import generate
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.identification import IDENTIFIED_LANGUAGES, identified_language
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.errors import InputError

ALONE = CleaningConfig(preset="none", min_language_confidence=0.1)
EN_ES = Languages(source="en", target="es")
NAME = "min_language_confidence"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RuleSet.of(ALONE, EN_ES)


def test_languages_of_the_table_are_lingua_s() -> None:
    assert {each.iso_code_639_1.name.lower() for each in Language.all()} == IDENTIFIED_LANGUAGES
    assert identified_language("zh-Hant-TW") == "zh"
    assert identified_language("no_NO") == "nb"
    assert identified_language("qqq") is None


@pytest.mark.parametrize(
    ("source", "target", "broken"),
    [
        ("The dog sleeps in the old house.", "El perro duerme en la casa vieja.", False),
        ("The dog sleeps in the old house.", "The dog sleeps in the old house.", True),
        ("El perro duerme en la casa vieja.", "El perro duerme en la casa vieja.", True),
        ("The dog sleeps in the old house.", "Der Hund schläft in dem alten Haus.", True),
        ("The dog sleeps in the old house.", "Собака спит в старом доме.", True),
        ("12:30", "...", False),
        ("", "", False),
    ],
)
def test_pair_is_dropped_when_a_side_is_in_another_language(
    rules: RuleSet, source: str, target: str, broken: bool
) -> None:
    assert rules.first_broken(source, target) == (NAME if broken else None)
    assert rules.broken_rows([source] * 2, [target] * 2) == [NAME if broken else None] * 2


def test_few_right_pairs_and_most_swapped_ones_are_dropped_when_text_is_the_quickstart_s(rules: RuleSet) -> None:
    pairs = generate(1)["train"][:500]
    sources, targets = [pair.source for pair in pairs], [pair.target for pair in pairs]
    assert rules.broken_rows(sources, targets).count(NAME) <= 5
    assert rules.broken_rows(targets, sources).count(NAME) >= 490


def test_unknown_language_is_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match=r"got tlh; set it to null"):
        RuleSet.of(ALONE, Languages(source="en", target="tlh"))


def test_missing_library_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lingua", None)
    with pytest.raises(InputError, match=r"install seq2seq-tfx\[language-identification\]"):
        RuleSet.of(ALONE, EN_ES)


def test_library_is_not_loaded_when_the_rule_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lingua", None)
    assert RuleSet.of(CleaningConfig(), EN_ES).first_broken("a dog", "un perro") is None
