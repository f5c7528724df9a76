"""Is the difference between two systems more than chance? By resampling the sentences of the test set.

Sources: Koehn 2004, Statistical Significance Tests for Machine Translation Evaluation (paired bootstrap); Riezler and
Maxwell 2005, On Some Pitfalls in Automatic Evaluation and Significance Testing for MT (approximate randomization). The
p-values are those of sacreBLEU's `--paired-bs` and `--paired-ar`: a test holds them to be equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seq2seq_tfx.components.evaluation.scoring import Scorer

SEED: Final = 12345
"""sacreBLEU's own."""
BOOTSTRAP_TRIALS: Final = 1_000
RANDOMIZATION_TRIALS: Final = 10_000
"""sacreBLEU's own numbers."""

_CELLS_AT_ONCE: Final = 1 << 22
_LOTS_A_DRAW: Final = 32
"""numpy draws so many lots of two at a time, and forgets at the end of a call what is left of them."""

Rows = Sequence[Sequence[float]]
"""A metric's statistics, sentence by sentence (`Scorer.rows`)."""


@dataclass(frozen=True, kw_only=True)
class Bootstrap:
    """What test sets drawn from the given one, sentence by sentence with replacement, say of two systems."""

    difference: float
    """Score of the system minus that of the baseline, on the test set as it is."""
    differences: NDArray[np.float64]
    """The same on each drawn test set, ascending."""
    p_value: float
    """How often chance alone makes a difference of this size (two-sided), as sacreBLEU computes it."""

    def interval(self, confidence: float) -> tuple[float, float]:
        """Both ends of the confidence interval of the difference: the percentiles of the drawn ones."""
        tail = (1.0 - confidence) / 2
        return self.quantile(tail), self.quantile(1.0 - tail)

    def quantile(self, share: float) -> float:
        """The value below which that share of the drawn differences lies."""
        return float(np.quantile(self.differences, share))


def paired_bootstrap(
    scorer: Scorer, baseline: Rows, system: Rows, trials: int = BOOTSTRAP_TRIALS, seed: int = SEED
) -> Bootstrap:
    """Score both systems on drawn test sets, each time the same sentences for both.

    Args:
        scorer: The metric.
        baseline: Its rows for the baseline's translations.
        system: Its rows for the other system's, of the same sentences.
        trials: How many test sets are drawn.
        seed: Of their choice.

    Example:
        >>> scorer = Scorer("exact_match", "none")
        >>> paired_bootstrap(scorer, [[0, 1], [1, 1]], [[1, 1], [1, 1]]).difference
        50.0
    """
    generator = np.random.default_rng(seed)
    ours, theirs = (np.array(rows, dtype=np.float32) for rows in (system, baseline))
    at_once = max(1, _CELLS_AT_ONCE // max(1, ours.size))
    drawn_ours, drawn_theirs = [], []
    for start in range(0, trials, at_once):
        drawn = generator.choice(len(ours), size=(min(at_once, trials - start), len(ours)), replace=True)
        drawn_ours.append(_scores(scorer, ours[drawn].sum(1)))
        drawn_theirs.append(_scores(scorer, theirs[drawn].sum(1)))
    differences = np.concatenate(drawn_ours) - np.concatenate(drawn_theirs)
    difference = _difference(scorer, system, baseline)
    sizes = np.abs(differences)
    p_value = _p_value(sizes - sizes.mean(), abs(difference))
    return Bootstrap(difference=difference, differences=np.sort(differences), p_value=p_value)


def paired_randomization(
    scorer: Scorer, baseline: Rows, system: Rows, trials: int = RANDOMIZATION_TRIALS, seed: int = SEED
) -> float:
    """How often swapping the two systems' translations of sentences, by lot, makes a larger difference (two-sided).

    Args:
        scorer: The metric.
        baseline: Its rows for the baseline's translations.
        system: Its rows for the other system's, of the same sentences.
        trials: How often it is tried.
        seed: Of the lots.
    """
    generator = np.random.default_rng(seed)
    # Whole numbers as floating-point ones: their sums are exact, and their products much faster.
    ours, theirs = np.array(system, dtype=np.float64), np.array(baseline, dtype=np.float64)
    at_once = max(1, _CELLS_AT_ONCE // max(1, len(ours)) // _LOTS_A_DRAW) * _LOTS_A_DRAW
    sizes = []
    for start in range(0, trials, at_once):
        kept = generator.integers(2, size=(min(at_once, trials - start), len(ours)), dtype=bool)
        swapped = ~kept
        one, other = kept @ theirs + swapped @ ours, swapped @ theirs + kept @ ours
        sizes.append(np.abs(_scores(scorer, one) - _scores(scorer, other)))
    return _p_value(np.concatenate(sizes), abs(_difference(scorer, system, baseline)))


def _difference(scorer: Scorer, system: Rows, baseline: Rows) -> float:
    ours, theirs = (scorer.value_of_sums([sum(column) for column in zip(*rows)]) for rows in (system, baseline))  # noqa: B905
    return ours - theirs


def _scores(scorer: Scorer, sums: NDArray[Any]) -> NDArray[np.float64]:
    """sacreBLEU's own arithmetic, row by row: what is equal there must be equal here to the last bit."""
    return np.array([scorer.value_of_sums(row) for row in sums])


def _p_value(chance: NDArray[np.float64], real_difference: float) -> float:
    """The share above the real one; 1 is added to both counts, so that it is never 0."""
    return (int(np.sum(chance > real_difference)) + 1) / (len(chance) + 1)
