"""Writes an export: SavedModel, CTranslate2 folders, vocabulary, weights, and the record of what it was made of."""

import json
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import tensorflow as tf

from seq2seq_tfx.components.decoding.layout import MAX_TOKENS
from seq2seq_tfx.components.exporting.bfloat16 import Computed, prefer_bfloat16
from seq2seq_tfx.components.exporting.ctranslate2_export import (
    NOTHING_TO_PROVE_ON,
    Exported,
    Verdict,
    export_ctranslate2,
)
from seq2seq_tfx.components.exporting.serving import ServedModel
from seq2seq_tfx.components.exporting.settings import ExportSettings
from seq2seq_tfx.components.files import sha256_of_file, sha256_of_texts, write_atomically
from seq2seq_tfx.components.models.build import build_described
from seq2seq_tfx.components.models.description import DESCRIPTION_FILE, ModelDescription
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.models.weights import load_weights
from seq2seq_tfx.components.translation.engine import CTRANSLATE2_FOLDER, SAVED_MODEL
from seq2seq_tfx.components.versions import EXPORT_FILE
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.schemas.errors import WorkError

logger = logging.getLogger(__name__)

WEIGHTS_FOLDER: Final = "weights"
"""The weights and what they are weights of (`settings.json`), for training to go on from."""


def export_model(
    trained: Path, settings: ExportSettings, code_version: str, output: Path, eval_files: Sequence[str] = ()
) -> dict[str, Any]:
    """Join the weights that `training.export` chose with vocabulary and search settings.

    Args:
        trained: What training wrote: `settings.json`, the vocabulary's models, `weights/`.
        settings: How the export translates.
        code_version: Hash of the code that makes the export; another code makes another model.
        output: The folder to fill; `saved_model.pb` stands directly inside.
        eval_files: Transformed examples of the eval split, on which CTranslate2 is proven and bfloat16 tried; without
            them there is neither.

    Returns:
        What stands in `export.json`. Its `export_id` is equal if weights, vocabulary, model, settings, code and what
        was found out about bfloat16 and CTranslate2 are equal.

    Raises:
        WorkError: If what training wrote does not fit together, or CTranslate2 does not say what the SavedModel says.
    """
    description = ModelDescription.from_json((trained / DESCRIPTION_FILE).read_bytes())
    vocabulary, weights = find_models(trained), trained / description.exported_weights
    if vocabulary.sha256 != description.vocabulary_sha256:
        raise WorkError(
            f"{vocabulary.source} must be the vocabulary that the model was trained with (sha256 "
            f"{description.vocabulary_sha256}), but it is another; run again with --force training"
        )
    logger.info("export: joining weights, vocabulary and search settings into one graph")

    def save(folder: Path, compute_type: str) -> Seq2SeqModel:
        model = build_described(description, seed=0, compute_dtype=compute_type)
        load_weights(model, weights)
        _save(ServedModel(model, vocabulary, settings), folder)
        return model

    model = save(output, "float32")
    verdict = export_ctranslate2(Exported(output, model, description.model, vocabulary, settings), eval_files)
    computed = Computed()
    if settings.export.compute_type == "bfloat16":
        computed = prefer_bfloat16(output, settings, lambda folder: save(folder, "bfloat16"), eval_files)
    vocabulary.copy_to(output)
    shutil.copytree(weights.parent, output / WEIGHTS_FOLDER, dirs_exist_ok=True)
    shutil.copyfile(trained / DESCRIPTION_FILE, output / WEIGHTS_FOLDER / DESCRIPTION_FILE)
    record = record_of(description, sha256_of_file(weights), settings, code_version, (computed, verdict))
    write_atomically(output / EXPORT_FILE, json.dumps(record, sort_keys=True, ensure_ascii=False, indent=1).encode())
    return record


def _save(served: ServedModel, folder: Path) -> None:
    # The gradients of the layers are of no use to those who translate.
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
    tf.saved_model.save(served, str(folder), signatures=served.signatures(), options=options)


def record_of(
    description: ModelDescription,
    weights_sha256: str,
    settings: ExportSettings,
    code_version: str,
    found: tuple[Computed, Verdict] = (Computed(), NOTHING_TO_PROVE_ON),
) -> dict[str, Any]:
    """The content of `export.json`: what an export is made of, and the `export_id` that stands for it."""
    computed, ctranslate2 = found
    record = {
        **description.model_dump(mode="json"),
        "weights_sha256": weights_sha256,
        **settings.model_dump(mode="json"),
        "max_source_tokens": MAX_TOKENS,
        "code_version": code_version,
        SAVED_MODEL: computed._asdict(),
        CTRANSLATE2_FOLDER: {"compute_types": list(ctranslate2.compute_types), "reason": ctranslate2.reason},
    }
    return {"export_id": sha256_of_texts(json.dumps(record, sort_keys=True)), **record}
