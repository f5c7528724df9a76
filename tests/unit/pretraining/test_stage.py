"""The stage as a whole: what it leaves, that it resumes to the bit, and that the loss falls."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from monolingual_files import write_sentences
from tiny_vocabulary import SENTENCES, copied_sentences, processor, vocabulary
from transformed_examples import write_split, write_vocabulary

from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.models.description import PretrainedDescription
from seq2seq_tfx.components.models.weights import read_arrays
from seq2seq_tfx.components.pretraining.settings import PretrainingSettings
from seq2seq_tfx.components.pretraining.stage import PretrainingInputs, PretrainingOutputs, pretrain
from seq2seq_tfx.schemas.errors import InputError

SIZE = processor("unigram").get_piece_size()
MODEL = {"layers": 1, "width": 16, "feedforward": 32, "heads": 2, "dropout": 0.1, "max_positions": 40}
LOOP = {"max_steps": 14, "batch_tokens": 256, "warmup_steps": 4, "checkpoint_steps": 3, "validation_steps": 7,
        "max_length": 40, "learning_rate": 0.01}  # fmt: skip
MONOLINGUAL = [f"  {sentence}" for sentence in SENTENCES[100:140]] + ["side " * 60]
FAMILIES = {"masked": "bert", "causal": "gpt"}


class Killed(BaseException):
    """Stands for a kill: nothing in the stage catches it."""


def settings(objective: str, **changes: Any) -> PretrainingSettings:
    return PretrainingSettings.model_validate(
        {
            "languages": {"source": "en", "target": "en"},
            "model": {"family": FAMILIES[objective], **MODEL},
            "normalisation": {},
            "pretraining": {"objective": objective, **LOOP, **changes},
            "seed": 1,
        }
    )


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> PretrainingInputs:
    folder = tmp_path_factory.mktemp("inputs")
    return PretrainingInputs(
        train_files=[write_split(folder, copied_sentences(0, 150), file="train")],
        eval_files=[write_split(folder, copied_sentences(150, 200), file="eval")],
        vocabulary=write_vocabulary(folder / "vocabulary", SIZE, vocabulary("unigram")),
        sentence_files=([], [write_sentences(folder, "target", MONOLINGUAL)]),
    )


def run(inputs: PretrainingInputs, given: PretrainingSettings, folder: Path, kill_after: int | None = None) -> Path:
    """A process of its own, as far as state goes; returns the encoder's folder."""
    updates = iter(range(1, 1000))

    def killed() -> bool:
        if next(updates) == kill_after:
            raise Killed
        return False

    outputs = PretrainingOutputs(folder / "encoder", folder / "logs", folder / "work")
    outputs.work.mkdir(parents=True, exist_ok=True)
    pretrain(inputs, given, outputs, killed)
    return outputs.encoder


@pytest.mark.parametrize(
    ("objective", "changes"),
    [("masked", {"whole_words": True}), ("masked", {"accumulate": 2, "sides": "source"}), ("causal", {})],
)
def test_a_run_killed_twice_ends_with_the_bytes_of_one_that_was_not(
    objective: str, changes: dict[str, Any], inputs: PretrainingInputs, tmp_path: Path
) -> None:
    given = settings(objective, **changes)
    whole = run(inputs, given, tmp_path / "whole")
    for updates in (4, 5):
        with pytest.raises(Killed):
            run(inputs, given, tmp_path / "killed", updates)
    resumed = run(inputs, given, tmp_path / "killed")
    first = json.loads((resumed / "training.json").read_text())["first_step"]
    assert first > 0
    for name in ("weights.npz", "pretrained.json", "vocabulary.model"):
        assert (whole / name).read_bytes() == (resumed / name).read_bytes(), name


def test_the_result_is_written_again_when_a_kill_stops_the_removal_of_its_tokens(
    inputs: PretrainingInputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def removing_one_file(folder: Path, **_: object) -> None:
        for path in folder.glob("train/tokens.npy"):
            path.unlink()
            raise Killed

    given = settings("causal", max_steps=2)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(shutil, "rmtree", removing_one_file)
        run(inputs, given, tmp_path)
    written = (tmp_path / "encoder/weights.npz").read_bytes()
    again = run(inputs, given, tmp_path)
    assert json.loads((again / "training.json").read_text())["first_step"] == 2
    assert (again / "weights.npz").read_bytes() == written
    assert not list((tmp_path / "work").glob("tokens*"))


@pytest.mark.parametrize("objective", FAMILIES)
def test_the_loss_on_unseen_sentences_falls_and_the_result_says_what_it_is(
    objective: str, inputs: PretrainingInputs, tmp_path: Path
) -> None:
    given = settings(objective, max_steps=150, validation_steps=15)
    folder = run(inputs, given, tmp_path)
    losses = [point["eval_loss"] for point in json.loads((folder / "training.json").read_text())["validations"]]
    assert losses[-1] < 0.6 * losses[0] < 0.6 * 1.2 * np.log(SIZE)
    figures = json.loads((folder / "training.json").read_text())
    assert (figures["monolingual_sentences"], figures["monolingual_sentences_too_long"]) == (40, 1)
    assert figures["training_sentences"] == 2 * 150 + 40
    record = PretrainedDescription.from_json((folder / "pretrained.json").read_bytes())
    assert (record.objective, record.vocabulary_size, record.model) == (objective, SIZE, given.model)
    assert record.weights_sha256 == sha256_of_file(folder / "weights.npz")
    assert record.vocabulary_sha256 == sha256_of_file(folder / "vocabulary.model")
    assert "embedding/table" in read_arrays(folder / "weights.npz")
    assert not (tmp_path / "work/tokens").exists()


def test_it_says_what_to_do_when_every_sentence_is_too_long(inputs: PretrainingInputs, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"pretraining needs sentences of at most 2 tokens, there are none \(150"):
        run(inputs, settings("masked", max_length=2), tmp_path)
