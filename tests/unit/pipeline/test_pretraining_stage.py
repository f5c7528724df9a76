"""The pre-training stage is in the pipeline where the configuration says so, and nowhere else."""

import json
from pathlib import Path

import pytest

from seq2seq_tfx.pipeline.commands.arguments import check_in_pipeline
from seq2seq_tfx.pipeline.composition import Composition, compose
from seq2seq_tfx.pipeline.history import History
from seq2seq_tfx.pipeline.planning import plan
from seq2seq_tfx.schemas.config.loading import load_config
from seq2seq_tfx.schemas.errors import InputError

CONFIG = """\
name: begun
languages: {source: en, target: es}
corpora:
  - {name: a, split: auto, path: pairs.tsv}
model: {family: bert}
"""
RECORD = {"weights_sha256": "1" * 64}


def composed(folder: Path, pretraining: str, config: str = CONFIG) -> Composition:
    folder.mkdir(exist_ok=True)
    (folder / "pipeline.yaml").write_text(f"{config}pretraining: {pretraining}\n")
    (folder / "pairs.tsv").write_text("a\tb\n")
    return compose(load_config(folder / "pipeline.yaml"))


def inputs_of_training(composition: Composition) -> set[str]:
    return {key for stage in composition.stages if stage.name == "training" for key in stage.inputs}


def test_the_stage_runs_before_training_when_it_is_configured(tmp_path: Path) -> None:
    composition = composed(tmp_path, "{objective: masked, decoder: true}")
    names = [stage.name for stage in composition.stages]
    assert names[names.index("transform") : names.index("export")] == ["transform", "pretraining", "training"]
    assert "pretrained" in inputs_of_training(composition)
    given = json.loads(composition.parameters["training"]["settings"])["pretrained"]
    assert given == {"decoder": True, "given": None}
    planned = plan(composition, History(tmp_path / "none.db", "begun"))
    assert "pretraining" in planned.to_run


def test_there_is_no_such_stage_when_nothing_is_pretrained(tmp_path: Path) -> None:
    composition = composed(tmp_path, "{}")
    assert "pretraining" not in composition.parameters
    assert inputs_of_training(composition) == {"examples", "transform_graph", "vocabulary"}
    assert json.loads(composition.parameters["training"]["settings"])["pretrained"] is None


MONOLINGUAL = "  - {name: news, kind: monolingual, side: target, split: train, path: news.es}\n"


@pytest.mark.parametrize(
    ("entry", "vocabulary", "readers"),
    [("", "{}", []), (MONOLINGUAL, "{}", ["pretraining"]),
     (MONOLINGUAL, "{monolingual: true}", ["vocabulary", "pretraining"])],
)  # fmt: skip
def test_monolingual_sentences_reach_the_stages_that_they_are_for(
    entry: str, vocabulary: str, readers: list[str], tmp_path: Path
) -> None:
    (tmp_path / "news.es").write_text("texto\n")
    config = CONFIG.replace("model:", f"{entry}vocabulary: {vocabulary}\nmodel:")
    composition = composed(tmp_path, "{objective: masked}", config)
    assert [stage.name for stage in composition.stages if "monolingual" in stage.inputs] == readers
    files = json.loads(composition.parameters["corpus"]["settings"])["files"]
    assert [each["side"] for each in files] == (["pairs", "target"] if entry else ["pairs"])


def test_training_runs_again_when_another_encoder_is_taken(tmp_path: Path) -> None:
    encoder = tmp_path / "theirs"
    encoder.mkdir()
    (encoder / "pretrained.json").write_text(json.dumps(RECORD))
    first = composed(tmp_path / "ours", "{take_from: ../theirs}")
    assert "pretraining" not in first.parameters and "pretrained" not in inputs_of_training(first)
    given = json.loads(first.parameters["training"]["settings"])["pretrained"]["given"]
    assert given == {"path": str(encoder), **RECORD}
    (encoder / "pretrained.json").write_text(json.dumps({"weights_sha256": "2" * 64}))
    second = composed(tmp_path / "ours", "{take_from: ../theirs}")
    changed = [stage for stage in first.parameters if first.parameters[stage] != second.parameters[stage]]
    assert changed == ["training", "push"]


def test_a_missing_encoder_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"take_from must be the folder that a stage pretraining wrote, got .*nowhere"):
        composed(tmp_path, "{take_from: nowhere}")


def test_a_stage_that_is_not_configured_cannot_be_asked_for(tmp_path: Path) -> None:
    class Arguments:
        to, force = "pretraining", ["training"]

    with pytest.raises(InputError, match="stage pretraining must be configured to be run, it is not"):
        check_in_pipeline(Arguments(), composed(tmp_path, "{}"))  # type: ignore[arg-type]
    check_in_pipeline(Arguments(), composed(tmp_path, "{objective: masked}"))  # type: ignore[arg-type]
