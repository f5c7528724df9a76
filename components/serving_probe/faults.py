"""What is wrong with the answers of an export, in words."""

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any, NamedTuple

from seq2seq_tfx.schemas.config.serving_probe import ServingProbeConfig


class _Said(NamedTuple):
    """What a sentence was answered with."""

    text: str
    score: float


def find_faults(
    sentences: Sequence[str], answer: dict[str, Any], ordinary: int, config: ServingProbeConfig
) -> list[str]:
    """What is wrong with an answer, in words; nothing if it is as it must be.

    Args:
        sentences: What was asked.
        answer: The child's: `passes` over the sentences, over them in the opposite order, over the last alone; `calls`
            with one sentence each; `resident_mib` after each round of calls; of an engine whose sums depend on what is
            computed together, `together` as well: all sentences in batches.
        ordinary: How many sentences, counted from the end, must have a translation.
        config: The limits.
    """
    beside = [answer["together"]] if "together" in answer else []
    asked = (len(sentences), len(sentences), 1, *(1 for _ in answer["calls"]), *(len(sentences) for _ in beside))
    results = [_said(each) for each in (*answer["passes"], *answer["calls"], *beside)]
    for wanted, result in zip(asked, results, strict=True):
        if len(result) != wanted:
            return [f"every sentence must come back once, but {wanted} went in and {len(result)} came out"]
    first = results[0]
    found = (
        *_wrong_in_itself(sentences, first, ordinary),
        _changing(sentences, first, _again(sentences, answer, results)),
        *(_wrong_in_batches(sentences, (first, results[-1]), ordinary) if beside else ()),
        _growing(answer["resident_mib"], len(answer["calls"]), config),
        _slow([call["seconds"] for call in answer["calls"]], config),
    )
    return [reason for reason in found if reason is not None]


def _wrong_in_itself(sentences: Sequence[str], said: list[_Said], ordinary: int) -> tuple[str | None, ...]:
    return _not_finite(sentences, said), _empty(sentences, said, ordinary)


def _wrong_in_batches(
    sentences: Sequence[str], answers: tuple[list[_Said], list[_Said]], ordinary: int
) -> Iterator[str]:
    """What is wrong where sentences are computed together, and was not where each was alone."""
    for alone, together in zip(*(_wrong_in_itself(sentences, said, ordinary) for said in answers), strict=True):
        if alone is None and together is not None:
            yield f"in batches, {together}"


def _said(result: dict[str, Any]) -> list[_Said]:
    return [_Said(*each) for each in zip(result["translations"], result["scores"], strict=False)]


def _again(sentences: Sequence[str], answer: dict[str, Any], results: list[list[_Said]]) -> list[tuple[str, _Said]]:
    """Every sentence that was asked again, with its answer."""
    _, opposite, alone, *calls = results[: len(answer["passes"]) + len(answer["calls"])]
    again = [*zip(sentences, opposite[::-1], strict=True), (sentences[-1], alone[0])]
    return [*again, *((call["source"], result[0]) for call, result in zip(answer["calls"], calls, strict=True))]


def _not_finite(sentences: Sequence[str], first: list[_Said]) -> str | None:
    strange = [source for source, said in zip(sentences, first, strict=True) if not math.isfinite(said.score)]
    if not strange:
        return None
    return (
        f"every score must be a finite number, but {len(strange)} of {len(first)} are not, "
        f"for instance that of {strange[0][:80]!r}"
    )


def _changing(sentences: Sequence[str], first: list[_Said], again: list[tuple[str, _Said]]) -> str | None:
    # Scores are compared as text, in which two that are no numbers are equal.
    before = {source: repr(said) for source, said in zip(sentences, first, strict=True)}
    changed = list(dict.fromkeys(source for source, said in again if repr(said) != before[source]))
    if not changed:
        return None
    return (
        "a sentence must have the same translation whenever it is asked and whatever is asked beside it, "
        f"but {len(changed)} of {len(sentences)} have not, for instance {changed[0][:80]!r}"
    )


def _empty(sentences: Sequence[str], first: list[_Said], ordinary: int) -> str | None:
    asked = list(zip(sentences, first, strict=True))[len(sentences) - ordinary :]
    empty = [source for source, said in asked if not said.text.strip()]
    if not empty:
        return None
    return (
        f"ordinary sentences must have a translation, but {len(empty)} of {len(asked)} have none, "
        f"for instance {empty[0][:80]!r}"
    )


def _growing(resident_mib: Sequence[float], calls: int, config: ServingProbeConfig) -> str | None:
    growth = resident_mib[-1] - resident_mib[0]
    if growth <= config.max_growth_mib:
        return None
    later = calls - calls // len(resident_mib)
    return (
        f"memory must not grow with the calls, by more than {config.max_growth_mib} MiB "
        f"(serving_probe.max_growth_mib), but it grew by {growth:.0f} MiB over {later:,} calls of one sentence"
    )


def _slow(seconds: Sequence[float], config: ServingProbeConfig) -> str | None:
    limit, found = config.max_latency_seconds, median(seconds)
    if limit is None or found <= limit:
        return None
    return (
        f"a sentence asked alone must be translated within {limit:g} seconds (serving_probe.max_latency_seconds), "
        f"but half of them took {found:.3g} seconds or more"
    )
