"""The proof that CTranslate2 says what the SavedModel says: it passes what is right, and catches what is wrong."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from proven_export import LENIENT, SOURCES, said_by_the_tiny_export, write_eval
from separate_vocabularies import write_separate
from tiny_export import MODEL, export_record, write_trained

from seq2seq_tfx.components.exporting import ctranslate2_spec
from seq2seq_tfx.components.exporting.ctranslate2_spec import build_spec, write_folder
from seq2seq_tfx.components.exporting.saved_model import export_model
from seq2seq_tfx.components.exporting.settings import ExportSettings
from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.models.weights import weights_of
from seq2seq_tfx.components.translation.ctranslate2_engine import CTranslate2Engine
from seq2seq_tfx.components.translation.ctranslate2_generator import PROMPT_END
from seq2seq_tfx.components.translation.engine import load_engine
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.errors import InputError, WorkError

Export = Callable[..., Path]
EXPORT = "seq2seq_tfx.components.exporting.ctranslate2_export"

GREEDY = LENIENT.model_copy(update={"decoding": DecodingConfig(strategy="greedy", max_length=8)})
UNPENALISED = LENIENT.model_copy(
    update={
        "decoding": DecodingConfig(beam_size=3, length_penalty=0.0, max_length=8),
        "normalisation": NormalisationConfig(unicode="nfkc", quotes=True, punctuation=True),
    }
)
BERT = {"family": "bert", "norm": "post"}
GPT = {"family": "gpt", "source_attention": "causal"}


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """Exports a model of these sizes with random weights, proven on `SOURCES`."""

    def exported(
        model: ModelConfig = MODEL,
        settings: ExportSettings = LENIENT,
        write: Callable[[Path, ModelConfig], Path] = write_trained,
        references: list[str] | None = None,
    ) -> Path:
        trained = write(tmp_path / "trained", model)
        eval_files = write_eval(tmp_path / "examples", trained, references or SOURCES, settings)
        export_model(trained, settings, "code", tmp_path / "export", eval_files)
        return tmp_path / "export"

    return exported


def read_equality(export: Path) -> dict[str, Any]:
    """`equality.json`."""
    document: dict[str, Any] = json.loads((export / "equality.json").read_bytes())
    return document


@pytest.mark.parametrize(
    ("model", "settings", "write"),
    [
        (MODEL, LENIENT, write_trained),
        (MODEL.model_copy(update={"norm": "post", "share_embeddings": "none"}), GREEDY, write_trained),
        (MODEL.model_copy(update={"positions": "learned", "max_positions": 20}), UNPENALISED, write_trained),
        (MODEL.model_copy(update={"norm": "post", "positions": "learned"}), LENIENT, write_separate),
        (MODEL.model_copy(update={**BERT, "positions": "learned", "max_positions": 20}), LENIENT, write_separate),
        (MODEL.model_copy(update=GPT), LENIENT, write_trained),
    ],
    ids=["plain", "post-norm greedy", "learned unpenalised", "vocabularies of their own", "bert", "gpt"],
)
def test_both_engines_agree_whatever_the_model(
    export: Export, model: ModelConfig, settings: ExportSettings, write: Callable[[Path, ModelConfig], Path]
) -> None:
    folder = export(model, settings, write)
    found = read_equality(folder)
    assert found["sentences"] == len(SOURCES)
    assert 0.0 < found["largest_log_prob_difference"] < 5e-4
    assert found["same_share"] == 1.0 and found["kept"] == ["int8", "float32"]
    assert export_record(folder)["ctranslate2"] == {"compute_types": ["int8", "float32"], "reason": None}
    for name, sha256 in found["sha256"].items():
        assert sha256_of_file(folder / name) == sha256
    assert {"ctranslate2/int8/model.bin", "ctranslate2/float32/config.json"} <= found["sha256"].keys()


def test_users_get_the_proven_engine_unless_they_ask_for_the_other(export: Export) -> None:
    folder = export()
    record = export_record(folder)
    engine = load_engine(folder, record, "auto", 8)
    assert isinstance(engine, CTranslate2Engine) and engine.folder == folder / "ctranslate2/int8"
    assert isinstance(load_engine(folder, record, "ctranslate2", 8), CTranslate2Engine)
    assert isinstance(load_engine(folder, record, "saved_model", 8), SavedModelEngine)


def test_a_corrupted_weight_is_caught(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    def corrupted(model: Any) -> Any:
        weights = weights_of(model)
        weights["decoder.0.inner/kernel"][3, 5] += 2.0
        return weights

    monkeypatch.setattr(f"{EXPORT}.weights_of", corrupted)
    with pytest.raises(WorkError, match=r"a token whose log-probability differs .*: eval/\d{10}") as caught:
        export()
    assert "set export.ctranslate2 to false" in str(caught.value)


@pytest.mark.parametrize("storage", ["float32", "int8"])
def test_a_swapped_vocabulary_line_is_caught(export: Export, monkeypatch: pytest.MonkeyPatch, storage: str) -> None:
    def swapped(spec: Any, written: Any, vocabulary: Any, folder: Path) -> None:
        write_folder(spec, written, vocabulary, folder)
        path = folder / "shared_vocabulary.json"
        pieces = json.loads(path.read_bytes())
        # The last two: sentences alone may never say them.
        pieces[-2:] = pieces[:-3:-1]
        if written == storage:
            path.write_text(json.dumps(pieces))

    monkeypatch.setattr(f"{EXPORT}.write_folder", swapped)
    with pytest.raises(WorkError, match=f"2 lines of {storage}'s source vocabulary are others .the first is 70"):
        export()


def test_wrong_positions_are_caught(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    table = ctranslate2_spec.position_table
    monkeypatch.setattr(ctranslate2_spec, "position_table", lambda rows, width: table(rows + 1, width)[1:])
    with pytest.raises(WorkError, match=r"log-probability differs .*eval/"):
        export()


def test_a_prompt_without_its_separator_is_caught(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    def unseparated(spec: Any, storage: Any, vocabulary: Any, folder: Path) -> None:
        spec.config.add_attribute(PROMPT_END, ["</s>", "</s>"])
        write_folder(spec, storage, vocabulary, folder)

    monkeypatch.setattr(f"{EXPORT}.write_folder", unseparated)
    with pytest.raises(WorkError, match=r"a token whose log-probability differs .*eval/"):
        export(MODEL.model_copy(update=GPT))


def test_other_subwords_are_caught(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    normalise = "seq2seq_tfx.components.translation.ctranslate2_engine.normalise"
    monkeypatch.setattr(normalise, lambda text, *_: text.replace("é", "e"))
    with pytest.raises(WorkError, match=r"sources have other subwords .eval/0000000009"):
        export()


def test_int8_is_left_out_with_a_warning_when_it_loses_too_much(
    export: Export, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    built: list[ModelConfig] = []

    def spoilt(model: ModelConfig, weights: Any, *others: Any) -> Any:
        built.append(model)
        # The second one becomes int8.
        bias = weights["decoder.0.inner/bias"] + (1.0 if len(built) == 2 else 0.0)
        return build_spec(model, {**weights, "decoder.0.inner/bias": bias}, *others)

    monkeypatch.setattr(f"{EXPORT}.build_spec", spoilt)
    settings = LENIENT.model_copy(update={"export": LENIENT.export.model_copy(update={"max_bleu_loss": 0.3})})
    with caplog.at_level(logging.WARNING, "seq2seq_tfx"):
        folder = export(settings=settings, references=[text or "x" for text in said_by_the_tiny_export()])
    assert "CTranslate2's int8 loses" in caplog.text
    found = read_equality(folder)
    assert found["bleu"]["saved_model"] > 50.0 and found["bleu"]["int8"] < found["bleu"]["saved_model"] - 0.3
    assert sorted(path.name for path in (folder / "ctranslate2").iterdir()) == found["kept"] == ["float32"]
    assert export_record(folder)["ctranslate2"] == {"compute_types": ["float32"], "reason": None}


def test_another_verdict_makes_another_identity(export: Export, tmp_path: Path) -> None:
    proven = export_record(export())
    bare = tmp_path / "bare"
    assert export_model(tmp_path / "trained", LENIENT, "code", bare)["export_id"] != proven["export_id"]
    assert export_record(bare)["ctranslate2"] == {
        "compute_types": [],
        "reason": "there is no eval sentence to prove it on",
    }
    assert not (bare / "ctranslate2").exists() and not (bare / "equality.json").exists()


def test_what_ctranslate2_lacks_is_said_and_the_saved_model_serves(export: Export) -> None:
    folder = export(ModelConfig(family="rnn", cell="gru", layers=1, width=16, embedding=8))
    record = export_record(folder)
    assert record["ctranslate2"] == {"compute_types": [], "reason": "the CTranslate2 export has no model.family rnn"}
    assert isinstance(load_engine(folder, record, "auto", 8), SavedModelEngine)
    with pytest.raises(InputError, match="has none .the CTranslate2 export has no model.family rnn"):
        load_engine(folder, record, "ctranslate2", 8)


def test_log_probabilities_are_those_of_the_formula() -> None:
    from seq2seq_tfx.components.exporting.teacher_forcing import token_log_probs
    from seq2seq_tfx.components.models.build import build_model

    model = build_model(MODEL, 72, seed=3)
    sources, targets = [[9, 8, 3], [7, 3]], [[11, 3], [12, 13, 14, 3]]
    found = token_log_probs(model, sources, targets)
    for source, target, ours in zip(sources, targets, found, strict=True):
        logits = model.call(np.array([source], np.int32), np.array([[2, *target[:-1]]], np.int32)).numpy()[0]
        expected = [row[token] - np.log(np.exp(row).sum()) for row, token in zip(logits, target, strict=True)]
        np.testing.assert_allclose(ours, expected, atol=1e-5)
