"""The pre-training executor, and a Trainer that begins with what it made."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from monolingual_files import write_sentences
from tfx.proto import trainer_pb2
from tfx.types import artifact_utils, channel_utils
from tfx.types.artifact import Artifact
from tfx.types.standard_artifacts import Examples, Model, ModelRun, TransformGraph
from tfx.utils import proto_utils
from tiny_vocabulary import copied_sentences, processor, vocabulary
from transformed_examples import write_split, write_vocabulary

from seq2seq_tfx.components.artifacts import MonolingualSentences, PretrainedEncoder, Vocabulary
from seq2seq_tfx.components.models.weights import read_arrays
from seq2seq_tfx.components.pretraining.component import Pretrainer
from seq2seq_tfx.components.pretraining.executor import Executor
from seq2seq_tfx.components.pretraining.settings import PretrainingSettings
from seq2seq_tfx.components.training.component import ModelTrainer
from seq2seq_tfx.components.training.executor import Executor as TrainerExecutor
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.schemas.errors import InputError, WorkError
from seq2seq_tfx.schemas.features import SPLITS

Artifacts = dict[str, list[Artifact]]

MODEL = {"family": "bert", "layers": 1, "width": 8, "feedforward": 16, "heads": 2, "max_positions": 40}
LOOP = {"max_steps": 4, "batch_tokens": 256, "max_length": 40, "warmup_steps": 2, "validation_steps": 2}
SHARED: dict[str, Any] = {"languages": {"source": "en", "target": "en"}, "model": MODEL, "seed": 1}
SETTINGS = PretrainingSettings.model_validate(
    {**SHARED, "normalisation": {}, "pretraining": {"objective": "masked", **LOOP}}
)


@pytest.fixture
def inputs(tmp_path: Path) -> Artifacts:
    examples, vocabulary_artifact = Examples(), Vocabulary()
    examples.uri, vocabulary_artifact.uri = str(tmp_path / "examples"), str(tmp_path / "vocabulary")
    examples.split_names = artifact_utils.encode_split_names(list(SPLITS))
    for split, numbers in (("train", (0, 150)), ("eval", (150, 200))):
        folder = tmp_path / f"examples/Split-{split}"
        write_split(folder, copied_sentences(*numbers), file="transformed_examples-00000-of-00001")
    size = processor("unigram").get_piece_size()
    write_vocabulary(tmp_path / "vocabulary", size, vocabulary("unigram"))
    return {"examples": [examples], "vocabulary": [vocabulary_artifact]}


def pretrain(inputs: Artifacts, root: Path, execution: int) -> Artifact:
    encoder, model_run = PretrainedEncoder(), ModelRun()
    encoder.uri = str(root / f"pretraining/pretrained_encoder/{execution}")
    model_run.uri = str(root / f"pretraining/model_run/{execution}")
    properties = {"settings": SETTINGS.to_json(), "code_version": "1"}
    Executor().Do(inputs, {"pretrained_encoder": [encoder], "model_run": [model_run]}, properties)
    return encoder


def train(inputs: Artifacts, root: Path, pretrained: dict[str, Any], **model: Any) -> Path:
    settings = TrainingSettings.model_validate(
        {**SHARED, "model": {**MODEL, **model}, "pretrained": pretrained,
         "training": {**LOOP, "max_steps": 1, "warmup_steps": 1, "learning_rate": 1e-9, "validation_steps": 1}}
    )  # fmt: skip
    trained, model_run, graph = Model(), ModelRun(), TransformGraph()
    trained.uri, model_run.uri, graph.uri = (str(root / f"training/{name}/1") for name in ("model", "run", "graph"))
    properties = {
        "train_args": proto_utils.proto_to_json(trainer_pb2.TrainArgs(splits=["train"])),
        "eval_args": proto_utils.proto_to_json(trainer_pb2.EvalArgs(splits=["eval"])),
        "settings": settings.to_json(),
        "code_version": "1",
    }
    given = {**inputs, "transform_graph": [graph]}
    TrainerExecutor().Do(given, {"model": [trained], "model_run": [model_run]}, properties)
    return Path(trained.uri) / "Format-Serving"


def test_the_same_encoder_is_written_again_when_tfx_was_killed_before_recording(
    inputs: Artifacts, tmp_path: Path
) -> None:
    sentences = MonolingualSentences()
    sentences.uri = str(tmp_path / "sentences")
    write_sentences(tmp_path / "sentences", "source", ["little house", "the mice see"])
    given = {**inputs, "monolingual": [sentences]}
    first, second = (pretrain(given, tmp_path, execution) for execution in (1, 2))
    assert first.objective == "masked"
    assert (Path(first.uri) / "weights.npz").read_bytes() == (Path(second.uri) / "weights.npz").read_bytes()
    figures = json.loads((Path(second.uri) / "training.json").read_text())
    assert (figures["first_step"], figures["monolingual_sentences"]) == (4, 2)
    names = {path.name.split(".")[0] for path in (tmp_path / "pretraining/model_run/2").iterdir()}
    assert names == {"events", "metrics"}


@pytest.mark.parametrize("by_path", [False, True])
def test_a_trainer_begins_with_the_encoder(by_path: bool, inputs: Artifacts, tmp_path: Path) -> None:
    encoder = pretrain(inputs, tmp_path, 1)
    record = json.loads((Path(encoder.uri) / "pretrained.json").read_text())
    given = {"path": encoder.uri, "weights_sha256": record["weights_sha256"]} if by_path else None
    made = {} if by_path else {"pretrained": [encoder]}
    trained = train({**inputs, **made}, tmp_path, {"decoder": True, "given": given})

    begun, weights = read_arrays(Path(encoder.uri) / "weights.npz"), read_arrays(trained / "weights/last.npz")
    for name, origin in (("encoder.0.inner/kernel",) * 2, ("decoder.0.inner/kernel", "encoder.0.inner/kernel")):
        # One update with a learning rate of 1e-9 moves no weight further than that.
        np.testing.assert_allclose(weights[name], begun[origin], atol=2e-9, rtol=0)
    figures = json.loads((trained / "training.json").read_text())
    assert 0 < figures["pretrained_variables"] < len(weights)


def test_a_trainer_refuses_an_encoder_of_another_kind(inputs: Artifacts, tmp_path: Path) -> None:
    encoder = pretrain(inputs, tmp_path, 1)
    made = {**inputs, "pretrained": [encoder]}
    with pytest.raises(InputError, match=r"pretraining.take_from must have the architecture.*heads is 4 here and 2"):
        train(made, tmp_path, {"decoder": False}, heads=4)
    vocabulary_folder = Path(inputs["vocabulary"][0].uri)
    summary = json.loads((vocabulary_folder / "vocabulary.json").read_text())
    (vocabulary_folder / "vocabulary.json").write_text(json.dumps({**summary, "sha256": "0" * 64}))
    with pytest.raises(InputError, match=r"pretraining.take_from must have the vocabulary of this run"):
        train(made, tmp_path / "other", {"decoder": False})


def test_a_trainer_refuses_weights_that_were_changed(inputs: Artifacts, tmp_path: Path) -> None:
    encoder = pretrain(inputs, tmp_path, 1)
    with (Path(encoder.uri) / "weights.npz").open("ab") as stream:
        stream.write(b"more")
    with pytest.raises(WorkError, match=r"weights.npz must have the sha256 .* run again with --force pretraining"):
        train({**inputs, "pretrained": [encoder]}, tmp_path, {"decoder": False})


def test_the_encoder_is_a_declared_input_of_the_trainer() -> None:
    pretrainer = Pretrainer(
        examples=channel_utils.as_channel([Examples()]),
        vocabulary=channel_utils.as_channel([Vocabulary()]),
        settings=SETTINGS.to_json(),
        code_version="1",
    )
    trainer = ModelTrainer(
        examples=channel_utils.as_channel([Examples()]),
        transform_graph=channel_utils.as_channel([TransformGraph()]),
        vocabulary=channel_utils.as_channel([Vocabulary()]),
        pretrained=pretrainer.outputs["pretrained_encoder"],
        settings="{}",
        code_version="1",
    )
    assert set(pretrainer.inputs) == {"examples", "vocabulary"}
    assert set(trainer.inputs) == {"examples", "transform_graph", "vocabulary", "pretrained"}
    assert set(pretrainer.outputs) == {"pretrained_encoder", "model_run"}
