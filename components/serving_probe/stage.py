"""Loads the export in a fresh process under limits, translates hard and ordinary sentences, and gives a verdict."""

import json
import logging
import math
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

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
    """Of one sentence alone."""
    peak_memory_mib: float = 0.0
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
        The verdict with its reasons; a crash, a hang or too much memory is a refusal, not an error.
    """
    sentences = [*HARD_CASES, *eval_sentences]
    logger.info("probe: trying the export in a fresh process, %d sentences", len(sentences))
    with tempfile.TemporaryDirectory(prefix="probe-") as folder:
        given, answered = Path(folder) / "sentences.json", Path(folder) / "answer.json"
        given.write_text(json.dumps(sentences), encoding="utf-8")
        failure = run_child(export, (given, answered), config)
        if failure is not None:
            return ProbeReport(blessed=False, reasons=[failure])
        answer = json.loads(answered.read_text(encoding="utf-8"))
    reasons = find_faults(sentences, answer, ordinary=len(eval_sentences))
    first, second, alone = answer["passes"]
    rows = zip(sentences, first["translations"], first["scores"], strict=False)
    return ProbeReport(
        blessed=not reasons,
        reasons=reasons,
        load_seconds=answer["load_seconds"],
        sentences_per_second=len(sentences) / second["seconds"],
        latency_seconds=alone["seconds"],
        peak_memory_mib=answer["peak_memory_mib"],
        translations=[{"source": source, "translation": text, "score": score} for source, text, score in rows],
    )


def find_faults(sentences: Sequence[str], answer: dict[str, Any], ordinary: int) -> list[str]:
    """What is wrong with an answer, in words.

    Args:
        sentences: What was asked.
        answer: The child's answer: a pass over the sentences, one in the opposite order, one over the last alone.
        ordinary: How many sentences, counted from the end, must have a translation.
    """
    asked = (len(sentences), len(sentences), 1)
    results = [list(zip(each["translations"], each["scores"], strict=False)) for each in answer["passes"]]
    for wanted, result in zip(asked, results, strict=True):
        if len(result) != wanted:
            return [f"every sentence must come back once, but {wanted} went in and {len(result)} came out"]
    first, reversed_order, alone = results
    reasons = []
    strange = [source for source, (_, score) in zip(sentences, first, strict=True) if not math.isfinite(score)]
    if strange:
        reasons.append(
            f"every score must be a finite number, but {len(strange)} of {len(first)} are not, "
            f"for instance that of {strange[0][:80]!r}"
        )
    again = zip(sentences, first, reversed_order[::-1], strict=True)
    changed = [source for source, one, other in again if repr(one) != repr(other)]
    if not changed and repr(first[-1]) != repr(alone[0]):
        changed = [sentences[-1]]
    if changed:
        reasons.append(
            "a sentence must have the same translation whenever it is asked and whatever is asked beside it, "
            f"but {len(changed)} of {len(sentences)} have not, for instance {changed[0][:80]!r}"
        )
    empty = [source for source, (text, _) in list(zip(sentences, first, strict=True))[-ordinary:] if not text.strip()]
    if ordinary and empty:
        reasons.append(
            f"ordinary sentences must have a translation, but {len(empty)} of {ordinary} have none, "
            f"for instance {empty[0][:80]!r}"
        )
    return reasons
