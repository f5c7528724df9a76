"""A CTranslate2 folder says what the SavedModel says."""

from pathlib import Path

import numpy as np
import pytest
from fuzzed_lines import fuzzed_lines
from tiny_export import MODEL, SENTENCES, SETTINGS, tiny_export, vocabulary_proto

from seq2seq_tfx.components.exporting import ctranslate2_spec
from seq2seq_tfx.components.exporting.ctranslate2_spec import build_spec, positions_for, why_not, write_folder
from seq2seq_tfx.components.models.weights import read_arrays
from seq2seq_tfx.components.translation.ctranslate2_engine import CTranslate2Engine, Reading
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.schemas.config.model import ModelConfig

READING = Reading(SETTINGS.decoding, SETTINGS.normalisation, 512)


def pieces() -> list[str]:
    """The tiny vocabulary."""
    import sentencepiece

    subwords = sentencepiece.SentencePieceProcessor(model_proto=vocabulary_proto())
    return [subwords.id_to_piece(i) for i in range(subwords.get_piece_size())]


def ctranslate2_engine(folder: Path, reading: Reading = READING) -> CTranslate2Engine:
    """The tiny export's weights in CTranslate2."""
    weights = {
        name: array.astype(np.float32) for name, array in read_arrays(tiny_export() / "weights/averaged.npz").items()
    }
    spec = build_spec(MODEL, weights, pieces(), positions_for(512, reading.decoding))
    write_folder(spec, "float32", tiny_export() / "vocabulary.model", folder)
    return CTranslate2Engine(folder, reading)


def sources() -> list[str]:
    """Ordinary, empty, strange and very long lines."""
    return [*SENTENCES, "", " \t", "a dog " * 3000, *fuzzed_lines(100)]


def test_both_engines_translate_alike(tmp_path: Path) -> None:
    ours = list(SavedModelEngine(tiny_export(), 512).translate(sources()))
    theirs = list(ctranslate2_engine(tmp_path).translate(sources()))
    assert [each.text for each in theirs] == [each.text for each in ours]
    np.testing.assert_allclose([each.score for each in theirs], [each.score for each in ours], atol=1e-4)


def test_wrong_positions_are_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = ctranslate2_engine(tmp_path / "right")
    table = ctranslate2_spec.position_table
    monkeypatch.setattr(ctranslate2_spec, "position_table", lambda rows, width: table(rows + 1, width)[1:])
    wrong = ctranslate2_engine(tmp_path / "wrong")
    ids = [right.encode(text) for text in SENTENCES]
    pairs = zip(right.log_probs(ids, ids), wrong.log_probs(ids, ids), strict=True)
    assert max(abs(a - b) for one, other in pairs for a, b in zip(one, other, strict=True)) > 1e-3


def test_a_job_has_the_same_bytes_when_computed_again(tmp_path: Path) -> None:
    engine = ctranslate2_engine(tmp_path)
    job = [f"{text} {number}" for number in range(200) for text in SENTENCES]
    whole = list(engine.translate(job))
    assert list(engine.translate(job[: engine.block])) + list(engine.translate(job[engine.block :])) == whole


def test_a_weight_without_a_place_is_refused() -> None:
    weights = read_arrays(tiny_export() / "weights/averaged.npz")
    with pytest.raises(ValueError, match="left over: .'encoder.0.gate/kernel'"):
        build_spec(MODEL, {**weights, "encoder.0.gate/kernel": np.zeros(1)}, pieces(), 1024)


def test_a_family_that_ctranslate2_lacks_is_named() -> None:
    assert why_not(MODEL, SETTINGS.decoding) is None
    assert "rnn" in str(why_not(ModelConfig(family="rnn"), SETTINGS.decoding))
