"""Starts a run, waits until a stage holds or trains, and kills it."""

import os
import signal
import subprocess
import time
from pathlib import Path

from small import command_line

HOLD = "SEQ2SEQ_TEST_HOLD"
PATIENCE_SECONDS = 300.0


def kill_held(config: Path, stage: str) -> None:
    """`kill -9` a run while `stage` holds at its start."""
    process = start(config, {HOLD: f"{stage}:600"})
    _wait_for(process, f"{stage}: held")
    _kill(process)


def kill_training(config: Path, step: int) -> None:
    """`kill -9` a run after the checkpoint of `step` is written, not while it is written under another name."""
    process = start(config, {})
    deadline = time.monotonic() + PATIENCE_SECONDS
    pattern = f"artifacts/training/.work/*/checkpoints/step-{step:09d}.npz"
    while not list((config.parent / "work").glob(pattern)):
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"training wrote no checkpoint of step {step}: {_ended(process)}")
        time.sleep(0.02)
    _kill(process)


def start(config: Path, environment: dict[str, str], *options: str) -> "subprocess.Popen[str]":
    """A run in a process group of its own."""
    return subprocess.Popen(
        command_line(("run", config, *options)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        start_new_session=True,
    )


def _wait_for(process: "subprocess.Popen[str]", beginning: str) -> None:
    lines = []
    assert process.stderr is not None
    for line in process.stderr:
        lines.append(line)
        if line.startswith(beginning):
            return
    raise AssertionError(f"the run ended before {beginning!r}: {''.join(lines)}")


def _kill(process: "subprocess.Popen[str]") -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _ended(process: "subprocess.Popen[str]") -> str:
    _kill(process) if process.poll() is None else None
    return process.stderr.read() if process.stderr else ""
