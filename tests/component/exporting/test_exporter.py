"""The export stage's executor, as TFX calls it."""

from pathlib import Path

from tfx.types import standard_artifacts
from tiny_export import SETTINGS, export_record, tiny_export, write_trained

from seq2seq_tfx.components.exporting.executor import Executor


def test_exporter_writes_a_saved_model_and_its_identity(tmp_path: Path) -> None:
    trained, exported = standard_artifacts.Model(), standard_artifacts.Model()
    trained.uri, exported.uri = str(tmp_path / "model"), str(tmp_path / "exported")
    write_trained(tmp_path / "model/Format-Serving")
    properties = {"settings": SETTINGS.to_json(), "code_version": "code"}
    Executor().Do({"model": [trained]}, {"exported_model": [exported]}, properties)
    assert (tmp_path / "exported/Format-Serving/saved_model.pb").is_file()
    # The same weights, vocabulary, settings and code as those of the tiny export: the same identity.
    assert exported.get_string_custom_property("export_id") == export_record(tiny_export())["export_id"]
