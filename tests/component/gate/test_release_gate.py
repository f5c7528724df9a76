"""The gate's executor on hand-written artifacts."""

import json
from pathlib import Path
from typing import Any

import pytest
from mini_pipeline import REFERENCES, SETTINGS, write_evaluation, write_translations
from pushed_models import record, write_export
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact

from seq2seq_tfx.components.artifacts import GateDecision
from seq2seq_tfx.components.gate.executor import Executor
from seq2seq_tfx.components.pushing.push import push_version
from seq2seq_tfx.schemas.errors import WorkError


def artifact(kind: type[Artifact], folder: Path) -> Artifact:
    folder.mkdir(parents=True, exist_ok=True)
    made = kind()
    made.uri = str(folder)
    return made


def judge(
    folder: Path, candidate: str, baseline: str | None, references: list[str] | None = None
) -> tuple[Artifact, dict[str, Any]]:
    """Run the executor; returns the blessing and the decision."""
    inputs = {
        "evaluation": [artifact(standard_artifacts.ModelEvaluation, folder / "evaluation")],
        "translations": [artifact(standard_artifacts.Examples, folder / "translations")],
        "baseline_translations": [artifact(standard_artifacts.Examples, folder / "baseline")],
        "model": [artifact(standard_artifacts.Model, folder / "model")],
    }
    inputs["model"][0].set_string_custom_property("export_id", candidate)
    write_evaluation(inputs["evaluation"][0].uri, candidate)
    write_translations(inputs["translations"][0].uri, candidate)
    write_translations(inputs["baseline_translations"][0].uri, baseline, references)
    blessing = artifact(standard_artifacts.ModelBlessing, folder / "blessing")
    decision = artifact(GateDecision, folder / "decision")
    properties = {"settings": SETTINGS.to_json(), "code_version": "1", "push_directory": str(folder / "pushed")}
    Executor().Do(inputs, {"blessing": [blessing], "decision": [decision]}, properties)
    return blessing, json.loads((folder / "decision/decision.json").read_text())


def push(folder: Path, name: str) -> None:
    push_version(write_export(folder / f"export-{name}"), folder / "pushed", record(name))


def test_first_model_is_blessed(tmp_path: Path) -> None:
    blessing, decision = judge(tmp_path, "good", None)
    assert blessing.get_int_custom_property("blessed") == 1
    assert blessing.get_string_custom_property("current_model") == str(tmp_path / "model")
    assert (tmp_path / "blessing/BLESSED").exists()
    assert (decision["verdict"], decision["baseline"], decision["candidate"]["export_id"]) == ("blessed", None, "good")
    assert decision["candidate"]["scores"][0]["signature"].startswith("nrefs:1|case:mixed|eff:no|tok:13a|")


def test_worse_model_is_refused_with_both_scores(tmp_path: Path) -> None:
    push(tmp_path, "good")
    blessing, decision = judge(tmp_path, "bad", "good")
    assert blessing.get_int_custom_property("blessed") == 0
    assert (tmp_path / "blessing/NOT_BLESSED").exists()
    assert decision["verdict"] == "refused"
    assert "points worse than the model in use (100.00); 1 are allowed" in decision["reasons"][0]
    baseline = decision["baseline"]
    assert (baseline["export_id"], baseline["version"], round(baseline["scores"]["chrf"]["value"])) == ("good", 1, 100)


def test_missing_translations_of_the_model_in_use_stop_the_run(tmp_path: Path) -> None:
    push(tmp_path, "good")
    with pytest.raises(WorkError, match="version 1 is in use, and there are 0 sets"):
        judge(tmp_path, "bad", None)


def test_translations_of_no_model_in_use_stop_the_run(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match="none is in use, and there are 1 sets"):
        judge(tmp_path, "good", "other")


def test_other_sentences_are_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    push(tmp_path, "good")
    (tmp_path / "other").mkdir()
    monkeypatch.setattr("mini_pipeline.translations_by", lambda model: REFERENCES[: 5 if model == "short" else 6])
    with pytest.raises(WorkError, match=r"got 6 and 5, 5 of them the same"):
        judge(tmp_path, "bad", "short", REFERENCES[:5])
