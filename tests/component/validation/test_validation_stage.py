"""Anomalies stop the run, and say where they are."""

import json
import logging
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest
from data_chain import SCHEMA_PATH, DataChain
from measured_pairs import drawn, measures, statistics
from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx.types import artifact_utils
from tfx.types.standard_artifacts import ExampleAnomalies, ExampleStatistics, Schema

from seq2seq_tfx.components.validation.executor import Executor
from seq2seq_tfx.components.validation.settings import ValidationSettings
from seq2seq_tfx.schemas.config.validation import ValidationConfig
from seq2seq_tfx.schemas.errors import WorkError

GOOD = measures([5, 9])
BAD = GOOD.drop(columns="target_length").assign(source_length=[[1, 2], [3]])


def _counted(folder: Path, splits: dict[str, pd.DataFrame]) -> ExampleStatistics:
    artifact = ExampleStatistics()
    artifact.uri = str(folder)
    artifact.split_names = artifact_utils.encode_split_names([*splits])
    for split, frame in splits.items():
        (folder / f"Split-{split}").mkdir(parents=True)
        (folder / f"Split-{split}" / "FeatureStats.pb").write_bytes(statistics(frame).SerializeToString())
    return artifact


def _validate(
    directory: Path,
    config: ValidationConfig,
    train: pd.DataFrame = GOOD,
    other: pd.DataFrame = BAD,
    before: pd.DataFrame | None = None,
) -> anomalies_pb2.Anomalies:
    """Validate a train and an eval split, by default a good and a bad one; returns what was found in eval."""
    schema, anomalies = Schema(), ExampleAnomalies()
    for name, artifact in (("schema", schema), ("anomalies", anomalies)):
        artifact.uri = str(directory / name)
        (directory / name).mkdir()
    (directory / "schema" / "schema.pbtxt").write_text(SCHEMA_PATH.read_text())
    inputs: dict[str, list[Any]] = {
        "statistics": [_counted(directory / "statistics", {"train": train, "eval": other})],
        "schema": [schema],
        "baseline_statistics": [] if before is None else [_counted(directory / "before", {"train": before})],
    }
    settings = ValidationSettings(validation=config).to_json()
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
        _validate(tmp_path, config, drawn(1, 4.0), drawn(2, 5.0))
    assert "digit_share" not in str(caught.value)
    assert (tmp_path / "anomalies" / "Split-eval" / "SkewDiff.pb").stat().st_size > 0


@pytest.mark.parametrize(("max_skew", "mean"), [(0.2, 4.0), (None, 5.0)])
def test_run_goes_on_when_eval_is_like_train_or_skew_is_not_looked_at(
    tmp_path: Path, max_skew: float | None, mean: float
) -> None:
    found = _validate(tmp_path, ValidationConfig(max_skew=max_skew), drawn(1, 4.0), drawn(2, mean))
    assert not found.anomaly_info


def test_run_stops_when_train_has_drifted_from_earlier_data(tmp_path: Path) -> None:
    now = drawn(2, 5.0)
    with pytest.raises(WorkError) as caught:
        _validate(tmp_path, ValidationConfig(max_drift=0.2), now, now, before=drawn(1, 4.0))
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("validation.max_drift, 0.2 (Jensen-Shannon divergence, 0 to 1):")
    assert [line.split(":")[0].strip() for line in lines[1:3]] == ["source_length", "target_length"]
    assert f"compared with {tmp_path / 'before'}; " in lines[3]
    assert "validation.fail_on_anomalies: false" in lines[4]
    assert "schema" not in str(caught.value)


def test_drift_is_only_said_and_recorded_when_it_may_pass(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    now = drawn(2, 5.0)
    with caplog.at_level(logging.WARNING, logger="seq2seq_tfx"):
        _validate(tmp_path, ValidationConfig(max_drift=0.2, fail_on_anomalies=False), now, now, before=drawn(1, 4.0))
    assert "source_length: 0." in caplog.text
    content = (tmp_path / "anomalies/Split-train/DriftDiff.pb").read_bytes()
    assert set(anomalies_pb2.Anomalies.FromString(content).anomaly_info) == {"source_length", "target_length"}
    assert _drift_record(tmp_path)["verdict"] == "moved too far: source_length, target_length"


def test_drift_skew_and_misfits_are_named_in_one_error(tmp_path: Path) -> None:
    config = ValidationConfig(max_drift=0.2, max_skew=0.2)
    with pytest.raises(WorkError) as caught:
        _validate(tmp_path, config, drawn(2, 5.0), drawn(3, 4.0).drop(columns="digit_share"), before=drawn(1, 4.0))
    text = str(caught.value)
    assert "split eval, feature 'digit_share': Column dropped" in text
    assert "split eval, feature 'source_length'" in text
    assert "source_length: 0." in text.partition("the train split must be spread")[2]


def test_drift_has_nothing_to_compare_with_in_a_first_run(tmp_path: Path) -> None:
    _validate(tmp_path, ValidationConfig(max_drift=0.2), GOOD, GOOD)
    found = _drift_record(tmp_path)
    assert (found["verdict"], found["baseline"]) == ("there was nothing to compare with", None)


def test_drift_is_not_looked_at_unless_asked_for(tmp_path: Path) -> None:
    _validate(tmp_path, ValidationConfig(), drawn(2, 5.0), drawn(2, 5.0), before=drawn(1, 4.0))
    assert not (tmp_path / "anomalies/drift.json").exists()


def _drift_record(directory: Path) -> Any:
    return json.loads((directory / "anomalies/drift.json").read_text())
