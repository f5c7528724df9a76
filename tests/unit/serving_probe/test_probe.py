"""The probe's verdict, with exports that are wrong in one way."""

import math
from pathlib import Path
from typing import Any

import pytest
from echo_model import write_echo

from seq2seq_tfx.components.serving_probe.stage import HARD_CASES, find_faults, probe
from seq2seq_tfx.schemas.config.serving_probe import ServingProbeConfig

SENTENCES = ("a dog", "two cats")
GOOD = ("ein Hund", "zwei Katzen")


def answer(*passes: tuple[str, ...], score: float = -1.0) -> dict[str, Any]:
    """What the child writes: all sentences, all in the opposite order, the last alone."""
    return {"passes": [{"translations": list(texts), "scores": [score] * len(texts)} for texts in passes]}


def test_nothing_is_found_in_a_good_answer() -> None:
    assert find_faults(SENTENCES, answer(GOOD, GOOD[::-1], GOOD[-1:]), ordinary=2) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer(GOOD[:1], GOOD[::-1], GOOD[-1:]), "2 went in and 1 came out"),
        (answer(GOOD, GOOD[::-1], ()), "1 went in and 0 came out"),
        (answer(GOOD, GOOD[::-1], GOOD[-1:], score=math.nan), "2 of 2 are not, for instance that of 'a dog'"),
        (answer(GOOD, ("zwei Katzen", "Hund"), GOOD[-1:]), "1 of 2 have not, for instance 'a dog'"),
        (answer(GOOD, GOOD[::-1], ("Katzen",)), "1 of 2 have not, for instance 'two cats'"),
        (answer(("ein Hund", " "), (" ", "ein Hund"), (" ",)), "1 of 2 have none, for instance 'two cats'"),
    ],
)
def test_each_fault_is_named(given: dict[str, Any], words: str) -> None:
    (reason,) = find_faults(SENTENCES, given, ordinary=2)
    assert words in reason


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


def test_hard_cases_have_the_empty_and_the_long_line() -> None:
    assert "" in HARD_CASES and max(map(len, HARD_CASES)) == 5000
