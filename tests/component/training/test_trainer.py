"""TFX's Trainer executor with our entry function, on a folder of transformed examples."""

import json
from pathlib import Path

import numpy as np
import pytest
from tfx.proto import trainer_pb2
from tfx.types import artifact_utils, channel_utils
from tfx.types.artifact import Artifact
from tfx.types.standard_artifacts import Examples, Model, ModelRun, TransformGraph
from tfx.utils import proto_utils
from tiny_vocabulary import copied_sentences, processor, vocabulary
from transformed_examples import copying_pairs, write_split, write_vocabulary

from seq2seq_tfx.components.artifacts import Vocabulary
from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.description import DESCRIPTION_FILE, ModelDescription
from seq2seq_tfx.components.models.weights import load_weights
from seq2seq_tfx.components.training.component import ModelTrainer
from seq2seq_tfx.components.training.executor import Executor
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.schemas.errors import InputError

VOCABULARY_SIZE = 20
TRAINING = {"max_steps": 6, "batch_tokens": 64, "max_length": 20, "warmup_steps": 2, "validation_steps": 3}
SETTINGS = TrainingSettings.model_validate(
    {
        "languages": {"source": "en", "target": "es"},
        "model": {"family": "transformer", "layers": 1, "width": 8, "feedforward": 16, "heads": 2},
        "training": TRAINING,
        "seed": 1,
    }
)


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, list[Artifact]]:
    examples, graph, vocabulary = Examples(), TransformGraph(), Vocabulary()
    examples.uri, graph.uri, vocabulary.uri = (str(tmp_path / name) for name in ("examples", "graph", "vocabulary"))
    examples.split_names = artifact_utils.encode_split_names(["train", "eval", "test"])
    pairs = copying_pairs(80, VOCABULARY_SIZE, 6)
    write_split(tmp_path / "examples/Split-train", pairs[:60], file="transformed_examples-00000-of-00001")
    write_split(tmp_path / "examples/Split-eval", pairs[60:], file="transformed_examples-00000-of-00001")
    write_vocabulary(tmp_path / "vocabulary", VOCABULARY_SIZE)
    return {"examples": [examples], "transform_graph": [graph], "vocabulary": [vocabulary]}


def execute(inputs: dict[str, list[Artifact]], root: Path, execution: int, settings: TrainingSettings) -> Path:
    model, model_run = Model(), ModelRun()
    model.uri, model_run.uri = (str(root / f"training/{name}/{execution}") for name in ("model", "model_run"))
    properties = {
        "train_args": proto_utils.proto_to_json(trainer_pb2.TrainArgs(splits=["train"])),
        "eval_args": proto_utils.proto_to_json(trainer_pb2.EvalArgs(splits=["eval"])),
        "settings": settings.to_json(),
        "code_version": "1",
    }
    Executor().Do(inputs, {"model": [model], "model_run": [model_run]}, properties)
    return Path(model.uri) / "Format-Serving"


def test_trainer_leaves_weights_that_build_a_model(inputs: dict[str, list[Artifact]], tmp_path: Path) -> None:
    folder = execute(inputs, tmp_path, 1, SETTINGS)
    description = ModelDescription.from_json((folder / DESCRIPTION_FILE).read_text())
    assert description.vocabulary_sha256 == sha256_of_file(folder / "vocabulary.model")
    model = build_model(description.model, description.vocabulary_size, seed=2)
    assert sorted(path.name for path in (folder / "weights").iterdir()) == ["averaged.npz", "best.npz", "last.npz"]
    for name in ("averaged", "best", "last"):
        load_weights(model, folder / f"weights/{name}.npz")
    figures = json.loads((folder / "training.json").read_text())
    assert figures["weights_sha256"]["last"] == sha256_of_file(folder / "weights/last.npz")
    assert (figures["first_step"], figures["steps"], figures["training_pairs"]) == (0, 6, 60)
    assert [point["step"] for point in figures["validations"]] == [3, 6]
    assert 0 < figures["padding_share"] < 0.5
    logs = {path.name.split(".")[0] for path in (tmp_path / "training/model_run/1").iterdir()}
    assert logs == {"events", "metrics"}
    assert not list((tmp_path / "training/.work").glob("*/tokens")), "the token store is gone"


