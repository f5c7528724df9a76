"""What a run shows at its end: scores with their signatures, the version in use, how long each stage took."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from seq2seq_tfx.components.progress import clock_time
from seq2seq_tfx.pipeline.history import History, Ids


def read_scores(history: History, evaluation: Ids) -> list[dict[str, Any]]:
    """The rows of the Evaluator's `scores.json`: split, slice, metric, value, signature, sentences."""
    artifact = history.artifact(evaluation["evaluation"][0])
    rows = json.loads((Path(artifact.uri) / "scores.json").read_text())
    return list(rows["scores"] if isinstance(rows, dict) else rows)


def score_table(rows: Sequence[dict[str, Any]]) -> str:
    """The scores, a line a slice and metric, each with sacreBLEU's signature."""
    body = [
        (row["slice"] or "all", row["metric"].upper() if row["metric"] != "chrf" else "chrF", f"{row['value']:.1f}")
        + (f"{row['sentences']:,}", row["signature"])
        for row in rows
    ]
    return table(("test slice", "score", "value", "sentences", "sacreBLEU signature"), body, right=(2, 3))


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
