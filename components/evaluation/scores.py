"""The evaluation's scores as plain JSON, for everything that reads them without TFMA (`scores.json`)."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from seq2seq_tfx.components.evaluation.scoring import MetricValue
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.schemas.config.evaluation import Metric

SCORES_FILE: Final = "scores.json"
POOL: Final = "all"
"""The slice of all sentences."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """One metric on one slice of one split."""

    split: str
    slice: str
    """`all`, or `corpus=NAME`, `domain=NAME`."""
    metric: Metric
    value: float
    signature: str
    sentences: int


def write_scores(folder: Path, scores: Iterable[Score]) -> None:
    """Write `scores.json` into a folder."""
    document = {"scores": [asdict(score) for score in scores]}
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    write_atomically(folder / SCORES_FILE, f"{text}\n".encode())


def read_scores(folder: Path) -> tuple[Score, ...]:
    """The scores of a folder, in the order they were written: all sentences first, then slice by slice."""
    document = json.loads((folder / SCORES_FILE).read_text(encoding="utf-8"))
    return tuple(Score(**each) for each in document["scores"])


def pooled(scores: Iterable[Score]) -> dict[Metric, MetricValue]:
    """The scores over all sentences, which the gate judges by."""
    return {
        score.metric: MetricValue(value=score.value, signature=score.signature)
        for score in scores
        if score.slice == POOL
    }
