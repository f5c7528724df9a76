"""The export stage's executor, as TFX calls it."""

from pathlib import Path

from proven_export import LENIENT, proven_export, write_eval
from tfx.types import standard_artifacts
from tiny_export import export_record, write_trained

from seq2seq_tfx.components.exporting.executor import Executor


def test_exporter_writes_a_saved_model_a_proven_ctranslate2_folder_and_their_identity(tmp_path: Path) -> None:
    trained, examples, exported = standard_artifacts.Model(), standard_artifacts.Examples(), standard_artifacts.Model()
    trained.uri, examples.uri, exported.uri = (str(tmp_path / name) for name in ("model", "examples", "exported"))
    write_eval(tmp_path / "examples/Split-eval", write_trained(tmp_path / "model/Format-Serving"))
    properties = {"settings": LENIENT.to_json(), "code_version": "code"}
    Executor().Do({"model": [trained], "examples": [examples]}, {"exported_model": [exported]}, properties)
    written = tmp_path / "exported/Format-Serving"
    assert (written / "saved_model.pb").is_file()
    assert (written / "ctranslate2/int8/model.bin").is_file() and (written / "equality.json").is_file()
    assert exported.get_string_custom_property("compute_type") == "float32"
    # The same weights, vocabulary, settings, code and verdict: the same identity.
    assert exported.get_string_custom_property("export_id") == export_record(proven_export())["export_id"]
