"""A CTranslate2 folder says what the SavedModel says."""

from pathlib import Path

import numpy as np
import pytest
from fuzzed_lines import fuzzed_lines
from tiny_export import MODEL, SENTENCES, SETTINGS, tiny_export, vocabulary_proto

from seq2seq_tfx.components.exporting.ctranslate2_spec import build_spec, positions_for, write_folder
from seq2seq_tfx.components.models.weights import read_arrays
from seq2seq_tfx.components.translation.ctranslate2_engine import CTranslate2Engine, Reading
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.components.vocabulary.files import find_models

READING = Reading(SETTINGS.decoding, SETTINGS.normalisation, "en", 512)


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
    spec = build_spec(MODEL, weights, (pieces(), pieces()), positions_for(512, reading.decoding))
    write_folder(spec, "float32", find_models(tiny_export()), folder)
    return CTranslate2Engine(folder, reading)


def sources() -> list[str]:
    """Ordinary, empty, strange and very long lines."""
    return [*SENTENCES, "", " \t", "a dog " * 3000, *fuzzed_lines(100)]


def test_both_engines_translate_alike(tmp_path: Path) -> None:
    ours = list(SavedModelEngine(tiny_export(), 512).translate(sources()))
    theirs = list(ctranslate2_engine(tmp_path).translate(sources()))
    assert [each.text for each in theirs] == [each.text for each in ours]
    np.testing.assert_allclose([each.score for each in theirs], [each.score for each in ours], atol=1e-4)
    flags = [each.truncated for each in ours]
    assert [each.truncated for each in theirs] == flags and set(flags) == {True, False}
    assert flags[sources().index("a dog " * 3000)] and not flags[sources().index("")]


def test_a_source_that_is_not_read_to_its_end_is_flagged(tmp_path: Path) -> None:
    engine = ctranslate2_engine(tmp_path, READING._replace(max_source_tokens=3))
    found = list(engine.translate(SENTENCES))
    best = [hypotheses[0] for hypotheses in engine.search([engine.encode(sentence) for sentence in SENTENCES])]
    assert [each.text for each in found] == [engine.decode(each.ids) for each in best]
    assert all(each.truncated for each in found) and not all(each.truncated for each in best)


def test_a_job_has_the_same_bytes_when_computed_again(tmp_path: Path) -> None:
    engine = ctranslate2_engine(tmp_path)
    job = [f"{text} {number}" for number in range(200) for text in SENTENCES]
    whole = list(engine.translate(job))
    assert list(engine.translate(job[: engine.block])) + list(engine.translate(job[engine.block :])) == whole


def test_a_weight_without_a_place_is_refused() -> None:
    weights = read_arrays(tiny_export() / "weights/averaged.npz")
    with pytest.raises(ValueError, match="left over: .'encoder.0.gate/kernel'"):
        build_spec(MODEL, {**weights, "encoder.0.gate/kernel": np.zeros(1)}, (pieces(), pieces()), 1024)
