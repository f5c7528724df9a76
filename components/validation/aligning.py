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

_MOST_BOUNDARIES: Final = 20
_SPIKE: Final = 0.05
"""A value that this share of the texts has is a cell of its own."""
_STANDARD: Final = statistics_pb2.Histogram.STANDARD
_QUANTILES: Final = statistics_pb2.Histogram.QUANTILES


def aligned(
    now: statistics_pb2.DatasetFeatureStatisticsList, before: statistics_pb2.DatasetFeatureStatisticsList
) -> tuple[statistics_pb2.DatasetFeatureStatisticsList, statistics_pb2.DatasetFeatureStatisticsList]:
    """Copies of both, in which the measures' histograms have cells in common.

    The boundaries are quantiles of `before`, least and greatest value left out. A boundary that many texts share (no
    digits, Latin letters only) is a cell of its own. Cells are numbered from 0.

    Args:
        now: Statistics of one split.
        before: What it is compared with.
    """
    copies = statistics_pb2.DatasetFeatureStatisticsList(), statistics_pb2.DatasetFeatureStatisticsList()
    for copy, given in zip(copies, (now, before), strict=True):
        copy.CopyFrom(given)
    ours, theirs = (_measures(each) for each in copies)
    for name in ours.keys() & theirs.keys():
        quantiles = [_quantiles(each[name]) for each in (ours, theirs)]
        if all(len(each) > 1 for each in quantiles):
            for numbers, masses in zip((ours[name], theirs[name]), _cells(*quantiles), strict=True):
                _replace(numbers, masses)
    return copies


def _measures(statistics: statistics_pb2.DatasetFeatureStatisticsList) -> dict[str, statistics_pb2.NumericStatistics]:
    names = {feature.name for feature in MEASURES}
    (dataset,) = statistics.datasets
    found = {each.path.step[0]: each for each in dataset.features}
    return {name: each.num_stats for name, each in found.items() if name in names and each.HasField("num_stats")}


def _quantiles(numbers: statistics_pb2.NumericStatistics) -> NDArray[np.float64]:
    """Least value, greatest value and count of each quantile, `[N, 3]`."""
    buckets = [bucket for each in numbers.histograms if each.type == _QUANTILES for bucket in each.buckets]
    return np.array([(each.low_value, each.high_value, each.sample_count) for each in buckets]).reshape(-1, 3)


def _cells(now: NDArray[np.float64], before: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How many values of each are in each cell, `[C]`."""
    inner = before[:-1, 1]
    boundaries = np.unique(inner[:: max(1, len(inner) // _MOST_BOUNDARIES)])
    running = [_running(each, boundaries) for each in (now, before)]
    totals = [each[:, 2].sum() for each in (now, before)]
    shared = np.any([up_to - below >= _SPIKE * n for (below, up_to), n in zip(running, totals, strict=True)], axis=0)
    cuts = []
    for (below, up_to), total in zip(running, totals, strict=True):
        middle = (below + up_to) / 2
        pairs = np.stack([np.where(shared, below, middle), np.where(shared, up_to, middle)], axis=1).reshape(-1)
        kept = pairs[np.stack([np.ones_like(shared), shared], axis=1).reshape(-1)]
        cuts.append(np.diff(np.concatenate([[0.0], kept, [total]])))
    return cuts[0], cuts[1]


def _running(
    quantiles: NDArray[np.float64], boundaries: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How many values are below each boundary, and how many are not above it, `[B]` each."""
    low, high, count = quantiles.T
    width = high - low
    spread = np.clip((boundaries[:, None] - low) / np.where(width > 0, width, 1), 0, 1)
    below = np.where(width > 0, spread, boundaries[:, None] > low) @ count
    up_to = np.where(width > 0, spread, boundaries[:, None] >= low) @ count
    return below, up_to


def _replace(numbers: statistics_pb2.NumericStatistics, masses: NDArray[np.float64]) -> None:
    kept = [each for each in numbers.histograms if each.type != _STANDARD]
    histogram = statistics_pb2.Histogram(type=_STANDARD)
    for cell, mass in enumerate(masses):
        histogram.buckets.add(low_value=cell, high_value=cell + 1, sample_count=float(mass))
    del numbers.histograms[:]
    numbers.histograms.extend([histogram, *kept])
