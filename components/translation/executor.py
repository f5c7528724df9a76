"""The translations stage's TFX executor: parse, call, write."""

from collections.abc import Mapping, Sequence
from typing import Any

from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from typing_extensions import override

from seq2seq_tfx.components.translation.settings import TranslationSettings
from seq2seq_tfx.components.translation.stage import TRANSLATED_SPLITS, TranslationJob, translate_examples
from seq2seq_tfx.components.versions import TRANSLATED_BY


class Executor(BaseExecutor):
    """Translates the eval and test splits of `examples` with `model`."""

    @override
    def Do(
        self,
        input_dict: Mapping[str, Sequence[Artifact]],
        output_dict: Mapping[str, Sequence[Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        """Write `translations`, with the `export_id` of what made them; without a model, splits without files."""
        models = list(input_dict.get("model") or [])
        translations = artifact_utils.get_single_instance(list(output_dict["translations"]))
        translations.split_names = artifact_utils.encode_split_names(list(TRANSLATED_SPLITS))
        if models:
            export_id = artifact_utils.get_single_instance(models).get_string_custom_property("export_id")
            translations.set_string_custom_property(TRANSLATED_BY, export_id)
        translate_examples(
            TranslationJob(
                settings=TranslationSettings.from_json(exec_properties["settings"]),
                code_version=exec_properties["code_version"],
                examples_uri=artifact_utils.get_single_uri(list(input_dict["examples"])),
                model_uri=artifact_utils.get_single_uri(models) if models else None,
                output_uri=translations.uri,
            )
        )
