"""Puts a SavedModel that computes in bfloat16 in the place of the float32 one, if it translates about as well.

Variables stay float32 in both, so training, CTranslate2 and their proofs know nothing of it. `bfloat16.json` has the
figures.
"""

import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from seq2seq_tfx.components.exporting.eval_bleu import bleu, saved_model_texts
from seq2seq_tfx.components.exporting.settings import ExportSettings
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.preprocessing.evaluation_sentences import read_evaluation_sentences

logger = logging.getLogger(__name__)

BFLOAT16_FILE: Final = "bfloat16.json"


class Computed(NamedTuple):
    """What `export.json` says about the SavedModel's arithmetic."""

    compute_type: Literal["float32", "bfloat16"] = "float32"
    reason: str | None = None
    """Why it is not the one that was asked for."""


def prefer_bfloat16(
    export: Path, settings: ExportSettings, save: Callable[[Path], object], eval_files: Sequence[str]
) -> Computed:
    """Take bfloat16, unless it loses more BLEU than `export.max_bleu_loss`.

    Args:
        export: Holds the float32 SavedModel, which is replaced.
        settings: What the export is made with.
        save: Writes the SavedModel that computes in bfloat16 into a folder.
        eval_files: Transformed examples of the eval split.

    Returns:
        What the SavedModel in `export` computes in now.
    """
    sentences = read_evaluation_sentences(eval_files, settings.export.equality_sentences)
    if not sentences:
        return _float32("there is no eval sentence to try bfloat16 on")
    logger.info("export: trying bfloat16 on %d eval sentences", len(sentences))
    # Beside what it replaces, so that moving is renaming.
    with tempfile.TemporaryDirectory(prefix=".bfloat16-", dir=export) as folder:
        candidate = Path(folder)
        save(candidate)
        scores = {}
        for name, saved_model in (("float32", export), ("bfloat16", candidate)):
            scores[name] = bleu(saved_model_texts(saved_model, sentences), sentences, settings)
        loss = scores["float32"].value - scores["bfloat16"].value
        figures = {
            "sentences": len(sentences),
            "bleu": {name: score.value for name, score in scores.items()},
            "bleu_signature": scores["float32"].signature,
        }
        write_atomically(export / BFLOAT16_FILE, json.dumps(figures, indent=1, sort_keys=True).encode())
        if loss > settings.export.max_bleu_loss:
            return _float32(f"bfloat16 loses {loss:.2f} BLEU, at most {settings.export.max_bleu_loss:.2f} is allowed")
        _replace(candidate, export)
    before, after = (scores[name].value for name in ("float32", "bfloat16"))
    logger.info("export: the SavedModel computes in bfloat16 (%.2f BLEU on them, float32 %.2f)", after, before)
    return Computed("bfloat16")


def _float32(reason: str) -> Computed:
    logger.warning("export: the SavedModel computes in float32: %s", reason)
    return Computed("float32", reason)


def _replace(candidate: Path, export: Path) -> None:
    """Give the export another SavedModel; what else stands there stays."""
    for path in candidate.iterdir():
        old = export / path.name
        if old.is_dir():
            shutil.rmtree(old)
        path.replace(old)
