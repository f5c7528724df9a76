"""Training killed at random steps, and interrupted: it ends with the same bytes, for an RNN and a Transformer."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from small import InProcess, training_record
from training_kills import MODELS, copied, differing_weights, interrupt, kill_together, prepared

STEPS = 300


def test_weights_are_those_of_a_run_that_was_never_disturbed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    inside = InProcess(capfd)
    base = prepared(tmp_path / "base", inside)
    whole = [copied(base, tmp_path / f"{model}-whole", model, STEPS) for model in MODELS]
    killed = [copied(base, tmp_path / f"{model}-killed", model, STEPS) for model in MODELS]

    kill_together(killed, kills=2, seed=1)
    with ThreadPoolExecutor() as threads:
        signals = (signal.SIGTERM, signal.SIGINT)
        ends = list(threads.map(interrupt, killed, [STEPS * 2 // 3] * 2, signals))
    for case, (status, errors) in zip(killed, ends, strict=True):
        assert status == 1
        assert f"training was interrupted after step {case.newest_checkpoint} of {STEPS}" in errors
    for case in (*whole, *killed):
        assert inside("run", case.config, "--to", "training").status == 0

    for one, other in zip(whole, killed, strict=True):
        assert training_record(one.config)["first_step"] == 0
        assert training_record(other.config)["first_step"] == other.killed_after[-1] >= STEPS * 2 // 3
        assert differing_weights(one, other) == []
