"""The component that translates every test set once."""

from typing import final

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from seq2seq_tfx.components.translation.executor import Executor


class TranslatorSpec(ComponentSpec):
    """Examples and an export in, the examples with translations out."""

    PARAMETERS = {"settings": ExecutionParameter(type=str), "code_version": ExecutionParameter(type=str)}
    INPUTS = {
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "model": ChannelParameter(type=standard_artifacts.Model, optional=True),
    }
    OUTPUTS = {"translations": ChannelParameter(type=standard_artifacts.Examples)}


@final
class Translator(BaseComponent):
    """Decodes eval and test with the export, the code and the settings that users get.

    Outputs:
        translations: `Examples` (eval, test): the raw features with `translation`, `score`, `truncated`, by `pair_id`.

    Args:
        examples: Channel of the corpus stage's `Examples`.
        model: Channel of an exported `Model`; it may hold none, and the splits then hold no file.
        settings: `TranslationSettings` as JSON.
        code_version: Hash of the stage's code.
    """

    SPEC_CLASS = TranslatorSpec
    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(self, examples: BaseChannel, model: BaseChannel, settings: str, code_version: str) -> None:
        super().__init__(
            TranslatorSpec(
                examples=examples,
                model=model,
                settings=settings,
                code_version=code_version,
                translations=Channel(type=standard_artifacts.Examples),
            )
        )
