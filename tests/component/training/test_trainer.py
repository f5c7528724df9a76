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
SETTINGS = TrainingSettings.model_validate(
    {
        "languages": {"source": "en", "target": "es"},
        "model": {"family": "transformer", "layers": 1, "width": 8, "feedforward": 16, "heads": 2},
        "training": {"max_steps": 6, "batch_tokens": 64, "max_length": 20, "warmup_steps": 2, "validation_steps": 3},
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
    for name in ("averaged", "last"):
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
