"""The push's executor on hand-written artifacts."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

import pytest
from pushed_models import decision, write_export
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact
from tfx.types.channel_utils import as_channel

from seq2seq_tfx.components.artifacts import CorpusLedger, GateDecision
from seq2seq_tfx.components.pushing import executor
from seq2seq_tfx.components.pushing.component import ModelPusher
from seq2seq_tfx.components.pushing.executor import Executor
from seq2seq_tfx.components.pushing.settings import PushSettings

SETTINGS = PushSettings.model_validate({"push": {}, "name": "demo"})
LEDGER = {
    "corpora": [{"corpus": "news", "read": 12, "kept": {"train": 11}, "rules": {"empty": {"samples": ["secret"]}}}]
}
TRAINING = {"parameters": 99, "steps": 40, "wall_seconds": 60.0, "training_pairs": 11, "precision": "float32"}
PROVENANCE = {"config": {"languages": {"source": "en", "target": "de"}}}


def artifact(kind: type[Artifact], folder: Path) -> Artifact:
    folder.mkdir(parents=True, exist_ok=True)
    made = kind()
    made.uri = str(folder)
    return made


def push(folder: Path, *, blessed: int = 1, infra_blessed: int = 1, settings: PushSettings = SETTINGS) -> Artifact:
    """Run the executor; returns the `PushedModel`."""
    if not (folder / "model").exists():
        write_export(folder / "model/Format-Serving")
    inputs = {
        "model": artifact(standard_artifacts.Model, folder / "model"),
        "model_blessing": artifact(standard_artifacts.ModelBlessing, folder / "blessing"),
        "infra_blessing": artifact(standard_artifacts.InfraBlessing, folder / "infra"),
        "decision": artifact(GateDecision, folder / "decision"),
        "ledger": artifact(CorpusLedger, folder / "ledger"),
        "trained": artifact(standard_artifacts.Model, folder / "trained"),
    }
    inputs["model"].set_string_custom_property("export_id", "id-a")
    inputs["model"].set_string_custom_property("compute_type", "bfloat16")
    inputs["model_blessing"].set_int_custom_property("blessed", blessed)
    inputs["infra_blessing"].set_int_custom_property("blessed", infra_blessed)
    (folder / "decision/decision.json").write_text(json.dumps(decision()))
    (folder / "ledger/ledger.json").write_text(json.dumps(LEDGER))
    (folder / "trained/Format-Serving").mkdir(exist_ok=True)
    (folder / "trained/Format-Serving/training.json").write_text(json.dumps(TRAINING))
    component = ModelPusher(
        **{key: as_channel([value]) for key, value in inputs.items()},
        settings=settings.to_json(),
        code_version="1",
        push_directory=str(folder / "pushed"),
        provenance=json.dumps(PROVENANCE),
    )
    pushed = artifact(standard_artifacts.PushedModel, folder / "out")
    properties: dict[str, Any] = component.exec_properties
    Executor().Do({key: [value] for key, value in inputs.items()}, {"pushed_model": [pushed]}, properties)
    return pushed


def test_nobody_puts_another_version_in_use_while_one_is_copied_to_the_destination(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = []

    def copy(push_directory: Path, *_: str) -> None:
        handle = os.open(push_directory, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)
        copied.append(push_directory)

    monkeypatch.setattr(executor, "copy_to_destination", copy)
    push(
        tmp_path, settings=PushSettings.model_validate({"push": {"destination": "s3://bucket/folder"}, "name": "demo"})
    )
    assert copied == [tmp_path / "pushed"]


def test_blessed_model_is_pushed_and_recorded(tmp_path: Path) -> None:
    pushed = push(tmp_path)
    version = tmp_path / "pushed/1"
    assert pushed.get_int_custom_property("pushed") == 1
    assert pushed.get_string_custom_property("pushed_destination") == str(version)
    assert pushed.get_string_custom_property("pushed_version") == "1"
    assert json.loads((tmp_path / "out/pushed.json").read_text()) == {
        "version": 1,
        "path": str(version),
        "already": False,
    }
    provenance = json.loads((version / "provenance.json").read_text())
    assert provenance["pairs"] == {"news": {"read": 12, "kept": {"train": 11}}}
    assert provenance["decision"] == decision()
    assert provenance["training"] == TRAINING
    assert provenance["precision"] == {"training": "float32", "export": "bfloat16"}
    papers = {"provenance.json", "model_card.md"}
    assert provenance["bytes"] == sum(
        path.stat().st_size for path in version.rglob("*") if path.is_file() and path.name not in papers
    )
    assert "secret" not in (version / "provenance.json").read_text()
    assert "# demo, version 1" in (version / "model_card.md").read_text()


def test_same_model_is_recorded_as_pushed_before(tmp_path: Path) -> None:
    push(tmp_path)
    again = push(tmp_path)
    assert (again.get_int_custom_property("pushed"), again.get_int_custom_property("already")) == (1, 1)
    assert [path.name for path in (tmp_path / "pushed").iterdir() if path.is_dir()] == ["1"]


@pytest.mark.parametrize(("blessed", "infra_blessed"), [(0, 1), (1, 0)])
def test_refused_model_is_not_pushed(tmp_path: Path, blessed: int, infra_blessed: int) -> None:
    pushed = push(tmp_path, blessed=blessed, infra_blessed=infra_blessed)
    assert pushed.get_int_custom_property("pushed") == 0
    assert not (tmp_path / "pushed").exists()
