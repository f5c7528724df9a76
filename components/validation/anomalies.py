"""Anomalies that TensorFlow Data Validation found, as sentences; and the check that stops a run on them."""

import logging
from collections.abc import Mapping

from tensorflow_metadata.proto.v0 import anomalies_pb2

from seq2seq_tfx.schemas.config.validation import ValidationConfig
from seq2seq_tfx.schemas.errors import WorkError

logger = logging.getLogger(__name__)


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


def check(anomalies: Mapping[str, anomalies_pb2.Anomalies], config: ValidationConfig) -> None:
    """Stop the run on anomalies, or only say them if the settings want it so.

    Args:
        anomalies: Split to what was found in it.
        config: Whether anomalies stop the run.

    Raises:
        WorkError: If there are anomalies; all of them are named with their split.
    """
    found = [f"split {split}, {line}" for split, each in anomalies.items() for line in describe(each)]
    if not found:
        return
    message = "\n  ".join(["the examples must fit the schema parallel_corpus.pbtxt, but:", *found])
    if config.fail_on_anomalies:
        raise WorkError(
            f"{message}\nmend the corpora, or set validation.fail_on_anomalies: false to go on all the same"
        )
    logger.warning("%s", message)
