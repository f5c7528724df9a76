"""The schema stage: TFX's ImportSchemaGen on the packaged schema."""

from typing import Final

from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec

from seq2seq_tfx.components.schema.executor import Executor
from seq2seq_tfx.components.stock import add_parameters

SCHEMA_FILE: Final = "parallel_corpus.pbtxt"
"""Relative to the package, so that moving the installation changes nothing."""


class SchemaImport(ImportSchemaGen):
    """ImportSchemaGen that knows the schema by its content, not by its path.

    Outputs:
        schema: `Schema`.

    Args:
        settings: `SchemaSettings` as JSON.
        code_version: Hash of what the stage computes with.
    """

    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(self, settings: str, code_version: str) -> None:
        super().__init__(schema_file=SCHEMA_FILE)
        add_parameters(self, settings=settings, code_version=code_version)