def test_the_same_weights_are_written_again_when_tfx_was_killed_before_recording(
    inputs: dict[str, list[Artifact]], tmp_path: Path
) -> None:
    first, second = (execute(inputs, tmp_path, execution, SETTINGS) for execution in (1, 2))
    for name in ("averaged", "last"):
        assert (first / f"weights/{name}.npz").read_bytes() == (second / f"weights/{name}.npz").read_bytes()
    assert json.loads((second / "training.json").read_text())["first_step"] == 6
    with np.load(second / "weights/last.npz", allow_pickle=False) as archive:
        assert len(archive.files) > 10


def test_trainer_says_what_to_do_when_every_pair_is_too_long(inputs: dict[str, list[Artifact]], tmp_path: Path) -> None:
    training = SETTINGS.training.model_copy(update={"max_length": 1})
    with pytest.raises(InputError, match=r"pairs of at most 1 tokens, there are none \(60 are longer\); raise"):
        execute(inputs, tmp_path, 1, SETTINGS.model_copy(update={"training": training}))


def with_training(**changes: object) -> TrainingSettings:
    return TrainingSettings.model_validate({**SETTINGS.model_dump(), "training": {**TRAINING, **changes}})


def test_the_best_translations_decide_with_real_subwords(tmp_path: Path, inputs: dict[str, list[Artifact]]) -> None:
    size = processor("unigram").get_piece_size()
    write_split(tmp_path / "examples/Split-train", copied_sentences(0, 80), file="transformed_examples-00000-of-00001")
    write_split(tmp_path / "examples/Split-eval", copied_sentences(80, 99), file="transformed_examples-00000-of-00001")
    folder = write_vocabulary(tmp_path / "vocabulary", size, vocabulary("unigram"))
    given = with_training(
        validation={"metric": "chrf", "max_sentences": 5, "max_length": 12},
        subword_sampling={"sides": "both"},
        corpus_weights={"demo": 2.0},
        moving_average=0.9,
        export="best",
        max_length=64,
        batch_tokens=256,
    )
    trained = execute(inputs, tmp_path, 1, given)
    figures = json.loads((trained / "training.json").read_text())
    scores = {point["step"]: point["score"] for point in figures["scores"]}
    assert list(scores) == [3, 6]
    assert figures["best_value"] == scores[figures["best_step"]] == max(scores.values())
    description = ModelDescription.from_json((trained / DESCRIPTION_FILE).read_text())
    assert description.exported_weights == "weights/best.npz"
    assert set(figures["weights_sha256"]) == {"averaged", "best", "last", "moving_average"}
    logged = [json.loads(line) for line in (tmp_path / "training/model_run/1/metrics.jsonl").read_text().splitlines()]
    assert [line["eval_chrf"] for line in logged if "eval_chrf" in line] == list(scores.values())
    assert folder.is_dir()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"corpus_weights": {"demo": 0.0}}, r"corpus_weights must leave pairs to train on; .* weight is above 0"),
        (
            {"export": "best", "max_length": 3},
            "validation.patience need eval pairs of at most 3 tokens, there are none",
        ),
    ],
)
def test_trainer_refuses_what_the_data_do_not_have(
    changes: dict[str, object], sentence: str, inputs: dict[str, list[Artifact]], tmp_path: Path
) -> None:
    long = [pair for pair in copying_pairs(80, VOCABULARY_SIZE, 6) if len(pair[1]) > 3]
    write_split(tmp_path / "examples/Split-eval", long, file="transformed_examples-00000-of-00001")
    with pytest.raises(InputError, match=sentence):
        execute(inputs, tmp_path, 1, with_training(**changes))


def test_component_declares_the_vocabulary_as_an_input() -> None:
    trainer = ModelTrainer(
        examples=channel_utils.as_channel([Examples()]),
        transform_graph=channel_utils.as_channel([TransformGraph()]),
        vocabulary=channel_utils.as_channel([Vocabulary()]),
        settings=SETTINGS.to_json(),
        code_version="1",
    )
    assert set(trainer.inputs) == {"examples", "transform_graph", "vocabulary"}
    assert set(trainer.outputs) == {"model", "model_run"}
    assert {"settings", "code_version"} <= set(trainer.exec_properties)
