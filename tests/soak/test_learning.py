"""`make soak`: every architecture learns every task; accuracies and times go to docs/results."""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from learning.learn import BATCH, HELD_OUT, Learned, Plan, learn
from learning.table import ARCHITECTURES, TASKS, plan_of
from learning.tasks import Name

RESULTS = Path(__file__).parents[2] / "docs" / "results" / "learning.md"


def test_every_architecture_learns_every_task() -> None:
    started = time.monotonic()
    plans = {(name, task): plan_of(name, task) for name in ARCHITECTURES for task in TASKS}
    results = {key: learn(plan) for key, plan in plans.items()}
    _write_results(time.monotonic() - started, plans, results)
    assert {key: result for key, result in results.items() if result.token_accuracy <= 0.99} == {}


def _write_results(
    seconds: float, plans: Mapping[tuple[str, Name], Plan], results: Mapping[tuple[str, Name], Learned]
) -> None:
    revision = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    rows = [
        f"| {name} | {task} | {plan.task.shortest} to {plan.task.longest} | {plan.steps} "
        f"| {100 * result.token_accuracy:.2f} | {result.seconds:.0f} |"
        for (name, task), plan in plans.items()
        for result in (results[name, task],)
    ]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(
        "# What the architectures learn\n\n"
        f"Measured on commit `{revision}`, by `make soak`, in {seconds / 60:.0f} minutes.\n\n"
        f"Small models (`tests/learning/table.py` has their sizes) trained on random digits, {BATCH} pairs a step,\n"
        f"with the project's update, then decoded greedily. Accuracy is over the tokens, end mark counted, of\n"
        f"{HELD_OUT} answers to sources that were never trained on. A digit sum has two digits. Seconds are those of\n"
        "building, compiling, training and decoding.\n\n"
        "| architecture | task | digits | steps | accuracy, % | seconds |\n"
        "|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )
