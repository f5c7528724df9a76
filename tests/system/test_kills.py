"""`kill -9` while a stage runs, then the same command again: it finishes, with the same weights."""

from pathlib import Path

import pytest
from killing import kill_held, kill_training
from small import InProcess, training_record, versions, weights_sha256, write_pipeline


def test_a_run_killed_in_four_stages_ends_as_one_never_killed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole, killed = write_pipeline(tmp_path / "whole"), write_pipeline(tmp_path / "killed")
    inside = InProcess(capfd)
    assert inside("run", whole).status == 0

    kill_held(killed, "corpus")
    kill_training(killed, step=20)
    kill_held(killed, "translations")
    assert training_record(killed)["first_step"] > 0
    kill_held(killed, "push")
    last = inside("run", killed)

    assert last.status == 0, last.errors
    assert weights_sha256(killed) == weights_sha256(whole)
    assert versions(killed) == ["1"]
