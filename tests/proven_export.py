"""Exports of very small models with CTranslate2 folders, proven on sentences whose references they say themselves."""

import atexit
import functools
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf
from tiny_export import SENTENCES, SETTINGS, tiny_export, write_trained

from seq2seq_tfx.components.exporting.saved_model import export_model
from seq2seq_tfx.components.exporting.settings import ExportSettings
from seq2seq_tfx.components.text_graph import encode, make_tokenizer
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.schemas.features import PAIR_ID, SOURCE, SOURCE_IDS, TARGET, TARGET_IDS, pair_id

SOURCES = (*SENTENCES, "", " \t", "a dog " * 600, "Café \u00ab niño \u00bb", "x")
LENIENT = SETTINGS.model_copy(update={"export": SETTINGS.export.model_copy(update={"max_bleu_loss": 100.0})})
"""Any int8 is good enough: weights at random say little that a loss could be measured on."""


@functools.cache
def proven_export() -> Path:
    """The tiny export's model with CTranslate2 folders, made once in a test process; not to be written into."""
    folder = Path(tempfile.mkdtemp(prefix="proven-export-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    trained = write_trained(folder / "trained")
    export_model(trained, LENIENT, "code", folder / "export", write_eval(folder / "examples", trained))
    return folder / "export"


def said_by_the_tiny_export() -> list[str]:
    """Its translations of `SOURCES`."""
    return [each.text for each in SavedModelEngine(tiny_export(), 512).translate(SOURCES)]


def write_eval(
    folder: Path, trained: Path, targets: Sequence[str] = SOURCES, settings: ExportSettings = SETTINGS
) -> list[str]:
    """Transformed examples of `SOURCES`, with ids of the vocabularies in `trained`, as the transform stage leaves them.

    Returns:
        Their files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "data_tfrecord-00000-of-00001.gz"
    models, languages = find_models(trained), (settings.languages.source, settings.languages.target)
    ids = [
        encode(tf.constant(list(texts)), make_tokenizer(model.read_bytes()), settings.normalisation, language).to_list()
        for texts, model, language in zip((SOURCES, targets), models, languages, strict=True)
    ]
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for number, (source, target, source_ids, target_ids) in enumerate(zip(SOURCES, targets, *ids, strict=True)):
            example = tf.train.Example()
            texts = {PAIR_ID.name: pair_id("eval", number), SOURCE.name: source, TARGET.name: target}
            for name, text in texts.items():
                example.features.feature[name].bytes_list.value.append(text.encode())
            for name, values in ((SOURCE_IDS.name, source_ids), (TARGET_IDS.name, target_ids)):
                example.features.feature[f"{name}$ragged_values"].int64_list.value.extend(values)
            writer.write(example.SerializeToString())
    return [str(path)]
