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
    ],
)
@pytest.mark.parametrize("decoding", [DecodingConfig(strategy="greedy"), DecodingConfig(length_penalty=0.0)])
def test_every_transformer_with_a_table_of_positions_can_be_expressed(
    model: ModelConfig, decoding: DecodingConfig
) -> None:
    assert obstacle_to_ctranslate2(model, decoding) is None


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (ModelConfig(family="rnn"), "the CTranslate2 export has no model.family rnn"),
        (ModelConfig(positions="rotary"), "the CTranslate2 export has no model.positions rotary"),
    ],
)
def test_what_it_lacks_is_named(model: ModelConfig, words: str) -> None:
    assert obstacle_to_ctranslate2(model, DecodingConfig()) == words


def test_a_setting_that_nobody_thought_of_is_an_obstacle_unless_it_has_its_default() -> None:
    class Later(DecodingConfig):
        newer: int = 3

    assert obstacle_to_ctranslate2(ModelConfig(), Later()) is None
    assert "does not know decoding.newer 4" in str(obstacle_to_ctranslate2(ModelConfig(), Later(newer=4)))
