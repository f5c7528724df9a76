"""Training killed at random steps ends with the same bytes, for an RNN and a Transformer."""

from pathlib import Path

import pytest
from small import InProcess, training_record
from training_kills import MODELS, copied, differing_weights, kill_often, prepared

STEPS = 200


def test_weights_are_those_of_a_run_that_was_never_killed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    inside = InProcess(capfd)
    base = prepared(tmp_path / "base", inside)
    whole = [copied(base, tmp_path / f"{model}-whole", model, STEPS) for model in MODELS]
    killed = [copied(base, tmp_path / f"{model}-killed", model, STEPS) for model in MODELS]

    kill_often(killed, kills=2, seed=1)
    for case in (*whole, *killed):
        assert inside("run", case.config, "--to", "training").status == 0

    for one, other in zip(whole, killed, strict=True):
        assert training_record(one.config)["first_step"] == 0
        assert training_record(other.config)["first_step"] == other.killed_after[-1] > STEPS // 3
        assert len(other.killed_after) == 2
        assert differing_weights(one, other) == []
