"""Translations as columns of a database: text, score, whether cut, and what else there is, mostly nothing."""

from typing import Any

import orjson

from seq2seq_tfx.components.translation.engine import Translation
from seq2seq_tfx.components.translation.manner import Alignment, Alternative


def packed(translation: Translation) -> str:
    """What has no column of its own: JSON, or nothing where there is no more.

    Example:
        >>> packed(Translation("ja", -0.5)), packed(Translation("ja", -0.5, flags=("loop",)))
        ('', '{"flags":["loop"]}')
    """
    if not any(translation[3:]):
        return ""
    more: dict[str, Any] = {}
    if translation.others:
        more["others"] = [list(each) for each in translation.others]
    if translation.alignment is not None:
        more["alignment"] = [list(each) for each in translation.alignment]
    if translation.flags:
        more["flags"] = list(translation.flags)
    return orjson.dumps(more).decode()


def unpacked(text: str, score: float, truncated: int | None, more: str) -> Translation:
    """The translation again."""
    cut = None if truncated is None else bool(truncated)
    if not more:
        return Translation(text, score, cut)
    found = orjson.loads(more)
    alignment = found.get("alignment")
    return Translation(
        text,
        score,
        truncated=cut,
        others=tuple(Alternative(*each) for each in found.get("others", ())),
        alignment=None if alignment is None else _alignment(*alignment),
        flags=tuple(found.get("flags", ())),
    )


def _alignment(links: list[list[int]], source_pieces: list[str], pieces: list[str]) -> Alignment:
    return Alignment(tuple((each[0], each[1]) for each in links), tuple(source_pieces), tuple(pieces))
