"""The probe's verdict, with exports that are wrong in one way."""

import math
from pathlib import Path
from typing import Any

import pytest
from echo_model import write_echo

from seq2seq_tfx.components.serving_probe.faults import find_faults
from seq2seq_tfx.components.serving_probe.stage import HARD_CASES, probe
from seq2seq_tfx.schemas.config.serving_probe import ServingProbeConfig

SENTENCES = ("a dog", "two cats")
GOOD = ("ein Hund", "zwei Katzen")


LIMITS = ServingProbeConfig(max_growth_mib=10, max_latency_seconds=0.5)


def answer(*passes: tuple[str, ...], score: float = -1.0, calls: tuple[str, ...] = GOOD) -> dict[str, Any]:
    """What the child writes: all sentences, all in the opposite order, the last alone; then each alone."""
    return {
        "passes": [{"translations": list(texts), "scores": [score] * len(texts)} for texts in passes],
        "calls": [
            {"source": source, "translations": [text], "scores": [score], "seconds": 0.1}
            for source, text in zip(SENTENCES, calls, strict=True)
        ],
        "resident_mib": [400.0, 409.0],
    }


def test_nothing_is_found_in_a_good_answer() -> None:
    assert find_faults(SENTENCES, answer(GOOD, GOOD[::-1], GOOD[-1:]), 2, LIMITS) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer(GOOD[:1], GOOD[::-1], GOOD[-1:]), "2 went in and 1 came out"),
        (answer(GOOD, GOOD[::-1], ()), "1 went in and 0 came out"),
        (answer(GOOD, GOOD[::-1], GOOD[-1:], score=math.nan), "2 of 2 are not, for instance that of 'a dog'"),
        (answer(GOOD, ("zwei Katzen", "Hund"), GOOD[-1:]), "1 of 2 have not, for instance 'a dog'"),
        (answer(GOOD, GOOD[::-1], ("Katzen",)), "1 of 2 have not, for instance 'two cats'"),
        (answer(GOOD, GOOD[::-1], GOOD[-1:], calls=("Hund", "Katzen")), "2 of 2 have not, for instance 'a dog'"),
        (
            answer(("ein Hund", " "), (" ", "ein Hund"), (" ",), calls=("ein Hund", " ")),
            "1 of 2 have none, for instance 'two cats'",
        ),
        (
            {**answer(GOOD, GOOD[::-1], GOOD[-1:]), "resident_mib": [400.0, 412.5]},
            "by more than 10 MiB (serving_probe.max_growth_mib), but it grew by 12 MiB over 1 calls",
        ),
    ],
)
def test_each_fault_is_named(given: dict[str, Any], words: str) -> None:
    (reason,) = find_faults(SENTENCES, given, 2, LIMITS)
    assert words in reason


@pytest.mark.parametrize(
    ("together", "words"),
    [
        (("ein Hund",), "2 went in and 1 came out"),
        (("ein Hund", " "), "in batches, ordinary sentences must have a translation, but 1 of 2 have none"),
    ],
)
def test_what_is_wrong_in_batches_alone_is_named(together: tuple[str, ...], words: str) -> None:
    batched = {"translations": list(together), "scores": [-1.0] * len(together)}
    (reason,) = find_faults(SENTENCES, {**answer(GOOD, GOOD[::-1], GOOD[-1:]), "together": batched}, 2, LIMITS)
    assert words in reason


def test_another_translation_in_a_batch_is_no_fault_of_an_engine_that_depends_on_it() -> None:
    batched = {"translations": ["der Hund", "Katzen"], "scores": [-1.1, -1.2]}
    assert find_faults(SENTENCES, {**answer(GOOD, GOOD[::-1], GOOD[-1:]), "together": batched}, 2, LIMITS) == []


def test_memory_that_was_given_back_is_no_growth() -> None:
    given = {**answer(GOOD, GOOD[::-1], GOOD[-1:]), "resident_mib": [400.0, 900.0, 401.0]}
    assert find_faults(SENTENCES, given, 2, LIMITS) == []


def test_slow_calls_are_named_when_there_is_a_limit() -> None:
    given = answer(GOOD, GOOD[::-1], GOOD[-1:])
    for call in given["calls"]:
        call["seconds"] = 0.75
    (reason,) = find_faults(SENTENCES, given, 2, LIMITS)
    assert "within 0.5 seconds (serving_probe.max_latency_seconds), but half of them took 0.75 seconds" in reason
    assert find_faults(SENTENCES, given, 2, ServingProbeConfig()) == []


def test_an_export_that_crashes_is_refused_with_its_last_words(tmp_path: Path) -> None:
    report = probe(write_echo(tmp_path / "crash", "crash"), SENTENCES, ServingProbeConfig())
    assert not report.blessed
    assert "must load and translate, but the process ended with 1: " in report.reasons[0]


def test_an_export_that_hangs_is_stopped_and_refused(tmp_path: Path) -> None:
    report = probe(write_echo(tmp_path / "hang", "hang"), SENTENCES, ServingProbeConfig(timeout_seconds=1))
    assert not report.blessed
    assert "within 1 seconds" in report.reasons[0]


def test_an_export_that_takes_too_much_memory_is_stopped_and_refused(tmp_path: Path) -> None:
    report = probe(write_echo(tmp_path / "echo"), SENTENCES, ServingProbeConfig(max_memory_mib=256))
    assert not report.blessed
    assert "must stay within 256 MiB" in report.reasons[0]


def test_an_export_whose_memory_grows_is_refused(tmp_path: Path) -> None:
    report = probe(write_echo(tmp_path / "hoard", "hoard"), SENTENCES, ServingProbeConfig())
    assert not report.blessed
    (reason,) = report.reasons
    grown = report.resident_mib[-1] - report.resident_mib[0]
    # It keeps a MiB of every call, and the five rounds after the first have 50 calls each; copies come on top.
    assert grown > 200
    assert f"it grew by {grown:.0f} MiB over 250 calls of one sentence" in reason


def test_an_export_that_answers_otherwise_each_time_is_refused(tmp_path: Path) -> None:
    report = probe(write_echo(tmp_path / "moody", "moody"), SENTENCES, ServingProbeConfig(rounds=2))
    assert not report.blessed
    assert "whenever it is asked and whatever is asked beside it" in report.reasons[0]


def test_an_export_that_is_too_slow_is_refused(tmp_path: Path) -> None:
    config = ServingProbeConfig(rounds=2, max_latency_seconds=0.001)
    report = probe(write_echo(tmp_path / "slow", "slow"), SENTENCES, config)
    assert not report.blessed
    assert "within 0.001 seconds (serving_probe.max_latency_seconds)" in report.reasons[0]


def test_hard_cases_have_the_empty_and_the_long_line() -> None:
    assert "" in HARD_CASES and max(map(len, HARD_CASES)) == 5000
