"""Reads what the probe and the gate decided, and why, from their outputs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seq2seq_tfx.pipeline.history import History, Ids
from seq2seq_tfx.pipeline.results import METRICS, table
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
    reasons = _report(history, stage, outputs)["reasons"]
    return f"the {stage} refused the model, nothing was pushed:\n  " + "\n  ".join(reasons)


def read_decision(history: History, outputs: Ids) -> dict[str, Any] | None:
    """The gate's `decision.json`; None where its file is no longer there.

    Args:
        history: Where the artifacts are recorded.
        outputs: The outputs of the gate's execution.
    """
    try:
        return _report(history, "gate", outputs)
    except (OSError, KeyError):
        return None


def decision_text(decision: Mapping[str, Any]) -> str:
    """What the gate decided and why: the verdict in words, and the comparisons with the model in use."""
    words = {"blessed": "the gate lets the model pass", "accepted": "the gate refuses the model, a person accepts it"}
    verdict = words.get(decision["verdict"], "the gate refuses the model")
    lines = [f"{verdict}:", *(f"  {reason}" for reason in decision["reasons"])]
    differences = decision.get("differences", ())
    if differences:
        lines += ["", comparison_table(differences)]
    return "\n".join(lines)


def comparison_table(differences: Sequence[Mapping[str, Any]]) -> str:
    """The differences from the model in use, with their confidence intervals and p-values."""
    header = ("slice", "sentences", "score", "before", "now", "gain", "95 % interval", "p (bootstrap)", "p (swaps)")
    body = [
        (
            each["slice"],
            f"{each['sentences']:,}",
            METRICS.get(each["metric"], each["metric"]),
            f"{each['baseline']:.2f}",
            f"{each['candidate']:.2f}",
            f"{each['gain']:+.2f}",
            "{:+.2f} to {:+.2f}".format(*each["interval"]),
            f"{each['p_bootstrap']:.4f}",
            "" if each["p_randomization"] is None else f"{each['p_randomization']:.4f}",
        )
        for each in differences
    ]
    return table(header, body, right=(1, 3, 4, 5))


def _report(history: History, stage: str, outputs: Ids) -> dict[str, Any]:
    output, file_name = _REPORTS[stage]
    document: dict[str, Any] = json.loads((Path(history.artifact(outputs[output][0]).uri) / file_name).read_text())
    return document
