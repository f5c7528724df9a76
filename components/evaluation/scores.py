"""The evaluation's scores as plain JSON, for everything that reads them without TFMA (`scores.json`)."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from typing_extensions import TypeGuard

from seq2seq_tfx.components.evaluation.scoring import NAMES, MetricValue
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
    metric: str
    """One of `evaluation.metrics`, or the name of a learned one."""
    value: float
    signature: str
    sentences: int


@dataclass(frozen=True, kw_only=True)
class FailureCount:
    """One check on one slice of one split: how many translations fail it."""

    split: str
    slice: str
    check: str
    sentences: int
    """Those whose translation can fail it: without a number, none can be lost."""
    failed: int
    references_failed: float
    """How many references fail it too (of several, the share): the check's own errors, and the data's."""


def write_scores(folder: Path, scores: Iterable[Score], failures: Iterable[FailureCount] = ()) -> None:
    """Write `scores.json` into a folder."""
    document = {"scores": [asdict(score) for score in scores], "failures": [asdict(each) for each in failures]}
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    write_atomically(folder / SCORES_FILE, f"{text}\n".encode())


def read_scores(folder: Path) -> tuple[Score, ...]:
    """The scores of a folder, in the order they were written: all sentences first, then slice by slice."""
    document = json.loads((folder / SCORES_FILE).read_text(encoding="utf-8"))
    return tuple(Score(**each) for each in document["scores"])


def read_failures(folder: Path) -> tuple[FailureCount, ...]:
    """What the checks found, of a folder: in all sentences first, then slice by slice."""
    document = json.loads((folder / SCORES_FILE).read_text(encoding="utf-8"))
    return tuple(FailureCount(**each) for each in document["failures"])


def pooled(scores: Iterable[Score]) -> dict[Metric, MetricValue]:
    """The scores over all sentences, without those of learned metrics."""
    return {
        score.metric: MetricValue(value=score.value, signature=score.signature)
        for score in scores
        if score.slice == POOL and is_metric(score.metric)
    }


def is_metric(name: str) -> TypeGuard[Metric]:
    """Whether a score is one of `evaluation.metrics`."""
    return name in NAMES
