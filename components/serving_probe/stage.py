"""Loads the exports in fresh processes under limits, translates hard and ordinary sentences, and gives a verdict."""

import json
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.serving_probe.faults import find_faults
from seq2seq_tfx.components.serving_probe.fresh_process import run_child
from seq2seq_tfx.components.versions import EXPORT_FILE
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


_BATCH: Final = 32
"""Sentences that CTranslate2 computes together, as `seq2seq translate` has it."""
_CTRANSLATE2: Final = "ctranslate2"
"""Of an export: the folder of its CTranslate2 folders, and what `export.json` calls them."""
_PROOF_FILE: Final = "equality.json"


@dataclass(frozen=True, kw_only=True)
class Tried:
    """How one export did."""

    load_seconds: float = 0.0
    sentences_per_second: float = 0.0
    """Over all sentences together, the export being warm."""
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


@dataclass(frozen=True, kw_only=True)
class ProbeReport(Tried):
    """What the probe saw of the SavedModel, and of what lies beside it; `probe.json`."""

    blessed: bool
    reasons: list[str]
    """Why the model was refused; empty if it was not."""
    ctranslate2: dict[str, Tried] = field(default_factory=dict)
    """Storage type of each CTranslate2 folder to how it did."""

    def to_json(self) -> str:
        """The report as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def probe(export: Path, eval_sentences: Sequence[str], config: ServingProbeConfig) -> ProbeReport:
    """Try everything that a server could load of an export, as it would: each in a process of its own.

    Args:
        export: The folder that holds `saved_model.pb`; its `export.json` names the CTranslate2 folders beside it.
        eval_sentences: Ordinary sentences; each must have a translation that is not empty.
        config: Time and memory limits, of each process.

    Returns:
        The verdict with its reasons; a crash, a hang, too much memory or memory that grows is a refusal, not an error.
    """
    saved_model, reasons = _try(export, eval_sentences, config, {})
    others = {}
    for name, search in _ctranslate2_folders(export).items():
        changed = _changed_since_the_proof(export, f"{_CTRANSLATE2}/{name}/")
        if changed is None:
            others[name], faults = _try(export / _CTRANSLATE2 / name, eval_sentences, config, {"search": search})
        else:
            others[name], faults = Tried(), [changed]
        reasons += [f"{_CTRANSLATE2}/{name}: {fault}" for fault in faults]
    return ProbeReport(blessed=not reasons, reasons=reasons, ctranslate2=others, **vars(saved_model))


def _ctranslate2_folders(export: Path) -> dict[str, dict[str, Any]]:
    """The CTranslate2 folders that an export says it has, and how each is searched with."""
    try:
        record = json.loads((export / EXPORT_FILE).read_bytes())
    except FileNotFoundError:
        return {}
    types = record.get(_CTRANSLATE2, {}).get("compute_types", ())
    return {name: _search_of(record) for name in types}


def _changed_since_the_proof(export: Path, folder: str) -> str | None:
    """What is not as it was when it was proven, in words: CTranslate2 has no checksums of its own."""
    try:
        proven: dict[str, str] = json.loads((export / _PROOF_FILE).read_bytes())["sha256"]
    except FileNotFoundError:
        return f"it must have its proof beside it, but there is no {_PROOF_FILE}"
    for name, sha256 in proven.items():
        path = export / name
        if name.startswith(folder) and not (path.is_file() and sha256_of_file(path) == sha256):
            return f"{path.name} must be as it was proven ({_PROOF_FILE}), but was changed or removed"
    return None


def _search_of(record: dict[str, Any]) -> dict[str, Any]:
    decoding = record["decoding"]
    return {
        "beam_size": decoding["beam_size"] if decoding["strategy"] == "beam" else 1,
        "length_penalty": decoding["length_penalty"],
        "max_length": decoding["max_length"],
        "max_source_tokens": record["max_source_tokens"],
        "unicode": record["normalisation"]["unicode"],
        "batch": _BATCH,
    }


def _try(
    export: Path, eval_sentences: Sequence[str], config: ServingProbeConfig, more: dict[str, Any]
) -> tuple[Tried, list[str]]:
    """How one export did, and what is wrong with it."""
    sentences = [*HARD_CASES, *eval_sentences]
    logger.info("probe: trying %s in a fresh process, %d sentences", _named(export, more), len(sentences))
    job = {
        "sentences": sentences,
        "ordinary": max(1, len(eval_sentences)),
        "rounds": config.rounds,
        "round_calls": _ROUND_CALLS,
        "round_seconds": _ROUND_SECONDS,
        **more,
    }
    with tempfile.TemporaryDirectory(prefix="probe-") as folder:
        given, answered = Path(folder) / "job.json", Path(folder) / "answer.json"
        given.write_text(json.dumps(job), encoding="utf-8")
        failure = run_child(export, (given, answered), config)
        if failure is not None:
            return Tried(), [failure]
        answer = json.loads(answered.read_text(encoding="utf-8"))
    return _tried(sentences, answer), find_faults(sentences, answer, len(eval_sentences), config)


def _named(export: Path, more: dict[str, Any]) -> str:
    return f"CTranslate2's {export.name}" if "search" in more else "the export"


def _tried(sentences: Sequence[str], answer: dict[str, Any]) -> Tried:
    first, second, _ = answer["passes"]
    seconds = [call["seconds"] for call in answer["calls"]]
    rows = zip(sentences, first["translations"], first["scores"], strict=False)
    return Tried(
        load_seconds=answer["load_seconds"],
        sentences_per_second=len(sentences) / answer.get("together", second)["seconds"],
        latency_seconds=median(seconds),
        slowest_seconds=max(seconds),
        calls=len(seconds),
        peak_memory_mib=answer["peak_memory_mib"],
        resident_mib=answer["resident_mib"],
        translations=[{"source": source, "translation": text, "score": score} for source, text, score in rows],
    )
