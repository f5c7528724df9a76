"""Training on two workers, by real processes: equal to one, stopped together, going on exactly, one of them writing."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import training_child
from training_child import STEPS, VOCABULARY_SIZE, updates
from transformed_examples import copying_pairs, write_split, write_vocabulary

from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.training.cluster import VARIABLE, WORKER_MODULE, tf_config
from seq2seq_tfx.components.training.precision import prepare_process
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.stage import TrainingInputs, TrainingOutputs
from seq2seq_tfx.components.training.token_store import open_token_store
from seq2seq_tfx.components.training.workers import free_addresses, train_on_workers
from seq2seq_tfx.schemas.errors import WorkError

PATIENCE_SECONDS = 300.0
NOTICED_WITHIN_SECONDS = 60.0
Updates = Mapping[str, np.ndarray[Any, Any]]


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> TrainingInputs:
    folder = tmp_path_factory.mktemp("examples")
    pairs = copying_pairs(400, VOCABULARY_SIZE, 6)
    train, evaluation = write_split(folder, pairs[:360], file="train"), write_split(folder, pairs[360:], file="eval")
    return TrainingInputs([train], [evaluation], write_vocabulary(folder / "vocabulary", VOCABULARY_SIZE))


@pytest.fixture(scope="module")
def replicas(examples: TrainingInputs, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Updates]:
    """A folder that two processes, and one with two devices, have written to; and what one replica says."""
    work = tmp_path_factory.mktemp("replicas")
    store = open_token_store(work / "train", examples.train_files, 100, "train")
    open_token_store(work / "eval", examples.eval_files, 100, "eval")
    addresses = free_addresses(2)
    children = [
        subprocess.Popen(
            [sys.executable, training_child.__file__, str(work), *arguments],
            env={**os.environ, **({VARIABLE: tf_config(addresses, int(arguments[1]))} if len(arguments) > 1 else {})},
            stderr=subprocess.PIPE,
        )
        for arguments in (["two", "0"], ["two", "1"], ["mirrored"])
    ]
    prepare_process()
    alone = updates(store)
    for child in children:
        _, errors = child.communicate(timeout=PATIENCE_SECONDS)
        assert child.returncode == 0, errors.decode()[-3000:]
    return work, alone


@pytest.mark.parametrize("kind", ["0", "1", "mirrored"])
def test_two_replicas_learn_what_one_learns_from_the_same_batches(kind: str, replicas: tuple[Path, Updates]) -> None:
    work, alone = replicas
    with np.load(work / f"{kind}.npz", allow_pickle=False) as archive:
        two = dict(archive)
    assert {1, 3} <= set(alone["pairs"].tolist()), "shares that are empty, and shares of unequal size"
    assert len(two["losses"]) == STEPS
    np.testing.assert_allclose(two["losses"], alone["losses"], rtol=1e-3)
    assert alone["losses"][-20:].mean() < alone["losses"][:20].mean() - 0.3, "and they learn"
    gradients = {name: values for name, values in alone.items() if name.startswith("first/")}
    whole = np.sqrt(sum(np.square(values).sum() for values in gradients.values()))
    for name, values in gradients.items():
        # A thousandth of the whole: some gradients, as of attention's key biases, are 0 but for rounding.
        size = max(np.linalg.norm(values), 1e-3 * whole)
        assert np.linalg.norm(two[name] - values) <= 1e-5 * size, name


def test_only_the_chief_writes(replicas: tuple[Path, Updates]) -> None:
    work, _ = replicas
    written = {index: sorted(_files(work / f"folder-{index}")) for index in "01"}
    assert written["1"] == []
    assert {Path(name).parts[0] for name in written["0"]} == {
        "best", "checkpoints", "logs", "metrics.jsonl", "snapshots",
    }  # fmt: skip


def _files(folder: Path) -> Iterator[str]:
    return (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


class Runs:
    """Trainings of the same settings, each in a pipeline's root of its own."""

    def __init__(self, inputs: TrainingInputs, folder: Path) -> None:
        self._inputs, self.folder = inputs, folder
        self.settings = TrainingSettings.model_validate(
            {
                "languages": {"source": "en", "target": "es"},
                "model": {"family": "transformer", "layers": 1, "width": 16, "feedforward": 32, "heads": 2},
                "training": {
                    "workers": 2, "batch_tokens": 64, "max_length": 16, "max_steps": 160, "warmup_steps": 4,
                    "checkpoint_steps": 5, "validation_steps": 40, "accumulate": 2, "moving_average": 0.9,
                    "optimizer": "adamw",
                },
                "seed": 1,
            }
        )  # fmt: skip

    def outputs(self, name: str) -> TrainingOutputs:
        root = self.folder / name
        return TrainingOutputs(root / "weights", root / "logs", root / "artifacts/training/.work/key")

    def checkpoint(self, name: str) -> int:
        """The newest one's step; 0 without one."""
        paths = (self.outputs(name).work / "checkpoints").glob("step-*.npz")
        return max((int(path.stem.removeprefix("step-")) for path in paths), default=0)

    def train(self, name: str, interrupted: Callable[[], bool] = lambda: False) -> None:
        train_on_workers(self._inputs, self.settings, self.outputs(name), interrupted)

    def after(self, name: str, action: Callable[[], bool]) -> Callable[[], bool]:
        """An `interrupted` that acts once, when there is another checkpoint than now."""
        before = self.checkpoint(name)
        done: list[float] = []

        def poll() -> bool:
            if done or self.checkpoint(name) == before:
                return False
            done.append(time.monotonic())
            return action()

        return poll


