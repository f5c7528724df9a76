"""The loop: exact resume, interruption, what it learns, what it refuses."""

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf
from transformed_examples import copying_pairs, write_split

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.models.weights import Arrays, read_arrays, weights_of
from seq2seq_tfx.components.training.batches import Ids, padded
from seq2seq_tfx.components.training.loop import Folders, TrainingData, TrainingLoop, TrainingResult
from seq2seq_tfx.components.training.precision import prepare_process
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.token_store import open_token_store
from seq2seq_tfx.schemas.errors import WorkError
from seq2seq_tfx.schemas.features import BOS_ID, EOS_ID

VOCABULARY_SIZE = 20
TINY = {"family": "transformer", "layers": 1, "width": 16, "feedforward": 32, "heads": 2, "dropout": 0.1}
RECURRENT = {"family": "rnn", "layers": 1, "width": 16, "embedding": 16, "dropout": 0.1}
SHORT = {
    "max_steps": 9, "batch_tokens": 64, "warmup_steps": 4, "checkpoint_steps": 3, "validation_steps": 2, "average": 3,
}  # fmt: skip


class Killed(BaseException):
    """Stands for a kill: nothing in the loop catches it."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingData:
    prepare_process()
    folder = tmp_path_factory.mktemp("data")
    pairs = copying_pairs(400, VOCABULARY_SIZE, 6)
    train, evaluation = write_split(folder, pairs[:360], file="train"), write_split(folder, pairs[360:], file="eval")
    return TrainingData(
        open_token_store(folder / "a", [train], 100, "train"), open_token_store(folder / "b", [evaluation], 100, "eval")
    )


def settings(model: Mapping[str, object], training: Mapping[str, object]) -> TrainingSettings:
    return TrainingSettings.model_validate(
        {"languages": {"source": "en", "target": "es"}, "model": model, "training": training, "seed": 1}
    )


def run(
    data: TrainingData, given: TrainingSettings, work: Path, interrupted: Callable[[], bool] = lambda: False
) -> tuple[Seq2SeqModel, TrainingResult]:
    model = build_model(given.model, VOCABULARY_SIZE, seed=given.seed)
    loop = TrainingLoop(model, data, given, Folders(work=work, logs=work / "logs"))
    return model, loop.run(interrupted)


def after(updates: int, action: Callable[[], bool]) -> Callable[[], bool]:
    """An `interrupted` that acts after so many updates of this process."""
    left = iter(range(updates - 1, -1, -1))
    return lambda: action() if next(left) == 0 else False


def killed() -> bool:
    raise Killed


def digest(arrays: Arrays) -> str:
    return hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()


class Finished(NamedTuple):
    """A run that nothing disturbed."""

    given: TrainingSettings
    work: Path
    weights: str
    result: TrainingResult


@pytest.fixture(scope="module", params=[TINY, RECURRENT], ids=["transformer", "rnn"])
def finished(request: pytest.FixtureRequest, data: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    given, work = settings(request.param, SHORT), tmp_path_factory.mktemp("finished")
    model, result = run(data, given, work)
    return Finished(given, work, digest(weights_of(model)), result)


def test_weights_are_equal_to_the_bit_when_the_run_was_killed(
    data: TrainingData, tmp_path: Path, finished: Finished
) -> None:
    with pytest.raises(Killed):
        run(data, finished.given, tmp_path, after(5, killed))  # two updates after the checkpoint
    with pytest.raises(WorkError, match="interrupted after step 4 of 9; the next run goes on"):
        run(data, finished.given, tmp_path, after(1, lambda: True))
    resumed, result = run(data, finished.given, tmp_path)
    expected = finished.result
    assert result.first_step == 4
    assert digest(weights_of(resumed)) == finished.weights
    assert digest(result.weights["averaged"]) == digest(expected.weights["averaged"]) != finished.weights
    assert result.progress.validations == expected.progress.validations
    assert result.progress.target_tokens == expected.progress.target_tokens
    figures = [json.loads(line) for line in (tmp_path / "logs/metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in figures if "eval_loss" in line] == [2, 4, 6, 8, 9]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_training_with_a_checkpoint(number: signal.Signals, data: TrainingData, tmp_path: Path) -> None:
    given = settings(TINY, {**SHORT, "checkpoint_steps": 100})

    def send() -> bool:
        os.kill(os.getpid(), number)
        return False

    with pytest.raises(WorkError, match="interrupted after step 2 of 9; the next run goes on from there"):
        run(data, given, tmp_path, after(2, send))
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-000000002.npz"]


def test_a_damaged_checkpoint_is_passed_over_and_a_complete_run_not_trained(
    data: TrainingData, tmp_path: Path, finished: Finished
) -> None:
    work = tmp_path / "work"
    shutil.copytree(finished.work, work)
    newest = work / "checkpoints/step-000000009.npz"
    newest.write_bytes(newest.read_bytes()[:1000])
    for first_step in (6, 9):
        _, result = run(data, finished.given, work)
        assert result.first_step == first_step
        assert digest(result.weights["averaged"]) == digest(finished.result.weights["averaged"])


def test_the_mean_is_over_the_last_validation_points(finished: Finished) -> None:
    steps = [6, 8, 9]
    paths = [finished.work / f"snapshots/step-{step:09d}.npz" for step in steps]
    assert sorted((finished.work / "snapshots").iterdir()) == paths
    snapshots = [read_arrays(path) for path in paths]
    for name, mean in finished.result.weights["averaged"].items():
        np.testing.assert_allclose(mean, sum(snapshot[name] for snapshot in snapshots) / 3, rtol=1e-5, atol=1e-7)
    assert digest(snapshots[-1]) == finished.weights


def test_training_stops_when_the_loss_is_not_finite(data: TrainingData, tmp_path: Path) -> None:
    given = settings(TINY, {**SHORT, "learning_rate": 1e30, "clip_norm": 0})
    with pytest.raises(WorkError, match=r"must be finite, they are .* in step \d; lower training.learning_rate"):
        run(data, given, tmp_path)
    (kept,) = tmp_path.glob("batch-of-step-*.npz")
    with np.load(kept, allow_pickle=False) as batch:
        assert set(batch.files) == {"source_ids", "target_ids"}


def test_copying_is_learned(data: TrainingData, tmp_path: Path) -> None:
    wide = {**TINY, "width": 32, "feedforward": 64, "dropout": 0.0}
    training = {
        "max_steps": 400,
        "batch_tokens": 512,
        "learning_rate": 5e-3,
        "warmup_steps": 50,
        "validation_steps": 400,
    }
    model, result = run(data, settings(wide, {**training, "schedule": "linear"}), tmp_path)
    source, target = padded(data.evaluation, np.arange(len(data.evaluation)))
    right = [
        list(row[: np.count_nonzero(row)]) == list(guess[: np.count_nonzero(row)])
        for row, guess in zip(target, greedy(model, source, target.shape[1]), strict=True)
    ]
    assert np.mean(right) > 0.99
    assert result.progress.validations[-1][1] < 0.7


def greedy(model: Seq2SeqModel, source: Ids, length: int) -> Ids:
    """Translations of a fixed length by the stepwise path; what follows EOS does not count."""
    memory, state = model.start(model.encode(tf.constant(source)))
    token = tf.fill([len(source)], BOS_ID)
    tokens = []
    for position in range(length):
        logits, state = model.step(memory, state, token[:, None], tf.constant(position))
        token = tf.argmax(logits, axis=-1, output_type=tf.int32)
        tokens.append(token.numpy())
    assert EOS_ID in tokens[-1]
    return np.stack(tokens, axis=1)
