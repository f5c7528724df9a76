"""From the candidate's scores and both models' translations to a verdict and its record."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from seq2seq_tfx.components.evaluation.judging import Judged
from seq2seq_tfx.components.evaluation.scores import FailureCount, Score, pooled
from seq2seq_tfx.components.evaluation.scoring import MetricValue, score_all, tokenizer_for
from seq2seq_tfx.components.evaluation.translated import Translated
from seq2seq_tfx.components.gate.acceptance import Acceptance
from seq2seq_tfx.components.gate.comparing import Difference, Translations, compare
from seq2seq_tfx.components.gate.decide import QUALITIES, Decision, decide
from seq2seq_tfx.components.gate.failures import failure_bounds
from seq2seq_tfx.components.gate.settings import GateSettings
from seq2seq_tfx.components.versions import Identity
from seq2seq_tfx.schemas.config.evaluation import Metric
from seq2seq_tfx.schemas.errors import WorkError


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """The model to be judged."""

    export_id: str
    scores: Sequence[Score]
    """As the evaluation stored them."""
    failures: Sequence[FailureCount] = ()
    """What the text checks found, as the evaluation stored it."""
    translations: Sequence[Translated]
    judged: Sequence[Judged] = ()
    """What is known of each sentence, in the order of the translations."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The model in use."""

    identity: Identity
    translations: Sequence[Translated]
    """Of the same sentences."""


def judge(
    candidate: Candidate, baseline: Baseline | None, settings: GateSettings, acceptance: Acceptance | None = None
) -> tuple[Decision, dict[str, Any]]:
    """Decide, and say why.

    Args:
        candidate: The model to be judged.
        baseline: The model in use, if there is one.
        settings: What must hold.
        acceptance: A person's word for this candidate against this baseline: then a refusal does not count.

    Returns:
        The verdict, and the content of `decision.json`.

    Raises:
        WorkError: If the two models did not translate the same sentences.
        InputError: If a bound is set for a metric that was not computed.
    """
    before = None if baseline is None else _baseline_scores(candidate, baseline, settings)
    differences = () if baseline is None else _differences(candidate, baseline, settings)
    failures = failure_bounds(candidate.failures, settings.gate)
    decision = decide(pooled(candidate.scores), before, settings.gate, differences, failures)
    accepted = acceptance is not None and not decision.blessed
    if acceptance is not None and accepted:
        words = f"accepted by a person: {acceptance.reason}"
        decision = replace(decision, blessed=True, reasons=(words, *decision.reasons))
    record = {
        "verdict": "accepted" if accepted else "blessed" if decision.blessed else "refused",
        "reasons": decision.reasons,
        "acceptance": asdict(acceptance) if acceptance is not None and accepted else None,
        "split": candidate.scores[0].split,
        "candidate": {"export_id": candidate.export_id, "scores": [asdict(score) for score in candidate.scores]},
        "baseline": None if baseline is None or before is None else _baseline_record(baseline, before),
        "comparisons": [asdict(each) for each in decision.comparisons],
        "differences": [asdict(each) for each in decision.differences],
        "failures": [asdict(each) for each in decision.failures],
    }
    return decision, record


def _baseline_scores(candidate: Candidate, baseline: Baseline, settings: GateSettings) -> dict[Metric, MetricValue]:
    ours, theirs = ([each.pair_id for each in of.translations] for of in (candidate, baseline))
    if ours != theirs:
        raise WorkError(
            "the candidate and the model in use must have translated the same test sentences in the same order, "
            f"got {len(ours):,} and {len(theirs):,}, {len({*ours} & {*theirs}):,} of them the same; "
            "run again with --force translations"
        )
    return score_all(
        [each.translation for each in baseline.translations],
        [each.references for each in baseline.translations],
        settings.evaluation,
        settings.languages.target,
    )


def _differences(candidate: Candidate, baseline: Baseline, settings: GateSettings) -> tuple[Difference, ...]:
    slices = {each.pair_id: each.slice_names() for each in candidate.judged}
    return compare(
        Translations(
            candidate=[each.translation for each in candidate.translations],
            baseline=[each.translation for each in baseline.translations],
            references=[each.references for each in candidate.translations],
            slices=[slices.get(each.pair_id, ()) for each in candidate.translations],
        ),
        [metric for metric in dict.fromkeys(settings.evaluation.metrics) if metric in QUALITIES],
        tokenizer_for(settings.evaluation.tokenizer, settings.languages.target),
        settings.gate,
    )


def _baseline_record(baseline: Baseline, scores: Mapping[Metric, MetricValue]) -> dict[str, Any]:
    return {
        "export_id": baseline.identity.export_id,
        "version": baseline.identity.number,
        "scores": {metric: asdict(score) for metric, score in scores.items()},
    }
