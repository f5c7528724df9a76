"""A translation does not depend on its neighbours: any number of sentences, any order, any place."""

import numpy as np
import pytest
import tensorflow as tf
from unit.decoding.neighbours import (
    ARCHITECTURES,
    SEARCHES,
    assert_translations_do_not_depend_on_neighbours,
    model_of,
    random_sources,
)

from seq2seq_tfx.components.decoding.forced import score
from seq2seq_tfx.components.decoding.grouping import cut, make_groups
from seq2seq_tfx.components.decoding.layout import MAX_TOKENS, WIDTHS
from seq2seq_tfx.components.decoding.rules import rules_of
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.features import EOS_ID

# Every architecture with a beam, in both dtypes; every option with one.
CASES = [
    *((kind, "beam", dtype) for kind in ARCHITECTURES for dtype in ("float32", "bfloat16")),
    *(("transformer", search, "float32") for search in SEARCHES if search != "beam"),
    ("transformer", "penalties", "bfloat16"),
    ("transformer", "sampling", "bfloat16"),
    ("rnn", "greedy", "float32"),
    ("rnn", "penalties", "float32"),
    ("ensemble", "beam", "float32"),
]


@pytest.mark.parametrize(("kind", "search", "dtype"), CASES)
def test_translations_are_equal_to_the_bit_at_any_batch_size_and_in_any_order(
    kind: str, search: str, dtype: str
) -> None:
    # Of small batches only a share of the 200: each call takes as long as a full group. tests/soak has them all.
    plan = [(128, 200), (32, 200), (7, 63), (1, 15)]
    assert_translations_do_not_depend_on_neighbours(model_of(kind, dtype), search, plan)


def test_scores_of_pairs_are_equal_to_the_bit_at_any_batch_size_and_in_any_order() -> None:
    model = model_of("transformer")
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
