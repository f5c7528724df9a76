"""`docs/data.md`: every rule has its defaults there, and an example that it drops."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from seq2seq_tfx.components.corpus.rules.rule_set import RuleSet
from seq2seq_tfx.components.corpus.rules.table import RULES
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.languages import Languages

PAGE = Path(__file__).parents[4] / "docs/data.md"


class Documented(NamedTuple):
    """What the page says of a rule."""

    defaults: list[Any]
    given: dict[str, Any]
    source: str
    target: str


def documented() -> dict[str, Documented]:
    """The parts of the page that are about a rule, in order."""
    section = PAGE.read_text(encoding="utf-8").partition("## What each rule drops\n")[2].partition("\n## ")[0]
    return {name: said_of(part) for name, part in re.findall(r"^### `(\w+)`\n(.*?)(?=^###|\Z)", section, re.M | re.S)}


def said_of(part: str) -> Documented:
    """What a part says."""
    (row,) = re.findall(r"^\| none \| standard \| strict \|\n\|.*\n\| (.*) \| (.*) \| (.*) \|$", part, re.MULTILINE)
    (source,), (target,) = (re.findall(rf"^    {side}: ?(.*)$", part, re.MULTILINE) for side in ("source", "target"))
    with_setting = re.search(r"Example with `(.*?)`\.", part)
    given = yaml.safe_load(with_setting[1]) if with_setting else {"preset": "standard"}
    return Documented([yaml.safe_load(cell) for cell in row], given, spelled_out(source), spelled_out(target))


def spelled_out(text: str) -> str:
    return text.replace("\\ufffd", "\ufffd")


def test_every_rule_is_documented_in_order() -> None:
    assert list(documented()) == list(RULES)


@pytest.mark.parametrize("name", RULES)
def test_defaults_are_the_presets(name: str) -> None:
    presets = [CleaningConfig.model_validate({"preset": preset}) for preset in ("none", "standard", "strict")]
    values = [getattr(each, name) for each in presets]
    assert documented()[name].defaults == [list(value) if isinstance(value, tuple) else value for value in values]


@pytest.mark.parametrize("name", RULES)
def test_example_is_dropped_by_its_rule(name: str) -> None:
    said = documented()[name]
    given = said.given
    if given == {"preset": "standard"} and said.defaults[1] is None:
        given = {"preset": "strict"}
    rules = RuleSet.of(CleaningConfig.model_validate(given), Languages(source="en", target="es"))
    assert rules.first_broken(said.source, said.target) == name
