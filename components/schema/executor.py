"""TFX's ImportSchemaGen executor, pointed at the packaged schema."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfx.components.schema_gen.import_schema_gen import executor as stock
from tfx.types import standard_component_specs
from tfx.types.artifact import Artifact
from typing_extensions import override

from seq2seq_tfx import schemas
from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.schema.settings import SchemaSettings
from seq2seq_tfx.schemas.errors import WorkError


class Executor(stock.Executor):
    """Imports a schema that lies in `seq2seq_tfx.schemas`."""

    @override
    def Do(
        self,
        input_dict: Mapping[str, Sequence[Artifact]],
        output_dict: Mapping[str, Sequence[Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        """Write `schema`.

        Raises:
            WorkError: If the packaged file is not the one that the settings name.
        """
        path = Path(schemas.__path__[0]) / exec_properties[standard_component_specs.SCHEMA_FILE_KEY]
        wanted, found = SchemaSettings.from_json(exec_properties["settings"]).schema_sha256, sha256_of_file(path)
        if found != wanted:
            raise WorkError(f"{path} must not change during a run: its sha256 was {wanted} and is {found}; run again")
        super().Do(input_dict, output_dict, {standard_component_specs.SCHEMA_FILE_KEY: str(path)})
