"""The verdict on a model: fixed minima, bounds on broken translations, and what it may lose against the model in use.

`docs/gate.md` says what each rule is for.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, get_args

from seq2seq_tfx.components.evaluation.scores import POOL
from seq2seq_tfx.components.evaluation.scoring import LOWER_IS_BETTER, NAMES, MetricValue
from seq2seq_tfx.components.gate.comparing import Difference, by_name
from seq2seq_tfx.components.gate.failures import FailureBound, in_words
from seq2seq_tfx.schemas.config.evaluation import Metric, Quality
from seq2seq_tfx.schemas.config.gate import GateConfig
from seq2seq_tfx.schemas.errors import InputError, WorkError

QUALITIES: Final = frozenset(get_args(Quality))
"""Metrics that say how good a translation is: those that a model can lose in."""

_BOUNDS: Final = ("slice_margins", "max_slice_loss", "margins", "max_loss", "minima")
_SLACK: Final = 1e-9
"""A loss of exactly the allowed points passes, whatever the last bit of the subtraction says."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One metric: what was reached, and what was asked for."""

    metric: Metric
    candidate: float
    baseline: float | None
    """The model in use; None if there is none."""
    loss: float | None
    """Points that the candidate is worse by (for ter: higher by); negative if it is better; None for a length ratio."""
    bound: float | None
    """Lowest allowed score (for ter: highest); None if none is configured."""
    max_loss: float | None
    """Largest allowed loss; None if none is configured."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether a model may be pushed, and why."""

    blessed: bool
    reasons: tuple[str, ...]
    """Why it was refused; or what it passed."""
    comparisons: tuple[Comparison, ...]
    """All sentences, metric by metric."""
    differences: tuple[Difference, ...] = ()
    """With confidence, overall and on slices; none without a model in use."""
    failures: tuple[FailureBound, ...] = ()


def require_metrics(config: GateConfig, metrics: Iterable[Metric]) -> None:
    """See that every bound has a score to be held against.

    Args:
        config: The policy. Default bounds of metrics that are not computed are passed over; those that are set are not.
        metrics: Those that the evaluation computes.

    Raises:
        InputError: If a bound names another one.
    """
    computed = tuple(metrics)
    given = [name for name in _BOUNDS if getattr(config, name) != type(config).model_fields[name].default]
    missing = {metric: name for name in given for metric in {*getattr(config, name)} - {*computed}}
    if missing:
        places = ", ".join(f"{metric} in gate.{name}" for metric, name in sorted(missing.items()))
        raise InputError(
            f"the gate's bounds must name metrics of evaluation.metrics ({', '.join(computed)}), "
            f"got {places}; add it to evaluation.metrics, or take its bound away"
        )


def decide(
    candidate: Mapping[Metric, MetricValue],
    baseline: Mapping[Metric, MetricValue] | None,
    config: GateConfig,
    differences: tuple[Difference, ...] = (),
    failures: tuple[FailureBound, ...] = (),
) -> Decision:
    """Judge a model by what is known of it on the test split.

    Args:
        candidate: Its scores on all sentences.
        baseline: Those of the model in use on the same sentences; None if there is none: then only minima and failures
            count.
        config: The policy.
        differences: The comparisons with the model in use that the policy asks for.
        failures: What the text checks found, held against their bounds.

    Raises:
        InputError: If a bound is set for a metric that was not computed.
        WorkError: If the two models were scored in different ways.
    """
    require_metrics(config, candidate)
    if baseline is not None:
        _require_same_signatures(candidate, baseline)
    comparisons = tuple(_compare(metric, score, baseline, config) for metric, score in candidate.items())
    refusals = (
        *(reason for each in comparisons for reason in _refusals(each)),
        *(reason for each in differences for reason in _difference_refusals(each)),
        *(in_words(each) for each in failures if each.broken),
    )
    return Decision(
        blessed=not refusals,
        reasons=refusals or (_passed(comparisons),),
        comparisons=comparisons,
        differences=differences,
        failures=failures,
    )


def _require_same_signatures(candidate: Mapping[Metric, MetricValue], baseline: Mapping[Metric, MetricValue]) -> None:
    for metric, score in candidate.items():
        if metric not in baseline or baseline[metric].signature != score.signature:
            other = baseline[metric].signature if metric in baseline else "none"
            raise WorkError(
                f"{NAMES[metric]} must have one signature for both models to be compared, got {score.signature} and "
                f"{other}; run again with --force evaluation"
            )


def _compare(
    metric: Metric, score: MetricValue, baseline: Mapping[Metric, MetricValue] | None, config: GateConfig
) -> Comparison:
    before = None if baseline is None else baseline[metric].value
    sign = -1.0 if metric in LOWER_IS_BETTER else 1.0
    return Comparison(
        metric=metric,
        candidate=score.value,
        baseline=before,
        loss=None if before is None or metric not in QUALITIES else sign * (before - score.value),
        bound=config.minima.get(metric),
        max_loss=by_name(config.max_loss).get(metric),
    )


def _refusals(found: Comparison) -> Iterator[str]:
    name, value, bound = NAMES[found.metric], found.candidate, found.bound
    if not math.isfinite(value):
        yield f"{name} must be a number, got {value}"
        return
    if bound is not None and found.metric in LOWER_IS_BETTER and value > bound + _SLACK:
        yield f"{name} {value:.2f} is above the highest allowed, {bound:g}"
    if bound is not None and found.metric not in LOWER_IS_BETTER and value < bound - _SLACK:
        yield f"{name} {value:.2f} is below the lowest allowed, {bound:g}"
    if found.loss is not None and found.max_loss is not None and found.loss > found.max_loss + _SLACK:
        yield (
            f"{name} {value:.2f} is {found.loss:.2f} points worse than the model in use ({found.baseline:.2f}); "
            f"{found.max_loss:g} are allowed"
        )


def _difference_refusals(found: Difference) -> Iterator[str]:
    name = NAMES[found.metric]
    everywhere = found.slice == POOL
    where = "all sentences" if everywhere else f"{found.slice} ({found.sentences:,} sentences)"
    loss = -found.gain
    if found.max_loss is not None and loss > found.max_loss + _SLACK and not everywhere:
        yield (
            f"{name} {found.candidate:.2f} on {where} is {loss:.2f} points worse than the model in use "
            f"({found.baseline:.2f}); {found.max_loss:g} are allowed on a slice"
        )
    if found.crosses_margin and found.margin is not None and found.lower_bound is not None:
        measured = f"{loss:.2f} worse" if loss > 0 else f"{-loss:.2f} better"
        yield (
            f"{name} on {where} may be up to {-found.lower_bound:.2f} points worse than the model in use (measured: "
            f"{measured}); a loss of {found.margin:g} must be ruled out"
        )


def _passed(comparisons: tuple[Comparison, ...]) -> str:
    bounds = "every bound is met" if any(each.bound is not None for each in comparisons) else "no minimum is set"
    if all(each.baseline is None for each in comparisons):
        return f"{bounds}, and there is no model in use to compare with"
    changes = ", ".join(
        f"{NAMES[each.metric]} {each.candidate - each.baseline:+.2f}"
        for each in comparisons
        if each.baseline is not None and each.metric in QUALITIES
    )
    return f"{bounds}; against the model in use: {changes}"
