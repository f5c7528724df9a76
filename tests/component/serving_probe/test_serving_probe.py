"""The probe's executor on a real export, in a real fresh process."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from proven_export import proven_export
from tfx.types import standard_artifacts
from tiny_export import SENTENCES, write_artifact, write_examples

from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.serving_probe.executor import Executor
from seq2seq_tfx.components.serving_probe.settings import ProbeSettings
from seq2seq_tfx.components.serving_probe.stage import HARD_CASES, probe
from seq2seq_tfx.components.translation.engine import load_engine
from seq2seq_tfx.components.translation.locating import read_export_record
from seq2seq_tfx.schemas.config.serving_probe import ServingProbeConfig


def test_good_export_is_blessed_and_a_broken_one_refused_without_an_error(tmp_path: Path) -> None:
    model, examples = standard_artifacts.Model(), standard_artifacts.Examples()
    model.uri, examples.uri = str(write_artifact(tmp_path / "model")), str(tmp_path / "examples")
    write_examples(tmp_path / "examples", {"eval": SENTENCES})
    properties = {
        "settings": ProbeSettings(serving_probe=ServingProbeConfig(sentences=5)).to_json(),
        "code_version": "1",
    }

    def run(name: str) -> tuple[standard_artifacts.InfraBlessing, dict[str, object]]:
        blessing = standard_artifacts.InfraBlessing()
        blessing.uri = str(tmp_path / name)
        Executor().Do({"model": [model], "examples": [examples]}, {"blessing": [blessing]}, properties)
        return blessing, json.loads((tmp_path / name / "probe.json").read_text())

    blessing, report = run("good")
    assert report["reasons"] == []
    assert blessing.get_int_custom_property("blessed") == 1
    assert (tmp_path / "good/INFRA_BLESSED").exists()
    assert len(report["translations"]) == len(HARD_CASES) + 5  # type: ignore[arg-type]
    assert float(str(report["peak_memory_mib"])) > 0 and float(str(report["latency_seconds"])) > 0

    assert report["calls"] == 300 and len(report["resident_mib"]) == 6  # type: ignore[arg-type]

    (tmp_path / "model/Format-Serving/saved_model.pb").write_bytes(b"")
    blessing, report = run("broken")
    assert blessing.get_int_custom_property("blessed") == 0
    assert (tmp_path / "broken/INFRA_NOT_BLESSED").exists()
    assert report["reasons"] != []


def _cut(export: Path, name: str) -> None:
    path = export / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _turn_a_bit(export: Path, name: str) -> None:
    content = bytearray((export / name).read_bytes())
    content[len(content) // 2] ^= 1
    (export / name).write_bytes(content)


def _remove(export: Path, name: str) -> None:
    (export / name).unlink()


GRAPH, WEIGHTS, INDEX = "saved_model.pb", "variables/variables.data-00000-of-00001", "variables/variables.index"


# A bit of the graph may stand in a name, where it does no harm: that is not among these.
@pytest.mark.parametrize(
    ("damage", "name"),
    [
        *((_cut, name) for name in (GRAPH, WEIGHTS, INDEX)),
        *((_remove, name) for name in (GRAPH, WEIGHTS, INDEX)),
        *((_turn_a_bit, name) for name in (WEIGHTS, INDEX)),
    ],
)
def test_damaged_export_is_refused_with_what_was_said_about_it(
    tmp_path: Path, damage: Callable[[Path, str], None], name: str
) -> None:
    export = write_artifact(tmp_path) / "Format-Serving"
    damage(export, name)
    report = probe(export, SENTENCES, ServingProbeConfig(rounds=2))
    assert not report.blessed
    (reason,) = report.reasons
    assert "the export must load and translate, but the process ended with " in reason
    assert len(reason.split(": ", 1)[1]) > 10


def test_every_ctranslate2_folder_is_tried_and_a_damaged_one_refused(tmp_path: Path) -> None:
    export = tmp_path / "export"
    shutil.copytree(proven_export(), export)
    model = "ctranslate2/float32/model.bin"
    _cut(export, model)
    proof = json.loads((export / "equality.json").read_bytes())
    proof["sha256"][model] = sha256_of_file(export / model)
    (export / "equality.json").write_text(json.dumps(proof))
    # No ordinary sentences: of those, random weights may say nothing.
    report = probe(export, (), ServingProbeConfig(rounds=2))
    (reason,) = report.reasons
    assert reason.startswith("ctranslate2/float32: the export must load and translate, but the process ended with 1: ")
    sound = report.ctranslate2["int8"]
    engine = load_engine(export, read_export_record(export), "ctranslate2", 8)
    said = {each["source"]: each["translation"] for each in sound.translations}
    asked = [case for case in HARD_CASES if case.isascii()]
    assert [said[case] for case in asked] == [next(iter(engine.translate([case]))).text for case in asked]
    assert len(asked) > 5 and any(map(said.get, asked))
    assert sound.calls > 0 and 0 < sound.peak_memory_mib < report.peak_memory_mib
    assert report.ctranslate2["float32"].calls == 0


def test_ctranslate2_folders_that_are_not_what_was_proven_are_refused(tmp_path: Path) -> None:
    export = tmp_path / "export"
    shutil.copytree(proven_export(), export)
    _turn_a_bit(export, "ctranslate2/int8/model.bin")
    _remove(export, "ctranslate2/float32/shared_vocabulary.json")
    (export / "saved_model.pb").write_bytes(b"")
    _, *reasons = probe(export, SENTENCES, ServingProbeConfig(rounds=2)).reasons
    end = "must be as it was proven (equality.json), but was changed or removed"
    assert reasons == [f"ctranslate2/int8: model.bin {end}", f"ctranslate2/float32: shared_vocabulary.json {end}"]
