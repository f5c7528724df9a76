"""Kills `seq2seq run` while it trains, and brings it to an end: for the system test, and for `make soak`.

The stages before training run once; each case works on a copy of that root.
"""

import random
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from killing import PATIENCE_SECONDS, start
from small import CONFIG, write_pipeline

from seq2seq_tfx.components.models.weights import read_arrays

MODELS = {
    "transformer": "{family: transformer, layers: 1, width: 32, feedforward: 64, heads: 2}",
    "rnn": "{family: rnn, layers: 1, width: 32, embedding: 32}",
}
TRAINING = (
    "{{max_steps: {steps}, batch_tokens: 512, warmup_steps: 10, checkpoint_steps: 5, validation_steps: 10, "
    "average: 2, moving_average: 0.99}}"
)
_MOST_SECONDS_AFTER_A_CHECKPOINT = 0.1


def prepared(folder: Path, run: Callable[..., object]) -> Path:
    """A pipeline that has run up to training; returns its configuration."""
    config = write_pipeline(folder)
    run("run", config, "--to", "transform")
    return config


@dataclass
class Case:
    """One model's run, to be killed or not."""

    config: Path
    steps: int
    killed_after: list[int] = field(default_factory=list)
    """Steps of the newest checkpoints at the moments of the kills."""

    @property
    def newest_checkpoint(self) -> int:
        """Its step; 0 without one."""
        paths = self.config.parent.glob("work/artifacts/training/.work/*/checkpoints/step-*.npz")
        return max((int(path.stem.removeprefix("step-")) for path in paths), default=0)

    def start(self) -> "Popen[str]":
        """`seq2seq run` up to training."""
        return start(self.config, {}, "--to", "training")

    def kill(self, process: "Popen[str]", after: int, wait_seconds: float) -> None:
        """`kill -9` a run once it has written a checkpoint of step `after` or later, and a little later."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        after = max(after, self.newest_checkpoint + 1)
        while self.newest_checkpoint < after and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(wait_seconds)
        if process.poll() is not None:
            raise AssertionError(f"the run ended before a checkpoint of step {after}: {process.communicate()[1]}")
        process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)
        self.killed_after.append(self.newest_checkpoint)


def copied(prepared_config: Path, folder: Path, model: str, steps: int) -> Case:
    """A copy of a prepared pipeline with another model."""
    shutil.copytree(prepared_config.parent, folder)
    lines = CONFIG.splitlines()
    replaced = {"model": MODELS[model], "training": TRAINING.format(steps=steps)}
    lines = [next((f"{key}: {text}" for key, text in replaced.items() if line.startswith(key)), line) for line in lines]
    (folder / "pipeline.yaml").write_text("\n".join(lines) + "\n")
    return Case(folder / "pipeline.yaml", steps)


def kill_often(cases: Sequence[Case], kills: int, seed: int) -> None:
    """`kill -9` each case so many times at random steps, spread over its run; the cases run side by side."""

    def kill_one(number: int) -> None:
        case, chance = cases[number], random.Random(f"{seed}/{number}")
        for done in range(kills):
            span = case.steps // (kills + 1)
            process, step = case.start(), span * done + chance.randint(1, span)
            case.kill(process, step, chance.uniform(0, _MOST_SECONDS_AFTER_A_CHECKPOINT))

    with ThreadPoolExecutor() as threads:
        list(threads.map(kill_one, range(len(cases))))


def differing_weights(one: Case, other: Case) -> list[str]:
    """Names of weights whose bytes differ between two finished runs, file by file."""
    folders = [sorted(each.config.parent.glob("work/artifacts/training/model/*/Format-Serving/weights"))[-1]
               for each in (one, other)]  # fmt: skip
    names = [sorted(path.name for path in folder.iterdir()) for folder in folders]
    assert names[0] == names[1] == ["averaged.npz", "best.npz", "last.npz", "moving_average.npz"], names
    different = []
    for name in names[0]:
        ours, theirs = (read_arrays(folder / name) for folder in folders)
        different += [f"{name}/{key}" for key in ours if ours[key].tobytes() != theirs[key].tobytes()]
    return different
