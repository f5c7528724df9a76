"""Exports, decisions and push records small enough to write by hand."""

from pathlib import Path
from typing import Any

from seq2seq_tfx.components.pushing.push import PushRecord

SIGNATURE = "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0"


def write_export(folder: Path, text: str = "a model") -> Path:
    """A folder in the shape of an export; its files hold `text`."""
    (folder / "variables").mkdir(parents=True)
    (folder / "weights").mkdir()
    for name in ("saved_model.pb", "variables/variables.index", "weights/averaged.npz", "export.json"):
        (folder / name).write_text(text)
    return folder


def decision(export_id: str = "id-a", bleu: float = 30.0) -> dict[str, Any]:
    """A gate's decision in favour of a first model."""
    score = {"split": "test", "slice": "all", "metric": "bleu", "value": bleu, "signature": SIGNATURE, "sentences": 900}
    slices = [{**score, "slice": "corpus=news", "sentences": 100}]
    return {
        "verdict": "blessed",
        "reasons": ["no minimum is set, and there is no model in use to compare with"],
        "split": "test",
        "candidate": {"export_id": export_id, "scores": [score, *slices]},
        "baseline": None,
        "comparisons": [],
    }


def record(export_id: str) -> PushRecord:
    """What a push knows of a model."""
    return PushRecord(
        name="demo",
        export_id=export_id,
        compute_type="float32",
        provenance={"lane": "compat", "corpus_files": []},
        decision=decision(export_id),
    )
