"""Gives two histograms of a measure the same cells, so that TensorFlow Data Validation compares like with like.

By itself it compares histograms of equal widths from the least value to the greatest. One very long sentence then moves
every cell, and one foreign letter among a million texts makes of a spike at 1 a cell beside it: two samples of the same
corpus were 0.15 apart, or 1.0. Percentiles do not move for one value.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from tensorflow_metadata.proto.v0 import statistics_pb2

from seq2seq_tfx.schemas.features import MEASURES

Statistics = statistics_pb2.DatasetFeatureStatisticsList

_MOST_BOUNDARIES: Final = 20
_STANDARD: Final = statistics_pb2.Histogram.STANDARD
_QUANTILES: Final = statistics_pb2.Histogram.QUANTILES


def aligned(now: Statistics, before: Statistics) -> tuple[Statistics, Statistics]:
    """Copies of both, in which the measures' histograms have cells in common.

    The boundaries are the quantiles of `before`, least and greatest value left out. Each boundary is a cell of its own,
    because many texts share one value (no digits, Latin letters only). Cells are numbered from 0.

    Args:
        now: Statistics of one split.
        before: What it is compared with.
    """
    copies = Statistics.FromString(now.SerializeToString()), Statistics.FromString(before.SerializeToString())
    ours, theirs = (_measures(each) for each in copies)
    for name in ours.keys() & theirs.keys():
        quantiles = [_quantiles(each[name]) for each in (ours, theirs)]
        if all(len(each) > 1 for each in quantiles):
            inner = quantiles[1][:-1, 1]
            boundaries = np.unique(inner[:: max(1, len(inner) // _MOST_BOUNDARIES)])
            for numbers, given in zip((ours[name], theirs[name]), quantiles, strict=True):
                _replace(numbers, _masses(given, boundaries))
    return copies


def _measures(statistics: Statistics) -> dict[str, statistics_pb2.NumericStatistics]:
    names = {feature.name for feature in MEASURES}
    (dataset,) = statistics.datasets
    found = {each.path.step[0]: each for each in dataset.features}
    return {name: each.num_stats for name, each in found.items() if name in names and each.HasField("num_stats")}


def _quantiles(numbers: statistics_pb2.NumericStatistics) -> NDArray[np.float64]:
    """Least value, greatest value and count of each quantile, `[N, 3]`."""
    buckets = [bucket for each in numbers.histograms if each.type == _QUANTILES for bucket in each.buckets]
    return np.array([(each.low_value, each.high_value, each.sample_count) for each in buckets]).reshape(-1, 3)


def _masses(quantiles: NDArray[np.float64], boundaries: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many values are below the first boundary, at it, between it and the second, and so on: `[2 * B + 1]`."""
    low, high, count = quantiles.T
    width = high - low
    spread = np.clip((boundaries[:, None] - low) / np.where(width > 0, width, 1), 0, 1)
    below = np.where(width > 0, spread, boundaries[:, None] > low) @ count
    up_to = np.where(width > 0, spread, boundaries[:, None] >= low) @ count
    running = np.stack([below, up_to], axis=1).reshape(-1)
    return np.diff(np.concatenate([[0.0], running, [count.sum()]]))


def _replace(numbers: statistics_pb2.NumericStatistics, masses: NDArray[np.float64]) -> None:
    kept = [each for each in numbers.histograms if each.type != _STANDARD]
    histogram = statistics_pb2.Histogram(type=_STANDARD)
    for cell, mass in enumerate(masses):
        histogram.buckets.add(low_value=cell, high_value=cell + 1, sample_count=float(mass))
    del numbers.histograms[:]
    numbers.histograms.extend([histogram, *kept])
