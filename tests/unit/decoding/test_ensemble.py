"""Several models as one: probabilities are means, and search, scores and alignments are those of any model."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from scripted_model import END, ScriptedModel, attention_of, random_tables
from tiny_export import MODEL, VOCABULARY_SIZE, write_trained
from unit.decoding.neighbours import VOCABULARY, model_of
from unit.decoding.numpy_rules import Sentence, every_hypothesis_of, log_softmax

from seq2seq_tfx.components.decoding.alignments import align
from seq2seq_tfx.components.decoding.batches import decode
from seq2seq_tfx.components.decoding.ensemble import Ensemble, load_versions
from seq2seq_tfx.components.decoding.forced import score
from seq2seq_tfx.components.decoding.rules import rules_of
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.errors import InputError

SETTINGS = DecodingConfig(beam_size=64, max_length=3)


def test_probability_of_a_token_is_the_mean_of_the_models() -> None:
    one, other = (random_tables(1, vocabulary=8, longest=2, seed=seed) for seed in (1, 2))
    probabilities = np.mean(
        [[np.exp(log_softmax(row)) for row in table[0].astype(np.float64)] for table in (one, other)], 0
    )
    best = every_hypothesis_of(Sentence(np.log(probabilities), [6, END], SETTINGS))[0]
    model, ids = Ensemble([ScriptedModel(one), ScriptedModel(other)]), tf.ragged.constant([[6, END]])
    found = tf.function(lambda ids: decode(model, ids, rules_of(SETTINGS)))(ids)
    assert found.ids.to_list()[0] == [token for token in best.tokens if token != END]
    assert float(found.scores_N[0]) == pytest.approx(best.score, abs=1e-5)
    weights = tf.function(lambda ids: align(model, ids, ids).soft_NTS)(ids).numpy()[0]
    np.testing.assert_allclose(weights, attention_of([6, END], [6, END]), atol=1e-5)


def test_scores_of_an_ensemble_of_two_families_are_teacher_forced_log_probabilities() -> None:
    model, rules = model_of("ensemble"), rules_of(DecodingConfig(beam_size=4, max_length=20))
    assert isinstance(model, Ensemble)
    for member in model.models:  # models of random weights that end their sentences now and then
        table = member.output_embedding
        table.assign(table.value * tf.where(tf.range(VOCABULARY) == END, 8.0, 1.0)[:, None])
    ids = tf.ragged.constant([[number + 6, number + 40, END] for number in range(60)], tf.int32)
    found = tf.function(lambda ids: decode(model, ids, rules))(ids)
    ended = np.flatnonzero(~found.truncated_N.numpy())
    assert len(ended) > 3
    targets = tf.concat([tf.gather(found.ids, ended), tf.fill([len(ended), 1], END)], axis=1)
    forced = tf.function(lambda one, other: score(model, one, other, rules))(tf.gather(ids, ended), targets)
    np.testing.assert_allclose(forced, found.scores_N.numpy()[ended], atol=2e-5)


def test_models_must_be_several_and_have_one_vocabulary() -> None:
    one, other = ScriptedModel(random_tables(1, 8, 1, seed=1)), ScriptedModel(random_tables(1, 9, 1, seed=1))
    for models in ([one], [one, other]):
        with pytest.raises(InputError, match="two or more models with one vocabulary"):
            Ensemble(models)


def test_versions_are_loaded_when_they_have_one_vocabulary(tmp_path: Path) -> None:
    versions = [version(tmp_path / str(seed), seed) for seed in (1, 2)]
    ensemble = load_versions(versions)
    assert ensemble.output_embedding.shape[0] == VOCABULARY_SIZE
    first = ensemble.models[0](tf.constant([[6, END]]), tf.constant([[2]])).numpy()
    assert np.abs(first - ensemble.models[1](tf.constant([[6, END]]), tf.constant([[2]])).numpy()).max() > 0.1
    described = versions[1] / "weights/settings.json"
    described.write_text(described.read_text().replace('"vocabulary_sha256": "', '"vocabulary_sha256": "0'))
    with pytest.raises(InputError, match="must have one vocabulary"):
        load_versions(versions)
    with pytest.raises(InputError, match="must be an export or a pushed version"):
        load_versions([versions[0], tmp_path / "nothing"])


def version(folder: Path, seed: int) -> Path:
    """A pushed version as far as an ensemble reads it."""
    write_trained(folder, MODEL, seed)
    (folder / "settings.json").rename(folder / "weights/settings.json")
    return folder
