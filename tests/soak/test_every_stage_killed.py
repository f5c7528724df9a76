"""`make soak`: `kill -9` in every stage, one after the other, then a run that finishes."""

import subprocess
import time
from pathlib import Path

from killing import kill_held, kill_training
from small import seq2seq, training_record, versions, weights_sha256, write_pipeline

from seq2seq_tfx.pipeline.planning import SUPPORT
from seq2seq_tfx.pipeline.stages import NAMES, PRETRAINING

RESULTS = Path(__file__).parents[2] / "docs" / "results" / "kills.md"


def test_a_run_killed_in_every_stage_ends_as_one_never_killed(tmp_path: Path) -> None:
    started = time.monotonic()
    whole, killed = write_pipeline(tmp_path / "whole"), write_pipeline(tmp_path / "killed")
    assert seq2seq("run", whole).status == 0

    for stage in (name for name in NAMES if name not in (*SUPPORT, PRETRAINING)):
        kill_held(killed, stage)
        if stage == "training":
            kill_training(killed, step=20)
            kill_training(killed, step=40)
    last = seq2seq("run", killed)

    assert last.status == 0, last.errors
    assert training_record(killed)["first_step"] >= 40
    assert weights_sha256(killed) == weights_sha256(whole)
    assert versions(killed) == ["1"]
    _write_results(time.monotonic() - started, weights_sha256(killed), training_record(killed)["first_step"])


def _write_results(seconds: float, weights: str, first_step: int) -> None:
    revision = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    stages = ", ".join(name for name in NAMES if name not in (*SUPPORT, PRETRAINING))
    RESULTS.write_text(
        "# Killed in every stage\n\n"
        f"Measured on commit `{revision}`, by `make soak`, in {seconds / 60:.0f} minutes.\n\n"
        f"One small pipeline was killed with `kill -9` at the start of each of these stages: {stages};\n"
        "and twice in the middle of training, after the checkpoints of steps 20 and 40. The last run finished:\n\n"
        f"- first step of the last training process: {first_step}\n"
        f"- sha256 of the exported weights, equal to that of a run never killed: `{weights}`\n"
        "- versions pushed: 1\n"
    )
