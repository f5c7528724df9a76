"""`make soak`: training of an RNN and of a Transformer, each killed 20 times at random steps."""

import subprocess
import time
from pathlib import Path

from small import seq2seq, training_record
from training_kills import MODELS, Case, copied, differing_weights, kill_often, prepared

RESULTS = Path(__file__).parents[2] / "docs" / "results" / "training_kills.md"
KILLS, STEPS = 20, 1200


def test_weights_are_those_of_a_run_that_was_never_killed(tmp_path: Path) -> None:
    started, revision = time.monotonic(), _revision()
    base = prepared(tmp_path / "base", seq2seq)
    whole = {model: copied(base, tmp_path / f"{model}-whole", model, STEPS) for model in MODELS}
    killed = {model: copied(base, tmp_path / f"{model}-killed", model, STEPS) for model in MODELS}

    kill_often(list(killed.values()), KILLS, seed=2)
    for case in (*whole.values(), *killed.values()):
        done = seq2seq("run", case.config, "--to", "training")
        assert done.status == 0, done.errors

    for model in MODELS:
        assert len(killed[model].killed_after) == KILLS
        assert differing_weights(whole[model], killed[model]) == []
    _write_results(revision, time.monotonic() - started, killed)


def _revision() -> str:
    return subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()


def _write_results(revision: str, seconds: float, killed: dict[str, Case]) -> None:
    lines = [
        "# Training killed at random steps",
        "",
        f"Measured on commit `{revision}`, by `make soak`, in {seconds / 60:.0f} minutes.",
        "",
        f"`seq2seq run` was killed with `kill -9` {KILLS} times in {STEPS:,} steps, at random moments; a checkpoint is",
        "written every 5 steps. The last run finished, and all of its weights (last, best, averaged, moving average)",
        "have the bytes of a run that was never killed.",
    ]
    for model, case in killed.items():
        record = training_record(case.config)
        lines += [
            "",
            f"## {model}",
            "",
            f"- newest checkpoint at each kill: {', '.join(map(str, case.killed_after))}",
            f"- first step of the last process: {record['first_step']}",
            *(f"- sha256 of `{name}`: `{digest}`" for name, digest in sorted(record["weights_sha256"].items())),
        ]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n")
