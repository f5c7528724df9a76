"""FLOPs a target token against counts by hand: every matrix product of a small model, written out."""

import pytest

from seq2seq_tfx.components.models.cost import flops_per_token
from seq2seq_tfx.schemas.config.model import PRESETS, ModelConfig

VOCABULARY = 50


def test_transformer_is_counted_as_by_hand() -> None:
    config = ModelConfig(family="transformer", layers=1, width=4, feedforward=6, heads=2)
    encoder = 4 * (4 * 4) + 2 * (4 * 3) + 2 * (4 * 6)  # Q K V O, scores and sum over 3 places, two feed-forward
    decoder = 4 * (4 * 4) + 2 * (4 * 3) + 4 * (4 * 4) + 2 * (4 * 3) + 2 * (4 * 6)
    wanted = 2 * (encoder + decoder + 4 * VOCABULARY)
    assert flops_per_token(config, VOCABULARY, length=3) == wanted
    assert flops_per_token(config.model_copy(update={"family": "bert"}), VOCABULARY, length=3) == wanted


def test_gpt_is_counted_as_by_hand() -> None:
    config = ModelConfig(family="gpt", layers=1, width=4, feedforward=6, heads=2)
    source = 4 * (4 * 4) + 2 * (4 * 3) + 2 * (4 * 6)  # Q K V O, scores and sum over 3 places, two feed-forward
    target = 4 * (4 * 4) + 2 * (4 * 6) + 2 * (4 * 6)  # scores and sum over 3 places of each side
    assert flops_per_token(config, VOCABULARY, length=3) == 2 * (source + target + 4 * VOCABULARY)


@pytest.mark.parametrize(
    ("settings", "encoder", "decoder", "attention"),
    [
        # Two directions of 2 units, 3 gates: inputs of 6, then of 4. Keys a source token; scores and sum over 3 places.
        ({}, 2 * 3 * 2 * (6 + 2 + 4 + 2), 3 * 4 * (6 + 4 + 4 + 4), 4 * 4 + 2 * 3 * 4),
        ({"attention": "luong_dot", "input_feeding": True}, 168, 3 * 4 * (6 + 4 + 4 + 4 + 6), 2 * 3 * 4),
        ({"attention": "bahdanau"}, 168, 3 * 4 * (6 + 4 + 4 + 4 + 4), 4 * 4 + 4 * 4 + 2 * 3 * 4),
        ({"attention": "luong_local"}, 168, 216, 4 * 4 + 4 * 4 + 2 * 3 * 4),
        ({"attention": "none", "cell": "lstm", "bidirectional": False}, 4 * 4 * (6 + 4 + 4 + 4), 4 * 4 * 18, 0),
        ({"attention": "none", "cell": "simple_rnn"}, 2 * 2 * 14, 4 * 18, 0),
    ],
)
def test_rnn_is_counted_as_by_hand(settings: dict[str, object], encoder: int, decoder: int, attention: int) -> None:
    config = ModelConfig.model_validate({"family": "rnn", "layers": 2, "width": 4, "embedding": 6, **settings})
    combine, projection = 2 * 4 * 6, 6 * VOCABULARY
    wanted = 2 * (encoder + decoder + attention + combine + projection)
    assert flops_per_token(config, VOCABULARY, length=3) == wanted


def test_every_preset_has_a_figure_that_grows_with_its_size() -> None:
    figures = {name: flops_per_token(ModelConfig.model_validate({"preset": name}), 8000) for name in PRESETS}
    for family in ("transformer", "rnn", "bert", "gpt"):
        sizes = [figures[f"{family}_{size}"] for size in ("tiny", "small", "base", "big")]
        assert sizes == sorted(sizes) and len(set(sizes)) == 4
