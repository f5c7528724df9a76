"""Anomalies stop the run, and say where they are."""

import logging
from pathlib import Path

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

GOOD = pd.DataFrame(
    {"source": ["a", "b"], "target": ["c", "d"], "corpus": ["x", "x"], "domain": ["", ""], "pair_id": ["x/0", "x/1"]}
)
BAD = GOOD.drop(columns="target").assign(source=[["a", "b"], ["c"]])


def _validate(directory: Path, *, fail: bool) -> anomalies_pb2.Anomalies:
    """Validate a good train split and a bad eval split; returns what was found in eval."""
    statistics, schema, anomalies = ExampleStatistics(), Schema(), ExampleAnomalies()
    for name, artifact in (("statistics", statistics), ("schema", schema), ("anomalies", anomalies)):
        artifact.uri = str(directory / name)
        (directory / name).mkdir()
    statistics.split_names = artifact_utils.encode_split_names(["train", "eval"])
    for split, frame in (("train", GOOD), ("eval", BAD)):
        folder = directory / "statistics" / f"Split-{split}"
        folder.mkdir()
        counted = tfdv.generate_statistics_from_dataframe(frame)
        (folder / "FeatureStats.pb").write_bytes(counted.SerializeToString())
    (directory / "schema" / "schema.pbtxt").write_text(SCHEMA_PATH.read_text())
    settings = ValidationSettings(validation=ValidationConfig(fail_on_anomalies=fail)).to_json()
    inputs = {"statistics": [statistics], "schema": [schema]}
    Executor().Do(inputs, {"anomalies": [anomalies]}, {"settings": settings, "code_version": "1"})
    return anomalies_pb2.Anomalies.FromString((directory / "anomalies" / "Split-eval" / "SchemaDiff.pb").read_bytes())


def test_error_names_split_feature_and_anomaly(tmp_path: Path) -> None:
    with pytest.raises(WorkError) as caught:
        _validate(tmp_path, fail=True)
    lines = str(caught.value).splitlines()
    assert any("split eval, feature 'target': Column dropped" in line for line in lines)
    assert any("split eval, feature 'source'" in line for line in lines)
    assert "split train" not in str(caught.value)
    assert "validation.fail_on_anomalies: false" in lines[-1]


def test_anomalies_are_only_said_when_they_may_pass(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="seq2seq_tfx"):
        found = _validate(tmp_path, fail=False)
    assert set(found.anomaly_info) == {"source", "target"}
    assert "split eval, feature 'target'" in caplog.text


def test_good_examples_have_no_anomalies(data_chain: DataChain) -> None:
    directory = Path(data_chain.artifact("ExampleAnomalies", "validation").uri)
    for split in ("train", "eval", "test"):
        content = (directory / f"Split-{split}" / "SchemaDiff.pb").read_bytes()
        assert not anomalies_pb2.Anomalies.FromString(content).anomaly_info
