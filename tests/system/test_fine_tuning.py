"""A pushed version goes on to be trained: its weights are where the new training starts."""

from pathlib import Path

import pytest
from small import InProcess, training_record, would_run, write_pipeline


def test_training_goes_on_from_a_pushed_version(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config, inside = write_pipeline(tmp_path), InProcess(capfd)
    assert inside("run", config).status == 0
    before = [point["eval_loss"] for point in training_record(config)["validations"]]

    tuning = [
        word
        for setting in (
            "initialise_from=work/pushed/1", "max_steps=4", "validation_steps=2", "learning_rate=0.0001", "export=best",
            "optimizer=adafactor", "validation.metric=chrf",
        )
        for word in ("--set", f"training.{setting}")
    ]  # fmt: skip
    assert would_run(inside("plan", config, "--json", *tuning).document)[0] == "training"
    done = inside("run", config, "--to", "training", *tuning)
    assert done.status == 0, done.errors
    record = training_record(config)
    after = [point["eval_loss"] for point in record["validations"]]
    assert record["first_step"] == 0 and len(after) == 2
    # The exported weights are the mean of two validation points', so their loss is between those points' losses.
    assert max(after) < before[0], "it starts where the other ended"

    other = inside("run", config, "--to", "training", *tuning, "--set", "model.width=64")
    assert other.status == 2
    assert "width is 64 here and 32 there" in other.errors
