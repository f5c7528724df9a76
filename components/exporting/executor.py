"""The export stage's TFX executor: parse, call, write."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from tfx.utils import path_utils
from typing_extensions import override

from seq2seq_tfx.components.example_files import split_files
from seq2seq_tfx.components.exporting.saved_model import export_model
from seq2seq_tfx.components.exporting.settings import ExportSettings
from seq2seq_tfx.components.translation.engine import SAVED_MODEL


class Executor(BaseExecutor):
    """Exports the trained `model`."""

    @override
    def Do(
        self,
        input_dict: Mapping[str, Sequence[Artifact]],
        output_dict: Mapping[str, Sequence[Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        """Write `exported_model`, proven on the eval split of `examples`, and say what it is in its properties."""
        settings = ExportSettings.from_json(exec_properties["settings"])
        trained = Path(path_utils.serving_model_path(artifact_utils.get_single_uri(list(input_dict["model"]))))
        exported = artifact_utils.get_single_instance(list(output_dict["exported_model"]))
        output = Path(path_utils.serving_model_path(exported.uri))
        eval_files = split_files(artifact_utils.get_single_uri(list(input_dict["examples"])), "eval")
        record = export_model(trained, settings, exec_properties["code_version"], output, eval_files)
        exported.set_string_custom_property("export_id", record["export_id"])
        exported.set_string_custom_property("compute_type", record[SAVED_MODEL]["compute_type"])
