"""The packaged schema, in training and in serving."""

from pathlib import Path

import pandas as pd  # type: ignore[import-untyped]
import pytest
import tensorflow_data_validation as tfdv
from data_chain import SCHEMA_PATH, DataChain
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.types.standard_artifacts import Schema

from seq2seq_tfx.components.schema.component import SCHEMA_FILE
from seq2seq_tfx.components.schema.executor import Executor
from seq2seq_tfx.components.schema.settings import SchemaSettings
from seq2seq_tfx.schemas.errors import WorkError
from seq2seq_tfx.schemas.features import RAW_FEATURES


@pytest.fixture(scope="module")
def schema() -> schema_pb2.Schema:
    """The packaged schema."""
    return tfdv.load_schema_text(str(SCHEMA_PATH))


def test_schema_declares_the_raw_features(schema: schema_pb2.Schema) -> None:
    assert [feature.name for feature in schema.feature] == [feature.name for feature in RAW_FEATURES]


def test_artifact_is_the_packaged_file(data_chain: DataChain) -> None:
    imported = Path(data_chain.artifact("Schema", "schema").uri) / "schema.pbtxt"
    assert imported.read_text() == SCHEMA_PATH.read_text()


def test_a_source_alone_is_valid_only_when_serving(schema: schema_pb2.Schema) -> None:
    request = tfdv.generate_statistics_from_dataframe(pd.DataFrame({"source": ["ein Hund", "eine Katze"]}))
    assert not tfdv.validate_statistics(request, schema, environment="SERVING").anomaly_info
    missing = tfdv.validate_statistics(request, schema, environment="TRAINING").anomaly_info
    assert set(missing) == {feature.name for feature in RAW_FEATURES} - {"source"}


def test_run_stops_when_the_packaged_schema_is_another(tmp_path: Path) -> None:
    output = Schema()
    output.uri = str(tmp_path)
    settings = SchemaSettings(schema_sha256="0" * 64).to_json()
    with pytest.raises(WorkError, match=f"{SCHEMA_FILE} must not change during a run"):
        Executor().Do({}, {"schema": [output]}, {"schema_file": SCHEMA_FILE, "settings": settings})
