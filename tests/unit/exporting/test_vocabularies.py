"""Exports whose sides have a vocabulary each, whose sources carry tags, and whose languages have rules of their own."""

from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from separate_vocabularies import write_separate
from tiny_export import MODEL, SENTENCES, SETTINGS, export_record

from seq2seq_tfx.components.exporting.saved_model import export_model
from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.weights import weights_of
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.components.vocabulary.train import size_of
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.errors import WorkError

RECURRENT = ModelConfig(family="rnn", cell="gru", layers=1, width=16, embedding=8)


@pytest.fixture(scope="module", params=[MODEL, RECURRENT], ids=["transformer", "rnn"])
def export(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("separate")
    export_model(write_separate(folder / "trained", request.param), SETTINGS, "code", folder / "export")
    return folder / "export"


def test_translations_are_of_the_target_s_pieces_when_the_sides_have_a_vocabulary_each(export: Path) -> None:
    names = {path.name for path in export.glob("vocabulary*")}
    assert names == {"vocabulary.source.model", "vocabulary.target.model"}
    letters = {*"".join(SENTENCES), "⁇"}
    texts = [each.text for each in SavedModelEngine(export, batch_size=8).translate(SENTENCES)]
    # At most twelve tokens, each a character: words of the source's vocabulary would be longer.
    assert all(set(text) <= letters and len(text) <= 12 * len(" ⁇ ") for text in texts)
    assert not any(word in text for text in texts for word in ("dog", "house", "<2es>", "friends"))
    record = export_record(export)
    sizes = [size_of(path.read_bytes()) for path in find_models(export)]
    assert [record["source_vocabulary_size"], record["vocabulary_size"]] == sizes


def test_every_tag_makes_another_translation_and_score(export: Path) -> None:
    texts = [f"{tag}The old dog sleeps." for tag in ("<2es> ", "<2xx> ", "", "<2yy> ")]
    scores = {round(each.score, 5) for each in SavedModelEngine(export, batch_size=8).translate(texts)}
    assert len(scores) == len(texts)


def test_the_source_embedding_is_one_of_its_own_when_the_source_has_a_size_of_its_own() -> None:
    for config in (MODEL, RECURRENT):
        shared = weights_of(build_model(config, 30, seed=1))
        separate = weights_of(build_model(config, 30, seed=1, source_vocabulary_size=50))
        (own,) = separate.keys() - shared.keys()
        assert separate[own].shape[0] == 50
        assert all((separate[name] == shared[name]).all() for name in shared)


@pytest.mark.parametrize("side", ["source", "target"])
def test_another_vocabulary_of_one_side_is_refused(tmp_path: Path, side: str) -> None:
    trained = write_separate(tmp_path / "trained", MODEL)
    with (trained / f"vocabulary.{side}.model").open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(WorkError, match="must be the vocabulary that the model was trained with"):
        export_model(trained, SETTINGS, "code", tmp_path / "export")


def test_each_side_is_normalised_by_the_rules_of_its_language_when_served(tmp_path: Path) -> None:
    trained = write_separate(tmp_path / "trained", MODEL)
    settings = SETTINGS.model_copy(update={"normalisation": NormalisationConfig(punctuation=True)})
    export_model(trained, settings, "code", tmp_path / "export")
    loaded = tf.saved_model.load(str(tmp_path / "export"))
    score: Any = loaded.signatures["score"]

    def scores(sources: list[str], targets: list[str]) -> list[float]:
        values: list[float] = score(source=tf.constant(sources), target=tf.constant(targets))["score"].numpy().tolist()
        return values

    # English moves the comma into the quotation marks, Spanish out of them.
    first, second, third = scores(["dog”, sings", 'dog," sings', "dog sings"], ["a", "a", "a"])
    assert first == second != third
    first, second, third = scores(["a", "a", "a"], ["No,» she", 'No", she', "No she"])
    assert first == second != third
