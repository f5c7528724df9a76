"""The gate's decision in words."""

from typing import Any

import pytest

from seq2seq_tfx.pipeline.results import score_table
from seq2seq_tfx.pipeline.verdicts import decision_text

DIFFERENCE: dict[str, Any] = {
    "slice": "domain=news",
    "metric": "chrf++",
    "sentences": 1200,
    "baseline": 50.0,
    "candidate": 51.25,
    "gain": 1.25,
    "interval": [-0.5, 3.0],
    "p_bootstrap": 0.04,
    "p_randomization": None,
}


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("blessed", "the gate lets the model pass:\n  because"),
        ("accepted", "the gate refuses the model, a person accepts it:\n  because"),
        ("refused", "the gate refuses the model:\n  because"),
    ],
)
def test_the_verdict_comes_first_and_its_reasons_below(verdict: str, words: str) -> None:
    assert decision_text({"verdict": verdict, "reasons": ["because"], "differences": []}) == words


def test_differences_are_shown_with_interval_and_p_values() -> None:
    text = decision_text({"verdict": "blessed", "reasons": ["fine"], "differences": [DIFFERENCE]})
    row = text.splitlines()[-1].split()
    assert row == ["domain=news", "1,200", "chrF++", "50.00", "51.25", "+1.25", "-0.50", "to", "+3.00", "0.0400"]


def test_decisions_of_earlier_versions_have_no_differences() -> None:
    assert decision_text({"verdict": "blessed", "reasons": ["fine"]}).endswith("fine")


def test_slices_are_shown_by_bleu_and_chrf_only() -> None:
    rows = [
        {"slice": place, "metric": metric, "value": 0.98765, "sentences": 10, "signature": "s"}
        for place in ("all", "corpus=a")
        for metric in ("bleu", "ter", "length_ratio", "comet")
    ]
    lines = [line.split()[:-2] for line in score_table(rows).splitlines()[2:]]
    assert lines == [
        ["all", "BLEU", "1.0"],
        ["all", "TER", "1.0"],
        ["all", "length", "ratio", "0.988"],
        ["all", "comet", "0.988"],
        ["corpus=a", "BLEU", "1.0"],
    ]
