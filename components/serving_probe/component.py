"""The component that tries an export before it is judged; TFX's own InfraValidator needs Docker or Kubernetes."""

from typing import final

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from seq2seq_tfx.components.serving_probe.executor import Executor


class ServingProbeSpec(ComponentSpec):
    """An export and ordinary sentences in, a blessing out."""

    PARAMETERS = {"settings": ExecutionParameter(type=str), "code_version": ExecutionParameter(type=str)}
    INPUTS = {
        "model": ChannelParameter(type=standard_artifacts.Model),
        "examples": ChannelParameter(type=standard_artifacts.Examples),
    }
    OUTPUTS = {"blessing": ChannelParameter(type=standard_artifacts.InfraBlessing)}


@final
class ServingProbe(BaseComponent):
    """Loads the SavedModel and each CTranslate2 folder in a fresh process under limits and translates with them.

    Outputs:
        blessing: `InfraBlessing` as the stock Pusher reads it, with `probe.json`: translations, times, memory, reasons.

    Args:
        model: Channel of the exported `Model`.
        examples: Channel of the corpus stage's `Examples`.
        settings: `ProbeSettings` as JSON.
        code_version: Hash of the stage's code.
    """

    SPEC_CLASS = ServingProbeSpec
    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(self, model: BaseChannel, examples: BaseChannel, settings: str, code_version: str) -> None:
        super().__init__(
            ServingProbeSpec(
                model=model,
                examples=examples,
                settings=settings,
                code_version=code_version,
                blessing=Channel(type=standard_artifacts.InfraBlessing),
            )
        )
