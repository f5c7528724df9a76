"""The validation stage: TFX's ExampleValidator, and a check that stops the run on anomalies."""

from tfx.components.example_validator.component import ExampleValidator
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types.channel import BaseChannel

from seq2seq_tfx.components.stock import add_parameters
from seq2seq_tfx.components.validation.executor import Executor


class ExampleValidation(ExampleValidator):
    """ExampleValidator that fails the run on anomalies.

    Outputs:
        anomalies: `ExampleAnomalies` of each split.

    Args:
        statistics: Statistics of the splits.
        schema: What they must fit.
        settings: `ValidationSettings` as JSON.
        code_version: Hash of what the stage computes with.
    """

    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(self, statistics: BaseChannel, schema: BaseChannel, settings: str, code_version: str) -> None:
        super().__init__(statistics=statistics, schema=schema)
        add_parameters(self, settings=settings, code_version=code_version)
