"""Order and shape of batches."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
from transformed_examples import copying_pairs, write_split

from seq2seq_tfx.components.training.batches import (
    BackgroundBatches,
    Batch,
    BatchOrder,
    Feed,
    Position,
    plan_epoch,
    sorted_batches,
    stream_batches,
)
from seq2seq_tfx.components.training.token_store import TokenStore, open_token_store
from seq2seq_tfx.schemas.features import EOS_ID, PAD_ID

ORDER = BatchOrder(seed=3, batch_tokens=32)
LENGTHS = np.random.default_rng(1).integers(1, 20, (500, 2)).astype(np.int32)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> TokenStore:
    folder = tmp_path_factory.mktemp("batches")
    file = write_split(folder, copying_pairs(60, 30, 7))
    return open_token_store(folder / "store", [file], 100, "train")


def test_every_pair_comes_once_an_epoch_when_batches_are_cut() -> None:
    for epoch in range(3):
        visits = np.concatenate(plan_epoch(LENGTHS, ORDER, epoch))
        assert sorted(visits % 500) == list(range(500))
        assert set(visits // 500) == {epoch}, "a visit says how often its pair was seen before"


def test_batches_keep_to_their_size_when_padding_counts() -> None:
    for pairs in plan_epoch(LENGTHS, ORDER, 0):
        assert LENGTHS[pairs % 500].max() * len(pairs) <= 32


def test_a_pair_is_a_batch_when_it_is_longer_than_one() -> None:
    lengths = np.array([[40, 3], [2, 50]], np.int32)
    assert [list(pairs) for pairs in sorted_batches(lengths, np.arange(2), 32)] == [[0], [1]]


def test_order_follows_from_seed_and_epoch_alone() -> None:
    def order(seed: int, epoch: int) -> list[int]:
        return list(np.concatenate(plan_epoch(LENGTHS, BatchOrder(seed=seed, batch_tokens=32), epoch)) % 500)

    assert order(3, 0) == order(3, 0)
    assert order(3, 0) != order(3, 1)
    assert order(3, 0) != order(4, 0)


def test_the_same_batches_follow_when_a_stream_begins_anywhere(store: TokenStore) -> None:
    whole = list(islice(stream_batches(Feed(store, ORDER), Position(0, 0)), 60))
    assert whole[-1].following.epoch >= 2
    for start in (1, 7, 25, 50):
        rest = list(islice(stream_batches(Feed(store, ORDER), whole[start - 1].following), 60 - start))
        for ours, expected in zip(rest, whole[start:], strict=True):
            np.testing.assert_array_equal(ours.source_BS, expected.source_BS)
            assert ours.following == expected.following


def test_rows_hold_the_pairs_ids_when_padded(store: TokenStore) -> None:
    batch = next(stream_batches(Feed(store, ORDER), Position(0, 0)))
    assert batch.source_BS.dtype == np.int32
    np.testing.assert_array_equal(batch.source_BS, batch.target_BT)
    for row in batch.source_BS:
        (end,) = np.flatnonzero(row == EOS_ID)
        assert (row[:end] > 5).all()
        assert (row[end + 1 :] == PAD_ID).all()


def test_background_batches_are_the_streams(store: TokenStore) -> None:
    with BackgroundBatches(stream_batches(Feed(store, ORDER), Position(0, 0))) as batches:
        ours = list(islice(batches, 30))
    for batch, expected in zip(ours, stream_batches(Feed(store, ORDER), Position(0, 0)), strict=False):
        np.testing.assert_array_equal(batch.target_BT, expected.target_BT)


def test_an_error_of_the_stream_reaches_the_reader(store: TokenStore) -> None:
    def failing() -> Iterator[Batch]:
        yield next(stream_batches(Feed(store, ORDER), Position(0, 0)))
        raise OSError("disk gone")

    with BackgroundBatches(failing()) as batches, pytest.raises(OSError, match="disk gone"):
        list(batches)
