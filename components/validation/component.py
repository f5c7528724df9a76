"""The validation stage: TFX's ExampleValidator, drift, and a check that stops a run on anomalies."""

from typing import final

from tfx.dsl.components.base import base_component
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types import standard_component_specs
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ExecutionParameter
from tfx.types.standard_artifacts import ExampleAnomalies, ExampleStatistics, Schema

from seq2seq_tfx.components.validation.executor import Executor


class ExampleValidationSpec(standard_component_specs.ExampleValidatorSpec):
    """The stock ExampleValidator's, with the statistics to compare with."""

    PARAMETERS = {"settings": ExecutionParameter(type=str), "code_version": ExecutionParameter(type=str)}
    INPUTS = {
        "statistics": ChannelParameter(type=ExampleStatistics),
        "schema": ChannelParameter(type=Schema),
        "baseline_statistics": ChannelParameter(type=ExampleStatistics, optional=True),
    }


@final
class ExampleValidation(base_component.BaseComponent):
    """ExampleValidator that also looks for drift, and fails the run on anomalies.

    The channels are restated because TFX's ExampleValidator takes no earlier statistics.

    Outputs:
        anomalies: `ExampleAnomalies` of each split.

    Args:
        statistics: Channel of `ExampleStatistics` of the splits.
        schema: Channel of `Schema`: what they must fit.
        settings: `ValidationSettings` as JSON.
        code_version: Hash of what the stage computes with.
        baseline_statistics: Channel of `ExampleStatistics` that the train split must not have drifted from. No artifact
            if there are no earlier data.
    """

    SPEC_CLASS = ExampleValidationSpec
    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(
        self,
        statistics: BaseChannel,
        schema: BaseChannel,
        settings: str,
        code_version: str,
        baseline_statistics: BaseChannel | None = None,
    ) -> None:
        super().__init__(
            ExampleValidationSpec(
                statistics=statistics,
                schema=schema,
                baseline_statistics=baseline_statistics,
                anomalies=Channel(type=ExampleAnomalies),
                settings=settings,
                code_version=code_version,
            )
        )
