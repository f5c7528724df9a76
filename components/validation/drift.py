"""How far the train split has moved from that of earlier data: TensorFlow Data Validation's drift, in words."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from seq2seq_tfx.components.validation.aligning import aligned
from seq2seq_tfx.components.validation.anomalies import counted_part, only_divergent
from seq2seq_tfx.schemas.features import MEASURES


@dataclass(frozen=True, kw_only=True)
class Distance:
    """How far one measure has moved."""

    feature: str
    divergence: float
    """Jensen-Shannon divergence, 0 (same) to 1 (nothing in common)."""
    mean_before: float
    mean_now: float
    too_far: bool

    def __str__(self) -> str:
        return f"{self.feature}: {self.divergence:.4f}, mean {self.mean_before:.4g} before and {self.mean_now:.4g} now"


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What became of every measure."""

    anomalies: anomalies_pb2.Anomalies
    """TensorFlow Data Validation's, of that kind."""
    distances: tuple[Distance, ...]
    max_divergence: float

    @property
    def too_far(self) -> tuple[Distance, ...]:
        """Measures that moved further than is allowed."""
        return tuple(each for each in self.distances if each.too_far)


def drift(
    train: statistics_pb2.DatasetFeatureStatisticsList,
    before: statistics_pb2.DatasetFeatureStatisticsList,
    schema: schema_pb2.Schema,
    max_divergence: float,
) -> Drift:
    """Measures whose spread in the train split is not that of earlier data.

    Args:
        train: Statistics of the train split.
        before: Those of the earlier data's train split.
        schema: What both must fit.
        max_divergence: The largest Jensen-Shannon divergence, 0 (same) to 1 (nothing in common), of any measure.

    Returns:
        Every measure that both have, and TensorFlow Data Validation's anomalies of that kind.
    """
    compared = counted_part(schema)
    names = {feature.name for feature in MEASURES}
    for feature in compared.feature:
        if feature.name in names:
            feature.drift_comparator.jensen_shannon_divergence.threshold = max_divergence
    cells_now, cells_before = aligned(train, before)
    found = only_divergent(
        tfdv.validate_statistics(cells_now, compared, previous_statistics=cells_before, environment="TRAINING")
    )
    return Drift(
        anomalies=found,
        distances=tuple(_distances(found, _means(train), _means(before))),
        max_divergence=max_divergence,
    )


def _distances(found: anomalies_pb2.Anomalies, now: dict[str, float], before: dict[str, float]) -> Iterator[Distance]:
    for each in sorted(found.drift_skew_info, key=lambda info: str(info.path.step[0])):
        (name,) = each.path.step
        if each.drift_measurements and name in now and name in before:
            yield Distance(
                feature=name,
                divergence=each.drift_measurements[0].value,
                mean_before=before[name],
                mean_now=now[name],
                too_far=name in found.anomaly_info,
            )


def _means(statistics: statistics_pb2.DatasetFeatureStatisticsList) -> dict[str, float]:
    (dataset,) = statistics.datasets
    return {each.path.step[0]: each.num_stats.mean for each in dataset.features if each.HasField("num_stats")}


def problem(found: Drift, baseline: str) -> str | None:
    """What is wrong and what to do, for a person; None if nothing moved too far.

    Args:
        found: The measures.
        baseline: Folder of the earlier statistics.
    """
    if not found.too_far:
        return None
    enough = min(1.0, math.ceil(100 * max(each.divergence for each in found.too_far)) / 100)
    return "\n  ".join(
        [
            "the train split must be spread as that of the model in use, but moved further than validation.max_drift, "
            f"{found.max_divergence:g} (Jensen-Shannon divergence, 0 to 1):",
            *map(str, found.too_far),
            f"compared with {baseline}; if the change is meant, run once with --set validation.max_drift={enough:g}; "
            "when a model of these data is in use, later data are compared with them",
        ]
    )


def record(found: Drift | None, baseline: str | None, max_divergence: float) -> dict[str, Any]:
    """The content of `drift.json`.

    Args:
        found: The measures; None if there was nothing to compare with.
        baseline: Folder of the earlier statistics, if there are any.
        max_divergence: What is allowed.
    """
    if found is None:
        verdict = "there was nothing to compare with"
    elif found.too_far:
        verdict = f"moved too far: {', '.join(each.feature for each in found.too_far)}"
    else:
        verdict = "no measure moved too far"
    return {
        "verdict": verdict,
        "baseline": baseline,
        "max_drift": max_divergence,
        "measures": [] if found is None else [asdict(each) for each in found.distances],
    }
