"""`docs/migrating.md` names settings and options that there are."""

import argparse
import importlib
import re

from rules.source import REPOSITORY

TEXT = (REPOSITORY / "docs/migrating.md").read_text(encoding="utf-8")
SETTINGS = (REPOSITORY / "tests/rules/approved_settings.txt").read_text(encoding="utf-8").split()


def codes() -> list[str]:
    """What stands in backticks, and the commands of indented lines."""
    return [*re.findall(r"`([^`]+)`", TEXT), *re.findall(r"^    (seq2seq .*)$", TEXT, re.MULTILINE)]


def options_of(verb: str) -> set[str]:
    """What a verb of ours takes."""
    subparsers = argparse.ArgumentParser().add_subparsers()
    importlib.import_module(f"seq2seq_tfx.pipeline.commands.{verb}").add_parser(subparsers)
    return set(subparsers.choices[verb]._option_string_actions)


def test_every_setting_of_ours_is_one() -> None:
    sections = {name.partition(".")[0] for name in SETTINGS if "." in name}
    named = {each.partition(":")[0] for each in codes() if re.fullmatch(r"[a-z]+(\.[a-z_0-9]+)+(: .*)?", each)}
    ours = {each for each in named if each.partition(".")[0] in sections}
    assert len(ours) > 60
    assert ours - set(SETTINGS) == set()


def test_every_option_of_ours_is_one() -> None:
    commands = [each.split() for each in codes() if each.startswith("seq2seq ")]
    assert len(commands) > 10
    for _, verb, *words in commands:
        assert {word for word in words if word.startswith("--")} <= options_of(verb), verb
