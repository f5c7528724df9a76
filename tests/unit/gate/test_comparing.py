"""Margins, slices and Holm's correction, by hand."""

import pytest

from seq2seq_tfx.components.gate.comparing import Difference, Translations, compare, holm_levels
from seq2seq_tfx.schemas.config.gate import GateConfig

REFERENCES = [[f"the {name} is here {number} times"] for number in range(10) for name in ("cat", "dog", "cow", "hen")]
GOOD = [each[0] for each in REFERENCES]
BAD = [text.replace("here", "there") for text in GOOD]
SLICES = [("corpus=demo", f"half={number % 2}") for number in range(40)]


def compared(candidate: list[str], baseline: list[str], **settings: object) -> dict[tuple[str, str], Difference]:
    config = GateConfig.model_validate({"min_slice_sentences": 20, "resamples": 200, **settings})
    translations = Translations(candidate=candidate, baseline=baseline, references=REFERENCES, slices=SLICES)
    return {(each.slice, each.metric): each for each in compare(translations, ["bleu", "chrf", "ter"], "13a", config)}


def test_every_metric_is_compared_on_all_sentences_and_the_judged_ones_on_slices() -> None:
    found = compared(GOOD, GOOD)
    halves = [(f"half={n}", metric) for metric in ("bleu", "chrf") for n in (0, 1)]
    assert set(found) == {("all", "bleu"), ("all", "chrf"), ("all", "ter"), *halves}
    assert found["all", "ter"].margin is None
    assert (found["half=0", "bleu"].sentences, found["half=0", "bleu"].p_randomization) == (20, None)


def test_small_slices_are_left_out() -> None:
    assert {name for name, _ in compared(GOOD, GOOD, min_slice_sentences=21)} == {"all"}


def test_levels_are_holm_s() -> None:
    easy = {"bleu": 99.0, "chrf": 99.0}
    found = [each for each in compared(BAD, GOOD, margins=easy, slice_margins=easy).values() if each.level is not None]
    ordered = sorted(found, key=lambda each: each.p_margin or 0)
    assert [each.level for each in ordered] == pytest.approx([0.05 / (6 - rank) for rank in range(6)])
    assert not any(each.crosses_margin for each in found)


@pytest.mark.parametrize(
    ("p_values", "levels"),
    [
        ([], []),
        ([0.05], [0.05]),
        ([0.012, 0.016, 0.02, 0.05], [0.0125, 0.05 / 3, 0.025, 0.05]),
        # 0.045 would hold at 5 %, but 0.02, which is surer, does not hold at 1.25 %.
        ([0.02, 0.03, 0.04, 0.045], [0.0125, 0.0125, 0.0125, 0.0125]),
        ([0.001, 0.02, 0.021, 0.9], [0.0125, 0.05 / 3, 0.05 / 3, 0.05 / 3]),
    ],
)
def test_nothing_less_sure_is_shown_after_a_comparison_that_fails(p_values: list[float], levels: list[float]) -> None:
    assert holm_levels(p_values, 0.05) == pytest.approx(levels)
    fails = [p > level for p, level in zip(p_values, levels, strict=True)]
    assert fails == sorted(fails)


@pytest.mark.parametrize(("margin", "crosses"), [(0.5, True), (60.0, False)])
def test_a_margin_is_crossed_when_the_lower_bound_lies_below_it(margin: float, crosses: bool) -> None:
    found = compared(BAD, GOOD, margins={"chrf": margin}, slice_margins={}, max_slice_loss={})["all", "chrf"]
    assert found.lower_bound is not None
    assert found.crosses_margin is crosses is (found.lower_bound <= -margin)
    assert found.level == pytest.approx(0.05)
    assert found.gain < 0


def test_a_gain_in_ter_is_fewer_edits() -> None:
    found = compared(GOOD, BAD, margins={"ter": 1.0}, slice_margins={})["all", "ter"]
    assert found.candidate < found.baseline
    assert found.gain == pytest.approx(found.baseline - found.candidate)
    low, high = found.interval
    assert 0 < low <= found.gain + 1e-4 <= high + 2e-4
    assert found.lower_bound is not None
    assert found.lower_bound > 0
    assert not found.crosses_margin


def test_a_model_against_itself_crosses_nothing() -> None:
    for each in compared(BAD, BAD).values():
        assert (each.gain, each.crosses_margin) == (0.0, False)
        assert each.lower_bound in (0.0, None)
