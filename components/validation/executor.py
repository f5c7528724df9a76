"""TFX's ExampleValidator executor, followed by our check of what it found."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx.components.example_validator import executor as stock
from tfx.proto.orchestration import execution_result_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.types.artifact import Artifact
from typing_extensions import override

from seq2seq_tfx.components.validation.anomalies import check
from seq2seq_tfx.components.validation.settings import ValidationSettings


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
        settings = ValidationSettings.from_json(exec_properties["settings"])
        output = super().Do(input_dict, output_dict, exec_properties)
        artifacts = list(output_dict[standard_component_specs.ANOMALIES_KEY])
        splits = artifact_utils.decode_split_names(artifacts[0].split_names)
        found = {split: _read(artifact_utils.get_split_uri(artifacts, split)) for split in splits}
        check(found, settings.validation)
        return output


def _read(split_uri: str) -> anomalies_pb2.Anomalies:
    return anomalies_pb2.Anomalies.FromString((Path(split_uri) / stock.DEFAULT_FILE_NAME).read_bytes())
