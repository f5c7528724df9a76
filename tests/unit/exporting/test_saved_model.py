"""The export: strings in, strings out, without this project."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sentencepiece
import tensorflow as tf
from tiny_export import (
    MODEL,
    SENTENCES,
    SETTINGS,
    VOCABULARY_SIZE,
    export_record,
    tiny_export,
    vocabulary_proto,
    write_trained,
)

from seq2seq_tfx.components.decoding.forbidding import forbidden_sequences
from seq2seq_tfx.components.exporting.bfloat16 import Computed
from seq2seq_tfx.components.exporting.ctranslate2_export import NOTHING_TO_PROVE_ON
from seq2seq_tfx.components.exporting.saved_model import export_model, record_of
from seq2seq_tfx.components.exporting.serving import said_before
from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.models.description import ModelDescription
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.errors import InputError, WorkError

FRESH = """
import json, sys
import tensorflow as tf
import tensorflow_text
serve = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
result = serve(source=tf.constant(json.loads(sys.argv[2])))
print(json.dumps([[t.decode() for t in result["translation"].numpy()], [float(s) for s in result["score"].numpy()]]))
print(json.dumps([name for name in sys.modules if name.startswith(("seq2seq_tfx", "tfx", "apache_beam"))]))
"""


@pytest.fixture(scope="module")
def engine() -> SavedModelEngine:
    return SavedModelEngine(tiny_export(), batch_size=512)


@pytest.fixture(scope="module")
def signatures() -> Any:
    loaded = tf.saved_model.load(str(tiny_export()))
    return SimpleNamespace(
        loaded=loaded,
        translate=loaded.signatures["serving_default"],
        score=loaded.signatures["score"],
        n_best=loaded.signatures["translate_n_best"],
        from_prefix=loaded.signatures["translate_from_prefix"],
        attention=loaded.signatures["attention"],
    )


def test_export_translates_as_before_in_a_process_that_knows_only_tensorflow_and_its_text_operations(
    engine: SavedModelEngine, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", FRESH, str(tiny_export()), json.dumps(SENTENCES)]
    output = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    (texts, scores), foreign = map(json.loads, output.splitlines())
    known = list(engine.translate(SENTENCES))
    assert list(zip(texts, scores, strict=True)) == [(each.text, each.score) for each in known]
    assert foreign == []
    assert any(texts)


@pytest.mark.parametrize("source", ["", "   ", "\t\n", "\u00a0\u2028"])
def test_source_without_text_has_an_empty_translation_and_score_zero(engine: SavedModelEngine, source: str) -> None:
    assert [each[:3] for each in engine.translate([source])] == [("", 0.0, False)]


def test_invalid_utf8_is_read_as_the_replacement_character(signatures: Any) -> None:
    result = signatures.translate(source=tf.constant([b"a dog \xff", "a dog \ufffd".encode()]))
    assert len(set(result["translation"].numpy())) == 1 and len(set(result["score"].numpy())) == 1


def test_long_source_is_cut_and_flagged(signatures: Any) -> None:
    result = signatures.translate(source=tf.constant(["a dog " * 3000, "a dog"]))
    assert result["truncated"].numpy().tolist() == [True, False]
    assert np.isfinite(result["score"].numpy()).all()


def test_no_source_has_no_translation(signatures: Any) -> None:
    result = signatures.translate(source=tf.constant([], tf.string))
    assert result["translation"].shape == (0,) and result["score"].shape == (0,)


def test_given_translations_are_scored(signatures: Any) -> None:
    # That these scores are those of the search is shown in tests/unit/decoding, where translations have an end.
    targets = [*SENTENCES[1:], "word " * 2000]
    scores = signatures.score(source=tf.constant(SENTENCES), target=tf.constant(targets))["score"].numpy()
    assert np.isfinite(scores).all() and (scores < 0.0).all() and len(set(scores)) == len(SENTENCES)


def test_pairs_without_text_have_a_score(signatures: Any) -> None:
    scores = signatures.score(source=tf.constant(["", "a"]), target=tf.constant(["", ""]))["score"].numpy()
    assert scores.shape == (2,) and np.isfinite(scores).all()


def test_translation_that_its_length_stopped_is_flagged(signatures: Any) -> None:
    result = signatures.translate(source=tf.constant([*SENTENCES, ""]))
    flags = result["translation_truncated"].numpy()
    assert flags[:-1].any() and not flags[-1]  # the source without text has all of its translation


def test_n_best_begin_with_the_translation_and_differ(signatures: Any) -> None:
    source = tf.constant([*SENTENCES, ""])
    best, found = signatures.translate(source=source), signatures.n_best(source=source, n=tf.constant(2))
    np.testing.assert_array_equal(found["translation"][:, 0], best["translation"])
    np.testing.assert_array_equal(found["score"][:, 0], best["score"])
    np.testing.assert_array_equal(found["translation_truncated"][:, 0], best["translation_truncated"])
    texts, scores = found["translation"].numpy(), found["score"].numpy()
    assert texts.shape == scores.shape == (9, 2)
    assert (np.diff(scores, axis=1) <= 0.0).all()
    assert all(one != other for (one, other), (_, second) in zip(texts, scores, strict=True) if second > -1e30)
    assert texts[-1].tolist() == [b"", b""] and scores[-1].tolist() == [0.0, np.float32(-1e30)]
    assert signatures.n_best(source=source, n=tf.constant(1))["score"].shape == (9, 1)


@pytest.mark.parametrize("n", [0, 3])
def test_n_best_says_how_many_there_can_be(signatures: Any, n: int) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="n must be from 1 to 2"):
        signatures.n_best(source=tf.constant(SENTENCES), n=tf.constant(n))


def test_equal_texts_stand_once() -> None:
    texts = tf.constant([["a", "b", "a"], ["a", "a", "a"], ["a", "b", "c"]])
    said = [[False, False, True], [False, True, True], [False, False, False]]
    assert said_before(texts).numpy().tolist() == said


def test_translation_begins_with_the_prefix(signatures: Any) -> None:
    source = tf.constant(SENTENCES[:3])
    result = signatures.from_prefix(source=source, prefix=tf.constant(["She reads", "", "No."]))
    texts, free = result["translation"].numpy(), signatures.translate(source=source)["translation"].numpy()
    assert texts[0].startswith(b"She reads") and texts[1] == free[1] and texts[2].startswith(b"No.")
    with pytest.raises(tf.errors.InvalidArgumentError, match="a prefix for each source"):
        signatures.from_prefix(source=source, prefix=tf.constant(["No."]))


def test_attention_comes_with_its_subwords(signatures: Any) -> None:
    result = signatures.attention(source=tf.constant(SENTENCES[:3]), target=tf.constant(["No.", "", "A dog sleeps."]))
    weights, hard = result["attention"].numpy(), result["alignment"].numpy()
    sources, targets = result["source_pieces"].numpy(), result["target_pieces"].numpy()
    assert weights.shape == (*targets.shape, sources.shape[1]) and hard.shape == targets.shape
    np.testing.assert_allclose(weights.sum(axis=2), (targets != b"").astype(np.float32), atol=1e-5)
    np.testing.assert_array_equal(hard >= 0, targets != b"")
    assert [row[row != b""][-1] for row in targets] == [b"</s>"] * 3
    assert targets[1].tolist()[0] == b"</s>"


def test_forbidden_subwords_and_texts_are_token_sequences() -> None:
    subwords = sentencepiece.SentencePieceProcessor(model_proto=vocabulary_proto())
    piece = subwords.id_to_piece(10)
    single, several, unknown = forbidden_sequences((piece, "The old dog", "<unk>"), vocabulary_proto())
    assert single == (10,) and several == tuple(subwords.encode("The old dog")) and unknown == (1,)
    for wrong in ("</s>", "\u4e2d", " "):
        with pytest.raises(InputError, match="decoding.forbidden must name subwords"):
            forbidden_sequences((wrong,), vocabulary_proto())


def test_forbidden_subwords_are_never_said(engine: SavedModelEngine, tmp_path: Path) -> None:
    subwords = sentencepiece.SentencePieceProcessor(model_proto=vocabulary_proto())
    with_e = tuple(piece for piece in map(subwords.id_to_piece, range(6, VOCABULARY_SIZE)) if "e" in piece)
    decoding = SETTINGS.decoding.model_copy(update={"forbidden": with_e})
    settings = SETTINGS.model_copy(update={"decoding": decoding})
    export_model(write_trained(tmp_path / "trained"), settings, "code", tmp_path / "export")
    assert any("e" in translation.text for translation in engine.translate(SENTENCES))
    said = [translation.text for translation in SavedModelEngine(tmp_path / "export", 512).translate(SENTENCES)]
    assert any(said) and not any("e" in text for text in said)


def test_translations_are_the_same_when_calls_are_larger_or_smaller(engine: SavedModelEngine) -> None:
    assert list(SavedModelEngine(tiny_export(), batch_size=3).translate(SENTENCES)) == list(engine.translate(SENTENCES))
    backwards = list(engine.translate(SENTENCES[::-1]))
    assert backwards[::-1] == list(engine.translate(SENTENCES))


def test_record_says_what_the_export_is_made_of() -> None:
    record = export_record(tiny_export())
    assert record["decoding"] == SETTINGS.decoding.model_dump(mode="json")
    assert record["model"] == MODEL.model_dump(mode="json")
    assert record["max_source_tokens"] == 512
    kept = {path.relative_to(tiny_export()).as_posix() for path in tiny_export().rglob("*") if path.is_file()}
    assert {"saved_model.pb", "vocabulary.model", "weights/averaged.npz", "weights/settings.json"} <= kept


def test_identity_changes_with_search_settings_weights_and_code(tmp_path: Path) -> None:
    trained = write_trained(tmp_path / "trained")
    description = ModelDescription.from_json((trained / "settings.json").read_bytes())
    other_search = SETTINGS.model_copy(update={"decoding": DecodingConfig(strategy="greedy", max_length=4)})
    own = record_of(description, sha256_of_file(trained / "weights/averaged.npz"), SETTINGS, "code")
    assert own == export_record(tiny_export())
    others = [
        record_of(description, str(own["weights_sha256"]), other_search, "code"),
        record_of(description, "0" * 64, SETTINGS, "code"),
        record_of(description, str(own["weights_sha256"]), SETTINGS, "other code"),
        record_of(
            description, str(own["weights_sha256"]), SETTINGS, "code", (Computed("bfloat16"), NOTHING_TO_PROVE_ON)
        ),
    ]
    assert len({str(record["export_id"]) for record in (own, *others)}) == 5


def test_another_vocabulary_is_refused(tmp_path: Path) -> None:
    trained = write_trained(tmp_path / "trained")
    with (trained / "vocabulary.model").open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(WorkError, match="must be the vocabulary that the model was trained with"):
        export_model(trained, SETTINGS, "code", tmp_path / "export")


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    trained = write_trained(tmp_path / "trained")
    other = write_trained(tmp_path / "other", model=MODEL.model_copy(update={"layers": 2}))
    shutil.copy(other / "weights/averaged.npz", trained / "weights/averaged.npz")
    with pytest.raises(WorkError, match="must hold exactly the model's"):
        export_model(trained, SETTINGS, "code", tmp_path / "export")
