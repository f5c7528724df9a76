"""TFX's Trainer executor, told where the vocabulary is."""

from typing import Any, final

from tfx.components.trainer import executor as stock
from tfx.types import artifact_utils, standard_component_specs
from tfx.types.artifact import Artifact
from tfx.utils import json_utils
from typing_extensions import override

from seq2seq_tfx.components.training.run_fn import ENTRY


@final
class Executor(stock.GenericExecutor):
    """Reads `examples`, `transform_graph`, `vocabulary` and maybe `pretrained`; writes `model` and `model_run`."""

    @override
    def Do(
        self,
        input_dict: dict[str, list[Artifact]],
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Train.

        Args:
            input_dict: `examples` (transformed), `transform_graph`, `vocabulary`; `pretrained` where there is such a
                stage.
            output_dict: `model` (weights in its serving folder), `model_run` (TensorBoard logs, `metrics.jsonl`).
            exec_properties: `train_args`, `eval_args` (the splits), `settings` and `code_version`.

        Raises:
            InputError: If no training pair is short enough.
            WorkError: If interrupted, or if a loss is not finite.
        """
        inputs = dict(input_dict)
        custom_config = {
            "vocabulary": artifact_utils.get_single_uri(inputs.pop("vocabulary")),
            "settings": exec_properties["settings"],
            "code_version": exec_properties["code_version"],
        }
        pretrained = inputs.pop("pretrained", None)
        if pretrained:
            custom_config["pretrained"] = artifact_utils.get_single_uri(pretrained)
        properties = {
            standard_component_specs.TRAIN_ARGS_KEY: exec_properties[standard_component_specs.TRAIN_ARGS_KEY],
            standard_component_specs.EVAL_ARGS_KEY: exec_properties[standard_component_specs.EVAL_ARGS_KEY],
            standard_component_specs.RUN_FN_KEY: ENTRY,
            standard_component_specs.CUSTOM_CONFIG_KEY: json_utils.dumps(custom_config),
        }
        super().Do(inputs, output_dict, properties)
