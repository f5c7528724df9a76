"""Anomalies that TensorFlow Data Validation found, as sentences; and the check that stops a run on them."""

import logging
from collections.abc import Iterable

import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from seq2seq_tfx.components.validation.aligning import aligned
from seq2seq_tfx.schemas.config.validation import ValidationConfig
from seq2seq_tfx.schemas.errors import WorkError
from seq2seq_tfx.schemas.features import COUNTED, MEASURES

logger = logging.getLogger(__name__)

_DIVERGENT = anomalies_pb2.AnomalyInfo.COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH


def counted_part(schema: schema_pb2.Schema) -> schema_pb2.Schema:
    """A schema of the features that statistics count."""
    names = {feature.name for feature in COUNTED}
    part = schema_pb2.Schema()
    part.CopyFrom(schema)
    del part.feature[:]
    part.feature.extend(feature for feature in schema.feature if feature.name in names)
    return part


def skew(
    train: statistics_pb2.DatasetFeatureStatisticsList,
    other: statistics_pb2.DatasetFeatureStatisticsList,
    schema: schema_pb2.Schema,
    max_divergence: float,
) -> anomalies_pb2.Anomalies:
    """Measures whose spread in another split is not that of the train split.

    Args:
        train: Statistics of the train split.
        other: Statistics of the eval or test split.
        schema: What both must fit.
        max_divergence: The largest Jensen-Shannon divergence, 0 (same) to 1 (nothing in common), of any measure.

    Returns:
        TensorFlow Data Validation's anomalies of that kind.
    """
    compared = counted_part(schema)
    names = {feature.name for feature in MEASURES}
    for feature in compared.feature:
        if feature.name in names:
            feature.skew_comparator.jensen_shannon_divergence.threshold = max_divergence
    cells_other, cells_train = aligned(other, train)
    found = tfdv.validate_statistics(cells_train, compared, serving_statistics=cells_other, environment="TRAINING")
    return only_divergent(found)


def only_divergent(found: anomalies_pb2.Anomalies) -> anomalies_pb2.Anomalies:
    """Anomalies with those reasons alone that say that two spreads differ; changed in place."""
    for name, info in list(found.anomaly_info.items()):
        kept = [each for each in info.reason if each.type == _DIVERGENT]
        del info.reason[:]
        info.reason.extend(kept)
        if not kept:
            del found.anomaly_info[name]
    return found


def describe(anomalies: anomalies_pb2.Anomalies) -> list[str]:
    """One line an anomaly, sorted by feature: which feature, what is wrong."""
    lines = [
        f"feature {name!r}: {reason.short_description.rstrip('.')} ({reason.description.rstrip('.')})"
        for name, info in sorted(anomalies.anomaly_info.items())
        for reason in info.reason
    ]
    lines += [f"the whole: {reason.description.rstrip('.')}" for reason in anomalies.dataset_anomaly_info.reason]
    if anomalies.data_missing:
        lines.append("the whole: there are no examples")
    return lines


def misfits(anomalies: Iterable[tuple[str, anomalies_pb2.Anomalies]]) -> str | None:
    """What is wrong, one line an anomaly; None if nothing is.

    Args:
        anomalies: Splits, and what was found in each.
    """
    found = [f"split {split}, {line}" for split, each in anomalies for line in describe(each)]
    return "\n  ".join(["the examples must fit the schema parallel_corpus.pbtxt, but:", *found]) if found else None


def check(problems: Iterable[str | None], config: ValidationConfig) -> None:
    """Stop the run on anomalies, or only say them if the settings want it so.

    Args:
        problems: What is wrong; None where nothing is.
        config: Whether anomalies stop the run.

    Raises:
        WorkError: If there are problems; all of them are named.
    """
    message = "\n".join(each for each in problems if each is not None)
    if not message:
        return
    if config.fail_on_anomalies:
        raise WorkError(
            f"{message}\nmend the corpora, or set validation.fail_on_anomalies: false to go on all the same"
        )
    logger.warning("%s", message)
