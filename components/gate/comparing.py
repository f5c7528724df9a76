"""Candidate against the model in use, sentence by sentence: differences with confidence, overall and on slices.

Holm 1979, A Simple Sequentially Rejective Multiple Test Procedure; non-inferiority as in Piaggio 2012, CONSORT.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from seq2seq_tfx.components.evaluation.scores import POOL
from seq2seq_tfx.components.evaluation.scoring import LOWER_IS_BETTER, Scorer
from seq2seq_tfx.components.evaluation.significance import Bootstrap, paired_bootstrap, paired_randomization
from seq2seq_tfx.schemas.config.evaluation import Metric
from seq2seq_tfx.schemas.config.gate import GateConfig, Points

_SHOWN_CONFIDENCE: Final = 0.95
_SWAPS_A_RESAMPLE: Final = 5
"""A trial of the swaps costs less and says less than a drawn test set."""


@dataclass(frozen=True, kw_only=True)
class Translations:
    """Two systems' translations of the same sentences."""

    candidate: Sequence[str]
    baseline: Sequence[str]
    references: Sequence[Sequence[str]]
    slices: Sequence[Sequence[str]]
    """The slices that each sentence belongs to, as in `corpus=news`."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One metric on one slice, by both systems; gains are in points, positive where the candidate is better."""

    slice: str
    metric: Metric
    sentences: int
    candidate: float
    baseline: float
    gain: float
    interval: tuple[float, float]
    """95 % confidence interval of the gain."""
    p_bootstrap: float
    """sacreBLEU's `--paired-bs`."""
    p_randomization: float | None
    """sacreBLEU's `--paired-ar`; on all sentences only."""
    margin: float | None = None
    """The loss that must be ruled out; None where nothing is asked."""
    max_loss: float | None = None
    """Largest allowed loss as measured; None where nothing is asked."""
    p_margin: float | None = None
    """How often a drawn test set loses the margin or more."""
    level: float | None = None
    """What `p_margin` must not exceed, after Holm's correction."""
    lower_bound: float | None = None
    """The gain is above this with the confidence that `level` stands for."""

    @property
    def crosses_margin(self) -> bool:
        """Whether a loss as large as the margin cannot be ruled out."""
        return self.p_margin is not None and self.level is not None and self.p_margin > self.level


def by_name(points: Points) -> dict[str, float]:
    """Bounds by the metric's name, whichever metric is asked for."""
    return {str(metric): value for metric, value in points.items()}


def compare(
    translations: Translations, metrics: Iterable[Metric], tokenizer: str, config: GateConfig
) -> tuple[Difference, ...]:
    """Every comparison that the policy asks for, and those of all metrics on all sentences.

    Args:
        translations: Of both systems.
        metrics: Those that are shown.
        tokenizer: BLEU's, not `auto`.
        config: Margins, losses, which slices count, how sure one must be.
    """
    groups = _groups(translations, config.min_slice_sentences)
    found: list[tuple[Difference, Bootstrap]] = []
    for metric in metrics:
        scorer = Scorer(metric, tokenizer)
        ours = scorer.rows(translations.candidate, translations.references)
        theirs = scorer.rows(translations.baseline, translations.references)
        for name, numbers in groups.items():
            if name == POOL or metric in config.slice_margins or metric in config.max_slice_loss:
                rows = _Rows(name, [theirs[n] for n in numbers], [ours[n] for n in numbers])
                found.append(_difference(metric, scorer, rows, config))
    return _corrected(found, config.confidence)


@dataclass(frozen=True)
class _Rows:
    slice: str
    baseline: list[list[float]]
    candidate: list[list[float]]


def _groups(translations: Translations, fewest: int) -> dict[str, list[int]]:
    """Slice to the numbers of its sentences; slices of all sentences, or of few, are left out."""
    everything = list(range(len(translations.candidate)))
    groups: dict[str, list[int]] = {}
    for number, names in enumerate(translations.slices):
        for name in names:
            groups.setdefault(name, []).append(number)
    kept = {name: groups[name] for name in sorted(groups) if fewest <= len(groups[name]) < len(everything)}
    return {POOL: everything, **kept}


def _difference(metric: Metric, scorer: Scorer, rows: _Rows, config: GateConfig) -> tuple[Difference, Bootstrap]:
    sign = -1.0 if metric in LOWER_IS_BETTER else 1.0
    pooled = rows.slice == POOL
    margins = by_name(config.margins if pooled else config.slice_margins)
    losses = by_name(config.max_loss if pooled else config.max_slice_loss)
    drawn = paired_bootstrap(scorer, rows.baseline, rows.candidate, config.resamples)
    ends = sorted(sign * end for end in drawn.interval(_SHOWN_CONFIDENCE))
    margin = margins.get(metric)
    difference = Difference(
        slice=rows.slice,
        metric=metric,
        sentences=len(rows.candidate),
        candidate=_score(scorer, rows.candidate),
        baseline=_score(scorer, rows.baseline),
        gain=sign * drawn.difference,
        interval=(ends[0], ends[1]),
        p_bootstrap=drawn.p_value,
        p_randomization=_p_of_swaps(scorer, rows, config) if pooled else None,
        margin=margin,
        max_loss=losses.get(metric),
        p_margin=None if margin is None else _share_that_loses(sign * drawn.differences, margin),
    )
    return difference, drawn


def _p_of_swaps(scorer: Scorer, rows: _Rows, config: GateConfig) -> float:
    trials = _SWAPS_A_RESAMPLE * config.resamples
    return paired_randomization(scorer, rows.baseline, rows.candidate, trials)


def _score(scorer: Scorer, rows: list[list[float]]) -> float:
    return scorer.value_of_sums([sum(column) for column in zip(*rows, strict=True)])


def _share_that_loses(gains: "np.ndarray[tuple[int], np.dtype[np.float64]]", margin: float) -> float:
    return (int(np.sum(gains <= -margin)) + 1) / (len(gains) + 1)


def _corrected(found: Sequence[tuple[Difference, Bootstrap]], confidence: float) -> tuple[Difference, ...]:
    """Give each comparison that has a margin its level."""
    asked = sorted(
        (number for number, (each, _) in enumerate(found) if each.p_margin is not None),
        key=lambda number: found[number][0].p_margin or 0.0,
    )
    given = holm_levels([found[number][0].p_margin or 0.0 for number in asked], 1.0 - confidence)
    levels = dict(zip(asked, given, strict=True))
    return tuple(
        replace(each, level=levels[number], lower_bound=_lower_bound(each, drawn, levels[number]))
        if number in levels
        else each
        for number, (each, drawn) in enumerate(found)
    )


def holm_levels(ordered: Sequence[float], error: float) -> list[float]:
    """What each p-value must not exceed: error / k, then error / (k - 1), and so on to the error for the last.

    After one that exceeds its level the level stays: nothing less sure is shown either.

    Args:
        ordered: The p-values, ascending.
        error: How often any of the statements may be wrong.

    Example:
        >>> holm_levels([0.01, 0.03, 0.04], 0.06)
        [0.02, 0.03, 0.06]
        >>> holm_levels([0.021, 0.03, 0.04], 0.06)
        [0.02, 0.02, 0.02]
    """
    levels: list[float] = []
    for rank in range(len(ordered)):
        failed = rank > 0 and ordered[rank - 1] > levels[-1]
        levels.append(levels[-1] if failed else error / (len(ordered) - rank))
    return levels


def _lower_bound(difference: Difference, drawn: Bootstrap, level: float) -> float:
    if difference.metric in LOWER_IS_BETTER:
        return -drawn.quantile(1.0 - level)
    return drawn.quantile(level)
