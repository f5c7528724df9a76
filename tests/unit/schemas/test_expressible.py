"""What CTranslate2 can express, known from the settings."""

import pytest

from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.expressible import obstacle_to_ctranslate2
from seq2seq_tfx.schemas.config.model import ModelConfig


@pytest.mark.parametrize(
    "model",
    [
        ModelConfig(),
        ModelConfig(preset="transformer_big"),
        ModelConfig(norm="post", positions="learned", max_positions=600, share_embeddings="none"),
        ModelConfig(positions="rotary"),
        ModelConfig(preset="bert_base"),
        ModelConfig(family="bert", norm="pre", positions="sinusoidal", share_embeddings="target"),
        ModelConfig(family="gpt", source_attention="causal"),
        ModelConfig(preset="gpt_big", source_attention="causal", norm="post", positions="rotary"),
    ],
)
@pytest.mark.parametrize("decoding", [DecodingConfig(strategy="greedy"), DecodingConfig(length_penalty=0.0)])
def test_every_transformer_and_bert_and_a_gpt_that_reads_from_the_left_can_be_expressed(
    model: ModelConfig, decoding: DecodingConfig
) -> None:
    assert obstacle_to_ctranslate2(model, decoding) is None


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (ModelConfig(family="rnn"), "no model.family rnn"),
        (
            ModelConfig(family="gpt"),
            "no model.source_attention bidirectional (its language models read from the left)",
        ),
        (
            ModelConfig(family="gpt", source_attention="causal", share_embeddings="none"),
            "no model.share_embeddings none for family gpt (its language models have one table)",
        ),
    ],
)
def test_what_it_lacks_is_named(model: ModelConfig, words: str) -> None:
    assert obstacle_to_ctranslate2(model, DecodingConfig()) == f"the CTranslate2 export has {words}"


def test_a_gpt_needs_one_vocabulary_and_the_other_families_do_not() -> None:
    gpt = ModelConfig(family="gpt", source_attention="causal")
    found = obstacle_to_ctranslate2(gpt, DecodingConfig(), shared_vocabulary=False)
    assert found is not None and "no vocabulary.shared false for family gpt" in found
    assert obstacle_to_ctranslate2(ModelConfig(family="bert"), DecodingConfig(), shared_vocabulary=False) is None


def test_a_setting_that_nobody_thought_of_is_an_obstacle_unless_it_has_its_default() -> None:
    class Later(DecodingConfig):
        newer: int = 3

    class LaterModel(ModelConfig):
        newer: int = 3

    assert obstacle_to_ctranslate2(ModelConfig(), Later()) is None
    assert obstacle_to_ctranslate2(LaterModel(family="bert"), DecodingConfig()) is None
    assert "not know model.newer 4" in str(
        obstacle_to_ctranslate2(LaterModel(family="bert", newer=4), DecodingConfig())
    )
    assert "does not know decoding.newer 4" in str(obstacle_to_ctranslate2(ModelConfig(), Later(newer=4)))
