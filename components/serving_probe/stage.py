"""Loads the export in a fresh process under limits, translates hard and ordinary sentences, and gives a verdict."""

import json
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from seq2seq_tfx.components.serving_probe.faults import find_faults
from seq2seq_tfx.components.serving_probe.fresh_process import run_child
from seq2seq_tfx.schemas.config.serving_probe import ServingProbeConfig

logger = logging.getLogger(__name__)

HARD_CASES: Final = (
    "",
    "   ",
    "\N{GRINNING FACE}\N{FAMILY}\N{ROCKET}",
    "word " * 1000,
    "x" * 5000,
    "mixed \u043a\u0438\u0440\u0438\u043b \u6f22\u5b57 \u0627\u0644\u0639\u0631\u0628",
    "<b>bold</b> &amp; <br/> {placeholder} %s",
    "tab\tand\u00a0no-break\u200bzero-width",
    "A plain sentence.",
)
"""Lines that every server meets sooner or later; what they translate to is free, that they return is not."""

_ROUND_CALLS: Final = 50
_ROUND_SECONDS: Final = 2.0
"""A round has so many calls at most, and fewer where they would take longer than this."""


@dataclass(frozen=True, kw_only=True)
class ProbeReport:
    """What the probe saw; `probe.json`."""

    blessed: bool
    reasons: list[str]
    """Why the export was refused; empty if it was not."""
    load_seconds: float = 0.0
    sentences_per_second: float = 0.0
    """Over all sentences in one call, the graph being warm."""
    latency_seconds: float = 0.0
    """Of one sentence alone: the median of all calls."""
    slowest_seconds: float = 0.0
    """Of one sentence alone: the longest."""
    calls: int = 0
    """How many sentences were asked alone."""
    peak_memory_mib: float = 0.0
    resident_mib: list[float] = field(default_factory=list)
    """Memory after each of the rounds."""
    translations: list[dict[str, Any]] = field(default_factory=list)
    """`source`, `translation`, `score` of every sentence."""

    def to_json(self) -> str:
        """The report as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def probe(export: Path, eval_sentences: Sequence[str], config: ServingProbeConfig) -> ProbeReport:
    """Try an export as a server would use it.

    Args:
        export: The folder that holds `saved_model.pb`.
        eval_sentences: Ordinary sentences; each must have a translation that is not empty.
        config: Time and memory limits.

    Returns:
        The verdict with its reasons; a crash, a hang, too much memory or memory that grows is a refusal, not an error.
    """
    sentences = [*HARD_CASES, *eval_sentences]
    logger.info("probe: trying the export in a fresh process, %d sentences", len(sentences))
    job = {
        "sentences": sentences,
        "ordinary": max(1, len(eval_sentences)),
        "rounds": config.rounds,
        "round_calls": _ROUND_CALLS,
        "round_seconds": _ROUND_SECONDS,
    }
    with tempfile.TemporaryDirectory(prefix="probe-") as folder:
        given, answered = Path(folder) / "job.json", Path(folder) / "answer.json"
        given.write_text(json.dumps(job), encoding="utf-8")
        failure = run_child(export, (given, answered), config)
        if failure is not None:
            return ProbeReport(blessed=False, reasons=[failure])
        answer = json.loads(answered.read_text(encoding="utf-8"))
    return _report(sentences, answer, find_faults(sentences, answer, len(eval_sentences), config))


def _report(sentences: Sequence[str], answer: dict[str, Any], reasons: list[str]) -> ProbeReport:
    first, second, _ = answer["passes"]
    seconds = [call["seconds"] for call in answer["calls"]]
    rows = zip(sentences, first["translations"], first["scores"], strict=False)
    return ProbeReport(
        blessed=not reasons,
        reasons=reasons,
        load_seconds=answer["load_seconds"],
        sentences_per_second=len(sentences) / second["seconds"],
        latency_seconds=median(seconds),
        slowest_seconds=max(seconds),
        calls=len(seconds),
        peak_memory_mib=answer["peak_memory_mib"],
        resident_mib=answer["resident_mib"],
        translations=[{"source": source, "translation": text, "score": score} for source, text, score in rows],
    )
