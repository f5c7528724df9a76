"""The component that makes weights into what is served."""

from typing import final

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from seq2seq_tfx.components.exporting.executor import Executor


class ExporterSpec(ComponentSpec):
    """Weights and sentences to prove exports on in, the exports out."""

    PARAMETERS = {"settings": ExecutionParameter(type=str), "code_version": ExecutionParameter(type=str)}
    INPUTS = {
        "model": ChannelParameter(type=standard_artifacts.Model),
        "examples": ChannelParameter(type=standard_artifacts.Examples),
    }
    OUTPUTS = {"exported_model": ChannelParameter(type=standard_artifacts.Model)}


@final
class Exporter(BaseComponent):
    """Joins weights, vocabulary and search settings, so that a new beam size does not train again.

    Outputs:
        exported_model: `Model`: `Format-Serving/` is a SavedModel that takes strings and returns strings, with
            `export.json`, `vocabulary.model` and `weights/` beside it, and where CTranslate2 can express the model a
            folder a storage type under `ctranslate2/` with its proof, `equality.json`; `bfloat16.json` where that was
            tried; custom properties `export_id` and `compute_type` (what the SavedModel computes in).

    Args:
        model: Channel of the trained `Model`.
        examples: Channel of the transformed `Examples`: on its eval split CTranslate2 and bfloat16 are compared with
            the float32 SavedModel.
        settings: `ExportSettings` as JSON.
        code_version: Hash of the stage's code.
    """

    SPEC_CLASS = ExporterSpec
    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(self, model: BaseChannel, examples: BaseChannel, settings: str, code_version: str) -> None:
        super().__init__(
            ExporterSpec(
                model=model,
                examples=examples,
                settings=settings,
                code_version=code_version,
                exported_model=Channel(type=standard_artifacts.Model),
            )
        )
