"""A translation does not depend on its neighbours: any number of sentences, any order, any place."""

import numpy as np
import pytest
import tensorflow as tf
from tiny_export import with_large_weights

from seq2seq_tfx.components.decoding.batches import decode
from seq2seq_tfx.components.decoding.forced import score
from seq2seq_tfx.components.decoding.grouping import cut, make_groups
from seq2seq_tfx.components.decoding.layout import MAX_TOKENS, WIDTHS
from seq2seq_tfx.components.decoding.rules import rules_of
from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.features import EOS_ID

VOCABULARY = 200
SMALL = {
    "transformer": ModelConfig(family="transformer", layers=2, width=64, feedforward=256, heads=4),
    "rnn": ModelConfig(family="rnn", layers=2, width=64, embedding=64),
}
SETTINGS = {
    "beam of 5": DecodingConfig(beam_size=5, max_length=8),
    "greedy": DecodingConfig(strategy="greedy", max_length=8),
}


def random_sources(count: int) -> list[list[int]]:
    generator = np.random.default_rng(7)
    lengths = generator.choice([0, 1, 2, 5, 9, 13, 15, 16, 20, 31, 33, 47, 70], size=count)
    return [[*generator.integers(6, VOCABULARY, size=length).tolist(), EOS_ID] for length in lengths]


@pytest.mark.parametrize(("family", "search"), [("transformer", "beam of 5"), ("rnn", "beam of 5"), ("rnn", "greedy")])
def test_translations_are_equal_to_the_bit_at_any_batch_size_and_in_any_order(family: str, search: str) -> None:
    model = with_large_weights(build_model(SMALL[family], VOCABULARY, seed=1))

    @tf.function(input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)])
    def run(ids: tf.RaggedTensor) -> tuple[tf.RaggedTensor, tf.Tensor]:
        decoded = decode(model, ids, rules_of(SETTINGS[search]))
        return decoded.ids, decoded.scores_N

    def results(numbers: list[int]) -> list[tuple[list[int], bytes]]:
        ids, scores = run(tf.ragged.constant([sources[number] for number in numbers], tf.int32, ragged_rank=1))
        return [(tokens, each.tobytes()) for tokens, each in zip(ids.to_list(), scores.numpy(), strict=True)]

    sources = random_sources(128)
    expected = results(list(range(128)))
    assert len({tuple(tokens) for tokens, _ in expected}) > 30
    for seed, size, count in ((1, 1, 12), (2, 7, 70), (3, 32, 128), (4, 128, 128)):
        order = np.random.default_rng(seed).permutation(128)[:count].tolist()
        for start in range(0, count, size):
            numbers = order[start : start + size]
            assert results(numbers) == [expected[number] for number in numbers]


def test_scores_of_pairs_are_equal_to_the_bit_at_any_batch_size_and_in_any_order() -> None:
    model = build_model(SMALL["transformer"], VOCABULARY, seed=1)
    sources, targets = random_sources(60), random_sources(90)[30:]

    @tf.function(input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)] * 2)
    def run(source_ids: tf.RaggedTensor, target_ids: tf.RaggedTensor) -> tf.Tensor:
        return score(model, source_ids, target_ids, rules_of(DecodingConfig()))

    def results(numbers: list[int]) -> list[bytes]:
        sides = ([side[number] for number in numbers] for side in (sources, targets))
        return [
            each.tobytes() for each in run(*(tf.ragged.constant(s, tf.int32, ragged_rank=1) for s in sides)).numpy()
        ]

    expected = results(list(range(60)))
    for size in (1, 7, 60):
        order = np.random.default_rng(size).permutation(60)[: 10 * size].tolist()
        for start in range(0, len(order), size):
            numbers = order[start : start + size]
            assert results(numbers) == [expected[number] for number in numbers]


def test_groups_hold_every_sentence_once_and_one_width_each() -> None:
    lengths = np.random.default_rng(3).integers(1, MAX_TOKENS + 1, size=500).astype(np.int32)
    groups = make_groups(tf.constant(lengths), largest=19)
    assert sorted(groups.order_N.numpy()) == list(range(500))
    assert int(tf.reduce_sum(groups.size_G)) == 500
    for first, size, width in zip(groups.first_G.numpy(), groups.size_G.numpy(), groups.width_G.numpy(), strict=True):
        assert 1 <= size <= 19
        for number in groups.order_N.numpy()[first : first + size]:
            assert width == min(each for each in WIDTHS if each >= lengths[number])


def test_long_rows_are_cut_before_their_end_mark() -> None:
    rows = cut(tf.ragged.constant([[7] * (MAX_TOKENS + 5) + [EOS_ID], [8, EOS_ID], [EOS_ID]], tf.int32)).to_list()
    assert rows == [[7] * (MAX_TOKENS - 1) + [EOS_ID], [8, EOS_ID], [EOS_ID]]
