"""Section `cleaning`: presets, and what is refused in which words."""

import importlib.util
from pathlib import Path

import pytest
from pydantic import ValidationError

from seq2seq_tfx.schemas.config.cleaning import PRESETS, CleaningConfig
from seq2seq_tfx.schemas.config.loading import load_config
from seq2seq_tfx.schemas.errors import ConfigError

HEAD = "name: demo\nlanguages: {source: en, target: tlh}\ncorpora: [{name: a, split: auto, path: pairs.tsv}]\n"


def problems_of(folder: Path, section: str) -> list[str]:
    """The problems of a configuration with this section, without the file's name."""
    path = folder / "pipeline.yaml"
    path.write_text(HEAD + section, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return [problem.partition(":")[2] for problem in caught.value.problems]


def loaded(folder: Path, section: str) -> CleaningConfig:
    """The section as a configuration file gives it."""
    path = folder / "pipeline.yaml"
    path.write_text(HEAD + section, encoding="utf-8")
    return load_config(path).config.cleaning


def test_standard_is_the_defaults_and_every_preset_changes_known_keys() -> None:
    assert PRESETS["standard"] == {}
    assert CleaningConfig() == CleaningConfig(preset="standard")
    for changes in PRESETS.values():
        assert changes.keys() <= CleaningConfig.model_fields.keys()


def test_presets_keep_the_first_rules_on_when_they_are_not_none() -> None:
    for preset in ("standard", "strict"):
        config = CleaningConfig.model_validate({"preset": preset})
        assert (config.empty, config.duplicates) == (True, "exact")
        assert (config.max_characters or 9999) <= 2000
    off = CleaningConfig(preset="none")
    assert (off.empty, off.max_characters, off.duplicates) == (False, None, "none")


def test_key_beside_a_preset_replaces_the_preset_s(tmp_path: Path) -> None:
    config = loaded(tmp_path, "cleaning: {preset: none, max_words: 7, source_scripts: [Latin], empty: true}\n")
    assert (config.max_words, config.source_scripts, config.empty, config.markup) == (7, ("Latin",), True, False)
    strict = CleaningConfig(preset="strict", max_similarity=None)
    assert (strict.max_similarity, strict.max_words) == (None, 100)


def test_section_is_the_same_when_it_comes_back_from_json() -> None:
    for preset in PRESETS:
        config = CleaningConfig.model_validate({"preset": preset, "deny_patterns": ({"pattern": "a"},)})
        assert CleaningConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize(("given", "meant"), [("true", "exact"), ("false", "none"), ("near", "near")])
def test_duplicates_take_true_and_false_as_before(tmp_path: Path, given: str, meant: str) -> None:
    assert loaded(tmp_path, f"cleaning: {{duplicates: {given}}}\n").duplicates == meant


def test_wrong_values_are_named_all_at_once_with_their_lines(tmp_path: Path) -> None:
    section = (
        "cleaning:\n"
        "  preset: strct\n"
        "  deny_patterns:\n"
        "    - {pattern: '(dog'}\n"
        "    - {pattern: '(a)\\1', side: sorce}\n"
        "  max_word_ratio: 0.5\n"
        "  source_scripts: [Latn, Klingon]\n"
        "  min_language_confidence: 0.2\n"
        "  other_languages: [de, qqq]\n"
    )
    re2 = "must be a regular expression of RE2 (no backreferences, no look-around), got"
    assert problems_of(tmp_path, section) == [
        "5: cleaning.preset: must be none, standard or strict, got 'strct'; did you mean strict?",
        f"7: cleaning.deny_patterns.0.pattern: {re2} '(dog', where RE2 finds: missing ): (dog; correct it",
        f"8: cleaning.deny_patterns.1.pattern: {re2} '(a)\\\\1', where RE2 finds: invalid escape sequence: \\1; "
        "correct it",
        "8: cleaning.deny_patterns.1.side: must be source, target or both, got 'sorce'; did you mean source?",
        "9: cleaning.max_word_ratio: must be a number of at least 1.0, got 0.5; leave it out for the default, 5.0",
        "10: cleaning.source_scripts.1: must be the name of a Unicode script, as in Latin, got 'Klingon'; correct it",
        "11: cleaning.min_language_confidence: must leave language identification off for tlh, which it does not know; "
        "set cleaning.min_language_confidence: null",
        "12: cleaning.other_languages.1: must be a language that lingua knows, got 'qqq'; drop it",
    ]


def test_preset_is_refused_when_it_asks_for_a_library_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    first, *_ = problems_of(tmp_path, "cleaning: {preset: strict}\n")
    assert first.startswith("4: cleaning.preset: must leave language identification off where lingua-language-detector")
    assert loaded(tmp_path, "cleaning: {preset: strict, min_language_confidence: null}\n").max_words == 100


def test_least_above_most_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"min_words must be at most max_words, got 9 and 3"):
        CleaningConfig(min_words=9, max_words=3)
