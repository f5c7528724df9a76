"""Reads what the probe and the gate decided, and why, from their outputs."""

import json
from pathlib import Path

from seq2seq_tfx.pipeline.history import History, Ids
from seq2seq_tfx.pipeline.stages import VERDICTS

_REPORTS = {"probe": ("blessing", "probe.json"), "gate": ("decision", "decision.json")}


def refusal(history: History, stage: str, outputs: Ids) -> str | None:
    """Why `stage` refused the model, in words; None if it did not.

    Args:
        history: Where the artifacts are recorded.
        stage: `probe` or `gate`.
        outputs: The outputs of the stage's execution.
    """
    blessing = history.artifact(outputs[VERDICTS[stage]][0])
    if blessing.custom_properties["blessed"].int_value == 1:
        return None
    output, file_name = _REPORTS[stage]
    report = Path(history.artifact(outputs[output][0]).uri) / file_name
    reasons = json.loads(report.read_text())["reasons"]
    return f"the {stage} refused the model, nothing was pushed:\n  " + "\n  ".join(reasons)
