"""Translations as columns of a database: text, score, and whatever else there is, which is mostly nothing."""

from typing import Any

import orjson

from seq2seq_tfx.components.translation.engine import Translation
from seq2seq_tfx.components.translation.manner import Alignment, Alternative


def packed(translation: Translation) -> str:
    """All of a translation but its text and score: JSON, or nothing where there is no more.

    Example:
        >>> packed(Translation("ja", -0.5)), packed(Translation("ja", -0.5, truncated=True))
        ('', '{"truncated":true}')
    """
    if not any(translation[2:]):
        return ""
    more: dict[str, Any] = {}
    if translation.truncated:
        more["truncated"] = True
    if translation.others:
        more["others"] = [list(each) for each in translation.others]
    if translation.alignment is not None:
        more["alignment"] = [list(each) for each in translation.alignment]
    if translation.flags:
        more["flags"] = list(translation.flags)
    return orjson.dumps(more).decode()


def unpacked(text: str, score: float, more: str) -> Translation:
    """The translation again."""
    if not more:
        return Translation(text, score)
    found = orjson.loads(more)
    alignment = found.get("alignment")
    return Translation(
        text,
        score,
        truncated=found.get("truncated", False),
        others=tuple(Alternative(*each) for each in found.get("others", ())),
        alignment=None if alignment is None else _alignment(*alignment),
        flags=tuple(found.get("flags", ())),
    )


def _alignment(links: list[list[int]], source_pieces: list[str], pieces: list[str]) -> Alignment:
    return Alignment(tuple((each[0], each[1]) for each in links), tuple(source_pieces), tuple(pieces))
