"""Anomalies stop the run, and say where they are."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
import tensorflow_data_validation as tfdv
from data_chain import SCHEMA_PATH, DataChain
from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx.types import artifact_utils
from tfx.types.standard_artifacts import ExampleAnomalies, ExampleStatistics, Schema

from seq2seq_tfx.components.validation.executor import Executor
from seq2seq_tfx.components.validation.settings import ValidationSettings
from seq2seq_tfx.schemas.config.validation import ValidationConfig
from seq2seq_tfx.schemas.errors import WorkError


def _measures(lengths: Sequence[int]) -> pd.DataFrame:
    """Statistics' features of pairs whose sides have these lengths."""
    ones = np.ones(len(lengths), np.float32)
    return pd.DataFrame(
        {
            "corpus": ["x"] * len(lengths),
            "domain": [""] * len(lengths),
            "source_length": lengths,
            "target_length": lengths,
            "length_ratio": ones,
            "digit_share": 0 * ones,
            "source_latin_share": ones,
            "target_latin_share": ones,
        }
    )


def _drawn(seed: int, mean: float) -> pd.DataFrame:
    return _measures(np.random.default_rng(seed).lognormal(mean, 0.5, 2000).astype(int) + 1)


GOOD = _measures([5, 9])
BAD = GOOD.drop(columns="target_length").assign(source_length=[[1, 2], [3]])


def _validate(
    directory: Path, config: ValidationConfig, train: pd.DataFrame = GOOD, other: pd.DataFrame = BAD
) -> anomalies_pb2.Anomalies:
    """Validate a train and an eval split, by default a good and a bad one; returns what was found in eval."""
    statistics, schema, anomalies = ExampleStatistics(), Schema(), ExampleAnomalies()
    for name, artifact in (("statistics", statistics), ("schema", schema), ("anomalies", anomalies)):
        artifact.uri = str(directory / name)
        (directory / name).mkdir()
    statistics.split_names = artifact_utils.encode_split_names(["train", "eval"])
    for split, frame in (("train", train), ("eval", other)):
        folder = directory / "statistics" / f"Split-{split}"
        folder.mkdir()
        counted = tfdv.generate_statistics_from_dataframe(frame)
        (folder / "FeatureStats.pb").write_bytes(counted.SerializeToString())
    (directory / "schema" / "schema.pbtxt").write_text(SCHEMA_PATH.read_text())
    settings = ValidationSettings(validation=config).to_json()
    inputs = {"statistics": [statistics], "schema": [schema]}
    Executor().Do(inputs, {"anomalies": [anomalies]}, {"settings": settings, "code_version": "1"})
    return anomalies_pb2.Anomalies.FromString((directory / "anomalies" / "Split-eval" / "SchemaDiff.pb").read_bytes())


def test_error_names_split_feature_and_anomaly(tmp_path: Path) -> None:
    with pytest.raises(WorkError) as caught:
        _validate(tmp_path, ValidationConfig())
    lines = str(caught.value).splitlines()
    assert any("split eval, feature 'target_length': Column dropped" in line for line in lines)
    assert any("split eval, feature 'source_length'" in line for line in lines)
    assert "split train" not in str(caught.value)
    assert "validation.fail_on_anomalies: false" in lines[-1]


def test_anomalies_are_only_said_when_they_may_pass(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="seq2seq_tfx"):
        found = _validate(tmp_path, ValidationConfig(fail_on_anomalies=False))
    assert set(found.anomaly_info) == {"source_length", "target_length"}
    assert "split eval, feature 'target_length'" in caplog.text


def test_good_examples_have_no_anomalies(data_chain: DataChain) -> None:
    directory = Path(data_chain.artifact("ExampleAnomalies", "validation").uri)
    for split in ("train", "eval", "test"):
        content = (directory / f"Split-{split}" / "SchemaDiff.pb").read_bytes()
        assert not anomalies_pb2.Anomalies.FromString(content).anomaly_info


def test_run_stops_when_eval_is_of_another_length_than_train(tmp_path: Path) -> None:
    config = ValidationConfig(max_skew=0.2)
    with pytest.raises(WorkError, match=r"split eval, feature 'source_length': .* divergence") as caught:
        _validate(tmp_path, config, _drawn(1, 4.0), _drawn(2, 5.0))
    assert "digit_share" not in str(caught.value)
    assert (tmp_path / "anomalies" / "Split-eval" / "SkewDiff.pb").stat().st_size > 0


@pytest.mark.parametrize(("max_skew", "mean"), [(0.2, 4.0), (None, 5.0)])
def test_run_goes_on_when_eval_is_like_train_or_skew_is_not_looked_at(
    tmp_path: Path, max_skew: float | None, mean: float
) -> None:
    found = _validate(tmp_path, ValidationConfig(max_skew=max_skew), _drawn(1, 4.0), _drawn(2, mean))
    assert not found.anomaly_info
