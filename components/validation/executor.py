"""TFX's ExampleValidator executor, followed by our check of what it found."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx.components.example_validator import executor as stock
from tfx.components.statistics_gen import stats_artifact_utils
from tfx.proto.orchestration import execution_result_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.types.artifact import Artifact
from tfx.utils import io_utils
from typing_extensions import override

from seq2seq_tfx.components.validation.anomalies import check, counted_part, skew
from seq2seq_tfx.components.validation.settings import ValidationSettings
from seq2seq_tfx.schemas.features import SPLITS

SKEW_FILE: Final = "SkewDiff.pb"
"""Beside the stock file of a split: its measures that are spread otherwise than in train."""


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
        check(found, config)
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
    (schema_artifact,) = input_dict[standard_component_specs.SCHEMA_KEY]
    schema = io_utils.SchemaReader().read(io_utils.get_only_uri_in_dir(schema_artifact.uri))
    statistics = {
        split: stats_artifact_utils.load_statistics(artifact, split).proto()
        for split in artifact_utils.decode_split_names(artifact.split_names)
    }
    train = statistics.pop(SPLITS[0])
    return {split: skew(train, other, schema, max_divergence) for split, other in statistics.items()}
