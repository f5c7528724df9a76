"""A SavedModel in bfloat16 takes the place of the float32 one only where it translates about as well."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from proven_export import LENIENT, SOURCES, said_by_the_tiny_export, write_eval
from tensorflow.core.protobuf import saved_model_pb2
from tiny_export import MODEL, SENTENCES, export_record, write_trained

from seq2seq_tfx.components.exporting import eval_bleu
from seq2seq_tfx.components.exporting.saved_model import export_model
from seq2seq_tfx.components.exporting.settings import ExportSettings
from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.translation.engine import Translation
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.schemas.config.model import ModelConfig

ALONE = LENIENT.model_copy(update={"export": LENIENT.export.model_copy(update={"ctranslate2": False})})
"""The SavedModel and nothing beside it."""
RNN = ModelConfig(family="rnn", cell="gru", layers=1, width=16, embedding=8)


def in_bfloat16(settings: ExportSettings, max_bleu_loss: float = 100.0) -> ExportSettings:
    changed = {"compute_type": "bfloat16", "max_bleu_loss": max_bleu_loss}
    return settings.model_copy(update={"export": settings.export.model_copy(update=changed)})


def export(
    folder: Path, settings: ExportSettings, model: ModelConfig = MODEL, references: Sequence[str] = SOURCES
) -> Path:
    trained = write_trained(folder / "trained", model)
    export_model(trained, settings, "code", folder / "export", write_eval(folder / "examples", trained, references))
    return folder / "export"


def types_in(folder: Path) -> set[int]:
    """Types of what the SavedModel computes, in all its functions."""
    document = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    functions = document.meta_graphs[0].graph_def.library.function
    return {node.attr["T"].type for function in functions for node in function.node_def if node.op == "MatMul"}


def scores(folder: Path, texts: Sequence[str]) -> list[float]:
    """Of the texts as translations of themselves."""
    loaded = tf.saved_model.load(str(folder))
    found = loaded.signatures["score"](source=tf.constant(texts), target=tf.constant(texts))["score"]
    return [float(each) for each in found]


@pytest.mark.parametrize("model", [MODEL, RNN], ids=["transformer", "rnn"])
def test_the_saved_model_computes_in_bfloat16_and_answers_all_it_is_asked(tmp_path: Path, model: ModelConfig) -> None:
    folder = export(tmp_path, in_bfloat16(ALONE), model)
    assert export_record(folder)["saved_model"] == {"compute_type": "bfloat16", "reason": None}
    assert types_in(folder) == {tf.bfloat16.as_datatype_enum}
    assert [path for path in folder.iterdir() if path.name.startswith(".bfloat16")] == []
    engine = SavedModelEngine(folder, 512)
    together = list(engine.translate(SENTENCES))
    assert list(SavedModelEngine(folder, 3).translate(SENTENCES)) == together
    exact, near = (scores(each, SENTENCES) for each in (export(tmp_path / "float32", ALONE, model), folder))
    assert near == pytest.approx(exact, rel=0.05) and near != pytest.approx(exact, rel=1e-5)


def test_ctranslate2_is_proven_on_float32_all_the_same(tmp_path: Path) -> None:
    folder = export(tmp_path, in_bfloat16(LENIENT), references=[text or "x" for text in said_by_the_tiny_export()])
    assert types_in(folder) == {tf.bfloat16.as_datatype_enum}
    proof = json.loads((folder / "equality.json").read_bytes())
    assert proof["kept"] == ["int8", "float32"] and proof["largest_log_prob_difference"] < 5e-4
    assert all(sha256_of_file(folder / name) == sha256 for name, sha256 in proof["sha256"].items())
    figures = json.loads((folder / "bfloat16.json").read_bytes())
    assert figures["sentences"] == len(SOURCES)
    assert figures["bleu"]["float32"] == proof["bleu"]["saved_model"] > 50.0


def test_float32_stays_with_a_warning_where_bfloat16_loses_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Spoilt:
        """The engine, but bfloat16 says nothing."""

        def __init__(self, folder: Path, batch_size: int) -> None:
            self._engine = None if folder.name.startswith(".bfloat16") else SavedModelEngine(folder, batch_size)

        def translate(self, sentences: list[str]) -> list[Translation]:
            if self._engine is None:
                return [Translation("", 0.0)] * len(sentences)
            return list(self._engine.translate(sentences))

    monkeypatch.setattr(eval_bleu, "SavedModelEngine", Spoilt)
    with caplog.at_level(logging.WARNING, "seq2seq_tfx"):
        references = [text or "x" for text in said_by_the_tiny_export()]
        folder = export(tmp_path, in_bfloat16(ALONE, 0.3), references=references)
    assert "bfloat16 loses" in caplog.text
    found: Any = export_record(folder)["saved_model"]
    assert found["compute_type"] == "float32" and "at most 0.30 is allowed" in found["reason"]
    assert types_in(folder) == {tf.float32.as_datatype_enum}


def test_float32_stays_where_there_is_nothing_to_try_bfloat16_on(tmp_path: Path) -> None:
    record = export_model(write_trained(tmp_path / "trained"), in_bfloat16(ALONE), "code", tmp_path / "export")
    assert record["saved_model"] == {
        "compute_type": "float32",
        "reason": "there is no eval sentence to try bfloat16 on",
    }
    assert not (tmp_path / "export/bfloat16.json").exists()
