"""What must hold between the architecture and other sections, and in which words it is said."""

from pathlib import Path

import pytest

from seq2seq_tfx.schemas.config.loading import load_config
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.pretraining import PretrainingConfig
from seq2seq_tfx.schemas.errors import ConfigError

HEAD = "name: demo\nlanguages: {source: en, target: es}\ncorpora:\n  - {name: a, split: auto, path: pairs.tsv}\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pipeline.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("model: {preset: bert_tiny}\npretraining: {objective: causal}",
         "6: pretraining.objective: must be none or masked for family bert, got 'causal'; set model.family: gpt"),
        ("pretraining: {objective: masked}",
         "5: pretraining.objective: must be none for family transformer, got 'masked'; set model.family: bert"),
        ("model: {family: gpt}\npretraining: {objective: causal, decoder: true}",
         "6: pretraining.decoder: must be left out for family gpt"),
        ("model: {family: bert}\npretraining: {decoder: true}",
         "6: pretraining.decoder: must be false where nothing is pre-trained"),
        ("model: {family: bert}\npretraining: {take_from: there, max_steps: 3}",
         "6: pretraining.max_steps: must be left out beside take_from"),
        ("model: {family: rnn}\npretraining: {take_from: there}",
         "6: pretraining.take_from: must be left out for family rnn, got 'there'"),
        ("model: {family: bert}\ntraining: {initialise_from: x}\npretraining: {objective: masked}",
         "7: pretraining.objective: must be left out beside training.initialise_from"),
        ("model: {family: bert}\nvocabulary: {shared: false}\npretraining: {objective: masked}",
         "7: pretraining.sides: must be source where the vocabulary is not shared, got 'both'"),
        ("model: {family: bert}\nvocabulary: {shared: false}\npretraining: {take_from: x, decoder: true}",
         "7: pretraining.decoder: must be false where the vocabulary is not shared"),
        ("model: {family: bert}\npretraining: {objective: masked, max_length: 600}",
         "5: model.max_positions: must be at least pretraining.max_length (600) for learned positions, got 512"),
        ("model: {family: gpt, positions: learned}\ntraining: {max_length: 200}\ndecoding: {max_length: 313}",
         "5: model.max_positions: must be at least training.max_length and decoding.max_length together (513)"),
        ("model: {family: gpt}\ntraining: {source_loss: 0.5}",
         "6: training.source_loss: must be 0 unless the model is a gpt whose source_attention is causal, got 0.5"),
        ("model: {family: transformer, source_attention: causal}",
         "5: model.source_attention: must be left out for family transformer (it belongs to gpt), got 'causal'"),
    ],
)  # fmt: skip
def test_settings_are_refused_when_they_do_not_fit_together(tmp_path: Path, text: str, problem: str) -> None:
    path = written(tmp_path, text + "\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    (line,) = caught.value.problems
    assert line.startswith(f"{path}:{problem}")


@pytest.mark.parametrize(
    "text",
    [
        "model: {preset: bert_tiny}\npretraining: {objective: masked, decoder: true, whole_words: true}",
        "model: {preset: gpt_tiny}\npretraining: {objective: causal}",
        "model: {family: gpt, source_attention: causal}\ntraining: {source_loss: 0.5}",
        "model: {family: bert}\nvocabulary: {shared: false}\npretraining: {objective: masked, sides: source}",
        "model: {family: bert}\npretraining: {take_from: there, decoder: true}",
        "model: {family: gpt, positions: learned}\ntraining: {max_length: 200}\ndecoding: {max_length: 312}",
    ],
)
def test_settings_are_taken_when_they_fit_together(tmp_path: Path, text: str) -> None:
    load_config(written(tmp_path, text + "\n"))


def test_a_family_has_defaults_of_its_own_that_keys_replace() -> None:
    assert (ModelConfig(family="bert").norm, ModelConfig(family="bert").positions) == ("post", "learned")
    assert ModelConfig(family="bert", norm="pre").norm == "pre"
    assert (ModelConfig(preset="bert_small").norm, ModelConfig(preset="gpt_small").norm) == ("post", "pre")
    assert ModelConfig.model_validate({"preset": "rnn_tiny", "family": "bert"}).positions == "learned"


def test_pretraining_takes_the_loop_s_settings_without_label_smoothing() -> None:
    taken = PretrainingConfig(max_steps=7, accumulate=2, max_length=9).as_training()
    assert (taken.max_steps, taken.accumulate, taken.max_length, taken.label_smoothing) == (7, 2, 9, 0.0)
