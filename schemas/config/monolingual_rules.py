"""What must hold of monolingual corpora, looked at as given: which keys they have, and that a stage reads them."""

from collections.abc import Iterator
from typing import Any, Final

from seq2seq_tfx.schemas.config.describing import listed, shown
from seq2seq_tfx.schemas.config.document import KeyPath
from seq2seq_tfx.schemas.config.format_rules import Finding
from seq2seq_tfx.schemas.features import SIDES

Entries = list[tuple[int, dict[str, Any]]]
"""Entries of `corpora`, each with its place."""

_OF_PAIRS: Final = {
    "source": "name the file by path, and its side by side: source",
    "target": "name the file by path, and its side by side: target",
    "columns": "name the one column by column",
    "tag": "leave it out",
}
"""Keys that only a parallel corpus has, and what to do."""


def is_monolingual(entry: dict[str, Any]) -> bool:
    """Whether an entry of `corpora` says so."""
    return bool(entry.get("kind") == "monolingual")


def monolingual_findings(values: dict[str, Any], entries: Entries) -> Iterator[Finding]:
    """Every rule about monolingual corpora that the given values break.

    Args:
        values: The configuration.
        entries: Of its section `corpora`.
    """
    for index, entry in entries:
        here: KeyPath = ("corpora", index)
        yield from _keys(here, entry) if is_monolingual(entry) else _keys_of_the_other_kind(here, entry)
        if is_monolingual(entry) and entry.get("side") in SIDES:
            yield from _unread(here, str(entry["side"]), values)
    vocabulary = _section(values, "vocabulary")
    if vocabulary.get("monolingual") is True and not any(is_monolingual(entry) for _, entry in entries):
        sentence = "must be false where no corpus is of kind monolingual, got true; leave it out"
        yield ("vocabulary", "monolingual"), sentence


def _keys_of_the_other_kind(here: KeyPath, entry: dict[str, Any]) -> Iterator[Finding]:
    for key in ("side", "column"):
        if entry.get(key) is not None:
            sentence = "must be left out unless kind is monolingual, got {}; say kind: monolingual, or leave it out"
            yield (*here, key), sentence.format(shown(entry[key]))


def _keys(here: KeyPath, entry: dict[str, Any]) -> Iterator[Finding]:
    if entry.get("side") is None:
        yield here, "must name its side where kind is monolingual, got none; say side: source or side: target"
    if entry.get("split") in ("eval", "test", "auto"):
        sentence = "must be train where kind is monolingual, which nothing can be scored on, got {}; say split: train"
        yield (*here, "split"), sentence.format(entry["split"])
    for key, advice in _OF_PAIRS.items():
        if entry.get(key) is not None:
            yield (*here, key), f"must be left out where kind is monolingual, got {shown(entry[key])}; {advice}"
    if entry.get("path") is None and entry.get("source") is None and entry.get("target") is None:
        yield here, "must name its file by path where kind is monolingual, got none; add it"


def _unread(here: KeyPath, side: str, values: dict[str, Any]) -> Iterator[Finding]:
    """A corpus that no stage reads would be cleaned for nothing."""
    pretraining, vocabulary = _section(values, "pretraining"), _section(values, "vocabulary")
    read = pretraining.get("sides", "both") in ("both", side)
    pretrains = pretraining.get("objective", "none") != "none" and pretraining.get("take_from") is None
    if (read and pretrains) or vocabulary.get("monolingual") is True:
        return
    reasons = []
    if not pretrains:
        reasons.append("nothing is pre-trained")
    elif not read:
        reasons.append(f"pretraining.sides is {shown(pretraining['sides'])}")
    reasons.append("vocabulary.monolingual is false")
    yield (
        here,
        f"must have a stage that reads sentences of the {side} where kind is monolingual, got none: "
        f"{listed(reasons, 'and')}; change one of them, or leave the corpus out",
    )


def _section(values: dict[str, Any], name: str) -> dict[str, Any]:
    given = values.get(name)
    return given if isinstance(given, dict) else {}
