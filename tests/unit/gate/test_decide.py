"""Verdicts, by hand."""

import pytest

from seq2seq_tfx.components.evaluation.scoring import MetricValue
from seq2seq_tfx.components.gate.decide import decide
from seq2seq_tfx.schemas.config.evaluation import Metric
from seq2seq_tfx.schemas.config.gate import GateConfig
from seq2seq_tfx.schemas.errors import InputError, WorkError


def scores(**values: float) -> dict[Metric, MetricValue]:
    named: list[Metric] = ["bleu", "chrf", "ter"]
    return {name: MetricValue(value=values[name], signature=f"of {name}") for name in named if name in values}


def gate(minima: dict[str, float] | None = None, max_loss: dict[str, float] | None = None) -> GateConfig:
    return GateConfig.model_validate({"minima": minima or {}, "max_loss": max_loss or {}})


@pytest.mark.parametrize(
    ("config", "baseline", "reasons"),
    [
        (gate(), None, []),
        (gate({"bleu": 30.0}), None, []),
        (gate({"bleu": 30.1}), None, ["BLEU 30.00 is below the lowest allowed, 30.1"]),
        (gate({"ter": 50.0}), None, []),
        (gate({"ter": 49.5}), None, ["TER 50.00 is above the highest allowed, 49.5"]),
        (gate(max_loss={"bleu": 1.0}), None, []),
        (gate(max_loss={"bleu": 1.0}), scores(bleu=31.0, chrf=60.0, ter=50.0), []),
        (gate(max_loss={"bleu": 0.1}), scores(bleu=30.1, chrf=60.0, ter=50.0), []),
        (
            gate(max_loss={"bleu": 1.0}),
            scores(bleu=31.01, chrf=60.0, ter=50.0),
            ["BLEU 30.00 is 1.01 points worse than the model in use (31.01); 1 are allowed"],
        ),
        (gate(max_loss={"ter": 2.0}), scores(bleu=30.0, chrf=60.0, ter=48.0), []),
        (gate(max_loss={"ter": 2.0}), scores(bleu=30.0, chrf=60.0, ter=99.0), []),
        (
            gate(max_loss={"ter": 2.0}),
            scores(bleu=30.0, chrf=60.0, ter=47.5),
            ["TER 50.00 is 2.50 points worse than the model in use (47.50); 2 are allowed"],
        ),
        (
            gate({"bleu": 40.0, "chrf": 70.0}, {"chrf": 0.0}),
            scores(bleu=10.0, chrf=60.5, ter=50.0),
            [
                "BLEU 30.00 is below the lowest allowed, 40",
                "chrF 60.00 is below the lowest allowed, 70",
                "chrF 60.00 is 0.50 points worse than the model in use (60.50); 0 are allowed",
            ],
        ),
    ],
)
def test_verdict_follows_minima_and_losses(
    config: GateConfig, baseline: dict[Metric, MetricValue] | None, reasons: list[str]
) -> None:
    found = decide(scores(bleu=30.0, chrf=60.0, ter=50.0), baseline, config)
    assert found.blessed is (not reasons)
    if reasons:
        assert list(found.reasons) == reasons


def test_reason_says_what_was_passed_when_the_model_is_blessed() -> None:
    first = decide(scores(bleu=30.0), None, gate())
    assert first.reasons == ("no minimum is set, and there is no model in use to compare with",)
    better = decide(scores(bleu=30.0, ter=50.0), scores(bleu=28.5, ter=49.0), gate({"bleu": 1.0}))
    assert better.reasons == ("every bound is met; against the model in use: BLEU +1.50, TER +1.00",)


def test_comparison_holds_every_number_when_there_is_a_baseline() -> None:
    (found,) = decide(scores(ter=50.0), scores(ter=48.0), gate({"ter": 60.0}, {"ter": 3.0})).comparisons
    assert (found.candidate, found.baseline, found.loss, found.bound, found.max_loss) == (50.0, 48.0, 2.0, 60.0, 3.0)


def test_model_is_refused_when_a_score_is_no_number() -> None:
    found = decide(scores(bleu=float("nan")), None, gate())
    assert (found.blessed, found.reasons) == (False, ("BLEU must be a number, got nan",))


@pytest.mark.parametrize("config", [gate({"chrf": 50.0}), gate(max_loss={"chrf": 1.0})])
def test_bound_without_its_metric_is_an_error(config: GateConfig) -> None:
    with pytest.raises(InputError, match=r"metrics of evaluation.metrics \(bleu\), got chrf in gate"):
        decide(scores(bleu=30.0), None, config)


def test_default_bounds_of_metrics_that_are_not_computed_are_passed_over() -> None:
    assert decide(scores(ter=50.0), scores(ter=50.0), GateConfig()).blessed


def test_different_signatures_are_not_compared() -> None:
    other: dict[Metric, MetricValue] = {"bleu": MetricValue(value=30.0, signature="tok:intl")}
    with pytest.raises(WorkError, match="one signature for both models"):
        decide(scores(bleu=30.0), other, gate())
