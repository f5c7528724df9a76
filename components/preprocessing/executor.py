"""TFX's Transform executor, told where the vocabulary is."""

from collections.abc import Mapping, Sequence
from typing import Any

from tfx.components.transform import executor as stock
from tfx.proto import transform_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.types.artifact import Artifact
from tfx.utils import json_utils, proto_utils
from typing_extensions import override

from seq2seq_tfx.components.preprocessing.preprocessing_fn import ENTRY
from seq2seq_tfx.schemas.features import SPLITS


class Executor(stock.Executor):
    """Transform with the vocabulary as a declared input."""

    @override
    def Do(
        self,
        input_dict: Mapping[str, Sequence[Artifact]],
        output_dict: Mapping[str, Sequence[Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        """Write `transform_graph` and `transformed_examples`."""
        inputs = dict(input_dict)
        directory = artifact_utils.get_single_uri(list(inputs.pop("vocabulary")))
        custom_config = {"vocabulary": directory, "settings": exec_properties["settings"]}
        # Nothing is analysed, but Transform reads the split named for it: a small one.
        splits = transform_pb2.SplitsConfig(analyze=["eval"], transform=SPLITS)
        super().Do(
            inputs,
            output_dict,
            {
                standard_component_specs.PREPROCESSING_FN_KEY: ENTRY,
                standard_component_specs.CUSTOM_CONFIG_KEY: json_utils.dumps(custom_config),
                standard_component_specs.SPLITS_CONFIG_KEY: proto_utils.proto_to_json(splits),
                standard_component_specs.DISABLE_STATISTICS_KEY: 1,
            },
        )