@contextmanager
def ended_within(seconds: float, moments: list[float]) -> Iterator[None]:
    """Hold that the block ends so soon after the last of the moments."""
    yield
    assert time.monotonic() - moments[-1] < seconds


def local_workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if WORKER_MODULE in child.cmdline()]


def test_a_killed_worker_stops_the_others_and_the_next_run_ends_with_the_same_bytes(
    examples: TrainingInputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, killed_at = Runs(examples, tmp_path), [0.0]

    def kill(process: "psutil.Process | subprocess.Popen[bytes]") -> bool:
        killed_at.append(time.monotonic())
        process.kill()
        return False

    # A cluster that TF_CONFIG describes: the worker that is lost is no child of the chief's process.
    addresses = free_addresses(2)
    command = [sys.executable, "-m", WORKER_MODULE, str(tmp_path / "killed")]
    with (
        subprocess.Popen(
            command, env={**os.environ, VARIABLE: tf_config(addresses, 1)}, stderr=subprocess.DEVNULL
        ) as other,
        monkeypatch.context() as environment,
    ):
        environment.setenv(VARIABLE, tf_config(addresses, 0))
        with ended_within(NOTICED_WITHIN_SECONDS, killed_at), pytest.raises(WorkError, match="lost another worker"):
            runs.train("killed", runs.after("killed", lambda: kill(other)))
    first = runs.checkpoint("killed")

    # Local workers.
    told = re.escape("worker 1 of 2 (the chief is 0) was killed by signal 9 (SIGKILL); the others were stopped")
    with ended_within(NOTICED_WITHIN_SECONDS, killed_at), pytest.raises(WorkError, match=told):
        runs.train("killed", runs.after("killed", lambda: kill(local_workers()[1])))
    assert not local_workers()
    second = runs.checkpoint("killed")
    with pytest.raises(WorkError, match=r"interrupted after step \d+ of 160; the next run goes on from there"):
        runs.train("killed", runs.after("killed", lambda: True))
    assert 0 < first < second < runs.checkpoint("killed") < 160

    runs.train("killed")
    runs.train("whole")
    weights = [runs.outputs(name).weights / "weights" for name in ("killed", "whole")]
    names = ["averaged.npz", "best.npz", "last.npz", "moving_average.npz"]
    for folder in weights:
        assert sorted(path.name for path in folder.iterdir()) == names
    assert [sha256_of_file(weights[0] / name) for name in names] == [
        sha256_of_file(weights[1] / name) for name in names
    ]
    figures = json.loads((runs.outputs("killed").weights / "training.json").read_text())
    assert (figures["workers"], figures["steps"]) == (2, 160)
    assert figures["first_step"] > second
    assert not list(runs.outputs("killed").work.glob("workers.json"))
