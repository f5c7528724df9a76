"""The component that gives the only blessing the push reads."""

from typing import final

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from seq2seq_tfx.components.artifacts import GateDecision
from seq2seq_tfx.components.gate.decide import require_metrics
from seq2seq_tfx.components.gate.executor import Executor
from seq2seq_tfx.components.gate.settings import GateSettings


class ReleaseGateSpec(ComponentSpec):
    """Both models' translations in, a verdict and its reasons out."""

    PARAMETERS = {
        "settings": ExecutionParameter(type=str),
        "code_version": ExecutionParameter(type=str),
        "push_directory": ExecutionParameter(type=str),
    }
    INPUTS = {
        "evaluation": ChannelParameter(type=standard_artifacts.ModelEvaluation),
        "translations": ChannelParameter(type=standard_artifacts.Examples),
        "baseline_translations": ChannelParameter(type=standard_artifacts.Examples, optional=True),
        "model": ChannelParameter(type=standard_artifacts.Model),
    }
    OUTPUTS = {
        "blessing": ChannelParameter(type=standard_artifacts.ModelBlessing),
        "decision": ChannelParameter(type=GateDecision),
    }


@final
class ReleaseGate(base_component.BaseComponent):
    """Decides whether a model may be pushed; a refusal is a result, not an error.

    Outputs:
        blessing: `ModelBlessing` as the stock Pusher reads it.
        decision: `GateDecision`: `decision.json` with verdict, reasons, and the scores of both models.

    Args:
        evaluation: Channel of `ModelEvaluation` with the candidate's scores.
        translations: Channel of `Examples` that hold the candidate's translations.
        model: Channel of `Model`: the candidate's export.
        parameters: `settings` (`GateSettings` as JSON), `code_version`, `push_directory` (absolute; it names the model
            in use).
        baseline_translations: Channel of `Examples`: the same sentences by the model in use. No artifact, or one
            without files, if there is no such model.

    Raises:
        InputError: If a bound is set for a metric that is not computed: found before any stage runs.
    """

    SPEC_CLASS = ReleaseGateSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        evaluation: BaseChannel,
        translations: BaseChannel,
        model: BaseChannel,
        baseline_translations: BaseChannel | None = None,
        **parameters: str,
    ) -> None:
        settings = GateSettings.from_json(parameters["settings"])
        require_metrics(settings.gate, settings.evaluation.metrics)
        super().__init__(
            ReleaseGateSpec(
                evaluation=evaluation,
                translations=translations,
                model=model,
                baseline_translations=baseline_translations,
                blessing=Channel(type=standard_artifacts.ModelBlessing),
                decision=Channel(type=GateDecision),
                **parameters,
            )
        )
