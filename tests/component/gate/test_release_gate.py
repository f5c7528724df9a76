"""The gate's executor on hand-written artifacts."""

import json
from pathlib import Path
from typing import Any

import pytest
from mini_pipeline import REFERENCES, SETTINGS, store_report, write_evaluation, write_translations
from pushed_models import record, write_export
from sabotaged_translations import SABOTAGED, as_translated, system
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact

from seq2seq_tfx.components.artifacts import GateDecision
from seq2seq_tfx.components.evaluation.plain import evaluate_texts
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.components.evaluation.translations import read_translations
from seq2seq_tfx.components.example_files import ExampleShards, number_shards, serialised_example
from seq2seq_tfx.components.gate.acceptance import accept
from seq2seq_tfx.components.gate.executor import Executor
from seq2seq_tfx.components.gate.settings import GateSettings
from seq2seq_tfx.components.pushing.in_use import put_in_use
from seq2seq_tfx.components.pushing.push import push_version
from seq2seq_tfx.components.versions import TRANSLATED_BY
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
    if baseline is not None:
        inputs["baseline_translations"][0].set_string_custom_property(TRANSLATED_BY, baseline)
    blessing = artifact(standard_artifacts.ModelBlessing, folder / "blessing")
    decision = artifact(GateDecision, folder / "decision")
    properties = {"settings": SETTINGS.to_json(), "code_version": "1", "push_directory": str(folder / "pushed")}
    Executor().Do(inputs, {"blessing": [blessing], "decision": [decision]}, properties)
    return blessing, json.loads((folder / "decision/decision.json").read_text())


def judge_sabotaged(folder: Path, fault: str) -> dict[str, Any]:
    """Run the executor at the default policy on stored translations with a fault, against a sound model in use."""
    push(folder, "good")
    settings = GateSettings.model_validate(
        {"gate": {}, "evaluation": {"metrics": ["bleu", "chrf"]}, "languages": {"source": "en", "target": "es"}}
    )
    candidate = SABOTAGED[fault]() if fault in SABOTAGED else system(int(fault))
    inputs = {
        "evaluation": [artifact(standard_artifacts.ModelEvaluation, folder / "evaluation")],
        "translations": [write_examples(folder / "translations", candidate)],
        "baseline_translations": [write_examples(folder / "baseline", system(1))],
        "model": [artifact(standard_artifacts.Model, folder / "model")],
    }
    inputs["model"][0].set_string_custom_property("export_id", "candidate")
    inputs["baseline_translations"][0].set_string_custom_property(TRANSLATED_BY, "good")
    evaluation = EvaluationSettings(evaluation=settings.evaluation, languages=settings.languages)
    stored = read_translations(str(folder / "translations"), "test")
    store_report(folder / "evaluation", evaluate_texts(stored, evaluation))
    outputs = {
        "blessing": [artifact(standard_artifacts.ModelBlessing, folder / "blessing")],
        "decision": [artifact(GateDecision, folder / "decision")],
    }
    properties = {"settings": settings.to_json(), "code_version": "1", "push_directory": str(folder / "pushed")}
    Executor().Do(inputs, outputs, properties)
    decision: dict[str, Any] = json.loads((folder / "decision/decision.json").read_text())
    assert outputs["blessing"][0].get_int_custom_property("blessed") == int(decision["verdict"] != "refused")
    return decision


def write_examples(folder: Path, translations: list[str]) -> Artifact:
    """Store translations of the invented test set as the Translator does."""
    directory = folder / "Split-test"
    with ExampleShards(directory, part=0) as shards:
        for each in as_translated(translations):
            texts = {"pair_id": each.pair_id, "source": each.source, "translation": each.translation, **each.features}
            features = {name: [text.encode()] for name, text in texts.items()}
            shards.write(serialised_example({**features, "target": [each.references[0].encode()]}))
    number_shards(directory)
    return artifact(standard_artifacts.Examples, folder)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("shuffled vocabulary", "points worse than the model in use"),
        ("random weights", "points worse than the model in use"),
        ("copies the source", "repeat their source"),
        ("worse on one domain", "on domain=talks (400 sentences) is "),
        ("loops", "repeat themselves in a loop"),
        ("loses numbers", "lose or change a number"),
    ],
)
def test_stored_translations_with_a_fault_are_refused_with_its_reason(tmp_path: Path, fault: str, reason: str) -> None:
    decision = judge_sabotaged(tmp_path, fault)
    assert decision["verdict"] == "refused"
    assert any(reason in each for each in decision["reasons"]), decision["reasons"]


@pytest.mark.parametrize("seed", ["2", "3"])
def test_equally_good_stored_translations_pass(tmp_path: Path, seed: str) -> None:
    assert judge_sabotaged(tmp_path, seed)["verdict"] == "blessed"


def test_an_accepted_model_is_blessed_with_the_reason_in_the_metadata(tmp_path: Path) -> None:
    push(tmp_path, "good")
    accept(tmp_path / "pushed", "bad", "good", "known to be better on real text")
    blessing, decision = judge(tmp_path, "bad", "good")
    assert blessing.get_int_custom_property("blessed") == 1
    assert blessing.get_string_custom_property("accepted") == "known to be better on real text"
    assert (decision["verdict"], decision["acceptance"]["baseline"]) == ("accepted", "good")
    assert decision["reasons"][0] == "accepted by a person: known to be better on real text"
    assert "points worse than the model in use" in decision["reasons"][1]


def test_an_acceptance_of_another_comparison_does_not_count(tmp_path: Path) -> None:
    push(tmp_path, "good")
    accept(tmp_path / "pushed", "bad", None, "as a first model")
    assert judge(tmp_path, "bad", "good")[1]["verdict"] == "refused"


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


def test_a_roll_back_while_the_model_in_use_was_translating_stops_the_run(tmp_path: Path) -> None:
    for name in ("good", "worse"):
        push(tmp_path, name)
    put_in_use(tmp_path / "pushed", 1, "demo")
    with pytest.raises(WorkError, match="the translations of version 1, and has those of another model"):
        judge(tmp_path, "bad", "worse")


def test_other_sentences_are_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    push(tmp_path, "good")
    (tmp_path / "other").mkdir()
    monkeypatch.setattr("mini_pipeline.translations_by", lambda model: REFERENCES[: 5 if model == "good" else 6])
    with pytest.raises(WorkError, match=r"got 6 and 5, 5 of them the same"):
        judge(tmp_path, "bad", "good", REFERENCES[:5])
