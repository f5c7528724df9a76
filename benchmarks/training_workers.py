"""Two workers of one processor each, beside one worker on one processor: target tokens a second, and their ratio.

Usage: python benchmarks/training_workers.py FOLDER [--steps N] [--runs N]     (FOLDER: train.en.gz and train.de.gz)

The batch of a worker is fixed, so two workers share one of twice the tokens. They exchange their gradients after each
update, as `training.workers: 2` does. Runs alternate; each has as many updates that are not timed as timed ones.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import training_speed
from training_speed_ours import open_stores

from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.models.weights import read_arrays
from seq2seq_tfx.components.training.cluster import WORKER_MODULE
from seq2seq_tfx.components.training.request import TrainingRequest
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.stage import TrainingInputs, TrainingOutputs, make_token_stores
from seq2seq_tfx.components.training.workers import train_on_workers

LONGEST: Final = 128


def main() -> int:
    """Prepare the data, run in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=60, help="timed updates a run, after as many that are not timed")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    processors = sorted(os.sched_getaffinity(0))[:2]
    if len(processors) < 2:
        print("two workers must have a processor each, there is one", file=sys.stderr)
        return 1
    speeds: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        inputs = prepare(arguments.folder, Path(folder))
        for number in range(1, arguments.runs + 1):
            for workers, found in speeds.items():
                os.sched_setaffinity(0, processors[:workers])
                found.append(speed(inputs, workers, arguments.steps, Path(folder) / f"run-{number}-{workers}"))
            print(
                f"run {number}: one worker {speeds[1][-1]:,.0f}, two {speeds[2][-1]:,.0f} target tokens/s", flush=True
            )
    one, two = (statistics.median(speeds[workers]) for workers in (1, 2))
    print(f"median: {one:,.0f} and {two:,.0f}; ratio {two / one:.2f}")
    return 0


def prepare(raw: Path, work: Path) -> TrainingInputs:
    """Examples without an eval split, and their vocabulary."""
    training_speed.prepare(raw, work)
    open_stores(work)
    sha256 = sha256_of_file(work / "vocabulary.model")
    summary = {"size": training_speed.PIECES, "source_size": None, "sha256": sha256}
    (work / "vocabulary.json").write_text(json.dumps(summary))
    return TrainingInputs([str(work / "train.gz")], [str(work / "nothing.gz")], work)


def speed(inputs: TrainingInputs, workers: int, steps: int, run: Path) -> float:
    """Target tokens a second of the second half of a run; its checkpoints have the times."""
    training = {
        "workers": workers, "batch_tokens": workers * training_speed.BATCH_TOKENS, "max_length": LONGEST,
        "max_steps": 2 * steps, "checkpoint_steps": steps, "validation_steps": 2 * steps,
    }  # fmt: skip
    settings = TrainingSettings.model_validate(
        {"languages": {"source": "en", "target": "de"}, "model": training_speed.OURS, "training": training, "seed": 1}
    )
    outputs = TrainingOutputs(run / "weights", run / "logs", run / "work")
    if workers > 1:
        train_on_workers(inputs, settings, outputs)
    else:
        make_token_stores(inputs, settings, outputs)
        request = TrainingRequest.write(inputs, settings, outputs)
        with (outputs.work / "worker-0.log").open("wb") as log:
            subprocess.run([sys.executable, "-m", WORKER_MODULE, str(request)], check=True, stderr=log)
    first, last = (
        json.loads(read_arrays(path)["progress"].tobytes()) for path in sorted((outputs.work / "checkpoints").iterdir())
    )
    return float((last["target_tokens"] - first["target_tokens"]) / (last["seconds"] - first["seconds"]))


if __name__ == "__main__":
    sys.exit(main())
