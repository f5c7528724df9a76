"""What a run shows at its end: scores with their signatures, the version in use, how long each stage took."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from seq2seq_tfx.components.progress import clock_time
from seq2seq_tfx.pipeline.history import History, Ids

METRICS: Final = {
    "bleu": "BLEU",
    "chrf": "chrF",
    "chrf++": "chrF++",
    "ter": "TER",
    "exact_match": "exact match",
    "length_ratio": "length ratio",
}
"""The scores as people write them."""
_OF_SLICES: Final = ("bleu", "chrf")


def read_scores(history: History, evaluation: Ids) -> list[dict[str, Any]]:
    """The rows of the Evaluator's `scores.json`: split, slice, metric, value, signature, sentences."""
    artifact = history.artifact(evaluation["evaluation"][0])
    rows = json.loads((Path(artifact.uri) / "scores.json").read_text())
    return list(rows["scores"] if isinstance(rows, dict) else rows)


def score_table(rows: Sequence[dict[str, Any]]) -> str:
    """The scores on all sentences, and BLEU and chrF of each slice, a line each with its signature."""
    body = [
        (row["slice"] or "all", METRICS.get(row["metric"], row["metric"]), f"{row['value']:.{_decimals(row)}f}")
        + (f"{row['sentences']:,}", row["signature"])
        for row in rows
        if row["slice"] in ("", "all") or row["metric"] in _OF_SLICES
    ]
    return table(("test slice", "score", "value", "sentences", "signature"), body, right=(2, 3))


def _decimals(row: dict[str, Any]) -> int:
    return 3 if row["metric"] not in METRICS or row["metric"] == "length_ratio" else 1


def time_table(outcomes: Iterable[tuple[str, bool, float]]) -> str:
    """How long each stage took."""
    body = [(name, clock_time(seconds) if executed else "cached") for name, executed, seconds in outcomes]
    return table(("stage", "time"), body, right=(1,))


def table(header: Sequence[str], body: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Text in columns; the columns numbered in `right` are right-aligned.

    Example:
        >>> print(table(("a", "b"), [("x", "10"), ("yy", "9")], right=(1,)))
        a    b
        --  --
        x   10
        yy   9
    """
    rows = [tuple(header), *map(tuple, body)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    rows.insert(1, tuple("-" * width for width in widths))
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
