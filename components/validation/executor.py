"""TFX's ExampleValidator executor, followed by our check of what it found."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2
from tfx.components.example_validator import executor as stock
from tfx.components.statistics_gen import stats_artifact_utils
from tfx.proto.orchestration import execution_result_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.types.artifact import Artifact
from tfx.utils import io_utils
from typing_extensions import override

from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.validation.anomalies import check, counted_part, misfits, skew
from seq2seq_tfx.components.validation.baseline import BASELINE_KEY
from seq2seq_tfx.components.validation.drift import drift, problem, record
from seq2seq_tfx.components.validation.settings import ValidationSettings
from seq2seq_tfx.schemas.features import SPLITS

SKEW_FILE: Final = "SkewDiff.pb"
"""Beside the stock file of a split: its measures that are spread otherwise than in train."""
DRIFT_FILE: Final = "DriftDiff.pb"
"""Beside the stock file of the train split: its measures that are spread otherwise than in earlier data."""
DRIFT_RECORD: Final = "drift.json"
"""Beside the splits: the same in words and figures, of every measure."""


class Executor(stock.Executor):
    """ExampleValidator that does not let anomalies pass."""

    @override
    def Do(
        self,
        input_dict: Mapping[str, Sequence[Artifact]],
        output_dict: Mapping[str, Sequence[Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> execution_result_pb2.ExecutorOutput:
        """Write `anomalies` of each split.

        Raises:
            WorkError: If there are any and `validation.fail_on_anomalies` is on.
        """
        config = ValidationSettings.from_json(exec_properties["settings"]).validation
        output = super().Do(input_dict, output_dict, exec_properties)
        artifacts = list(output_dict[standard_component_specs.ANOMALIES_KEY])
        splits = artifact_utils.decode_split_names(artifacts[0].split_names)
        folders = {split: Path(artifact_utils.get_split_uri(artifacts, split)) for split in splits}
        found = [(split, _read(folders[split] / stock.DEFAULT_FILE_NAME)) for split in splits]
        if config.max_skew is not None:
            for split, skewed in _skews(input_dict, config.max_skew).items():
                (folders[split] / SKEW_FILE).write_bytes(skewed.SerializeToString(deterministic=True))
                found.append((split, skewed))
        check([misfits(found), _drift(input_dict, folders[SPLITS[0]], config.max_drift)], config)
        return output

    @override
    def _Validate(self, inputs: dict[str, Any], outputs: dict[str, Any]) -> anomalies_pb2.Anomalies:
        schema = counted_part(inputs[standard_component_specs.SCHEMA_KEY])
        return super()._Validate({**inputs, standard_component_specs.SCHEMA_KEY: schema}, outputs)


def _read(path: Path) -> anomalies_pb2.Anomalies:
    return anomalies_pb2.Anomalies.FromString(path.read_bytes())


def _skews(input_dict: Mapping[str, Sequence[Artifact]], max_divergence: float) -> dict[str, anomalies_pb2.Anomalies]:
    """Of each split but train: the measures that are spread otherwise than in train."""
    (artifact,) = input_dict[standard_component_specs.STATISTICS_KEY]
    schema = _read_schema(input_dict)
    statistics = {
        split: _read_statistics(artifact, split) for split in artifact_utils.decode_split_names(artifact.split_names)
    }
    train = statistics.pop(SPLITS[0])
    return {split: skew(train, other, schema, max_divergence) for split, other in statistics.items()}


def _drift(
    input_dict: Mapping[str, Sequence[Artifact]], train_folder: Path, max_divergence: float | None
) -> str | None:
    """Compare the train split with that of earlier data, if drift is looked for; returns what is wrong."""
    if max_divergence is None:
        return None
    baseline = next(iter(input_dict.get(BASELINE_KEY, ())), None)
    uri, found = None, None
    if baseline is not None:
        (artifact,) = input_dict[standard_component_specs.STATISTICS_KEY]
        train, before = (_read_statistics(each, SPLITS[0]) for each in (artifact, baseline))
        uri, found = baseline.uri, drift(train, before, _read_schema(input_dict), max_divergence)
        write_atomically(train_folder / DRIFT_FILE, found.anomalies.SerializeToString(deterministic=True))
    text = json.dumps(record(found, uri, max_divergence), indent=1)
    write_atomically(train_folder.parent / DRIFT_RECORD, f"{text}\n".encode())
    return None if found is None else problem(found, str(uri))


def _read_schema(input_dict: Mapping[str, Sequence[Artifact]]) -> schema_pb2.Schema:
    (artifact,) = input_dict[standard_component_specs.SCHEMA_KEY]
    return io_utils.SchemaReader().read(io_utils.get_only_uri_in_dir(artifact.uri))


def _read_statistics(artifact: Artifact, split: str) -> statistics_pb2.DatasetFeatureStatisticsList:
    return stats_artifact_utils.load_statistics(artifact, split).proto()
