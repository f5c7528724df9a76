"""Stock TFX Pusher with what a version of ours needs to know."""

from typing import final

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from seq2seq_tfx.components.artifacts import CorpusLedger, GateDecision
from seq2seq_tfx.components.pushing.executor import Executor


class ModelPusherSpec(standard_component_specs.PusherSpec):
    """The stock Pusher's, with the gate's decision, the corpus ledger and the trained model for the model card."""

    PARAMETERS = {
        "settings": ExecutionParameter(type=str),
        "code_version": ExecutionParameter(type=str),
        "push_directory": ExecutionParameter(type=str),
        "provenance": ExecutionParameter(type=str),
    }
    INPUTS = {
        "model": ChannelParameter(type=standard_artifacts.Model),
        "model_blessing": ChannelParameter(type=standard_artifacts.ModelBlessing),
        "infra_blessing": ChannelParameter(type=standard_artifacts.InfraBlessing),
        "decision": ChannelParameter(type=GateDecision),
        "ledger": ChannelParameter(type=CorpusLedger, optional=True),
        "trained": ChannelParameter(type=standard_artifacts.Model, optional=True),
    }


@final
class ModelPusher(base_component.BaseComponent):
    """Copies a blessed model to the next version and puts it in use, once in its life.

    Outputs:
        pushed_model: `PushedModel`; its custom properties are the stock Pusher's `pushed`, `pushed_destination`,
            `pushed_version`, and `already` (1 if the model was pushed before, and nothing was changed).

    Args:
        model: Channel of `Model`: the export.
        model_blessing: Channel of the gate's `ModelBlessing`.
        infra_blessing: Channel of the probe's `InfraBlessing`.
        decision: Channel of the gate's `GateDecision`.
        others: Channels for the model card, which may be missing: `ledger` of `CorpusLedger`, the sizes of the data,
            and `trained` of `Model`, as training left it. And the parameters: `settings` (`PushSettings` as JSON),
            `code_version`, `push_directory` (absolute), `provenance` (JSON object: what goes into the version's
            `provenance.json`).
    """

    SPEC_CLASS = ModelPusherSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        model: BaseChannel,
        model_blessing: BaseChannel,
        infra_blessing: BaseChannel,
        decision: BaseChannel,
        **others: BaseChannel | str,
    ) -> None:
        super().__init__(
            ModelPusherSpec(
                model=model,
                model_blessing=model_blessing,
                infra_blessing=infra_blessing,
                decision=decision,
                pushed_model=Channel(type=standard_artifacts.PushedModel),
                **others,
            )
        )
