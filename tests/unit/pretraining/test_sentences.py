"""Single sentences of parallel text, by number."""

from pathlib import Path

import numpy as np
import pytest
from transformed_examples import write_split

from seq2seq_tfx.components.pretraining.sentences import Part, Sentences, Sides, side_numbers
from seq2seq_tfx.components.training.token_store import TokenStore, open_token_store
from seq2seq_tfx.schemas.features import EOS_ID

PAIRS = [(0, [10, 11], [20]), (1, [12], []), (2, [13, 14, 15], [21, 22])]


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return open_token_store(tmp_path / "store", [write_split(tmp_path, PAIRS)], 100, "train")


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ("source", [[10, 11], [12], [13, 14, 15]]),
        ("target", [[20], [21, 22]]),
        ("both", [[10, 11], [12], [13, 14, 15], [20], [21, 22]]),
    ],
)
def test_sentences_are_those_of_the_sides_without_empty_ones(
    store: TokenStore, sides: Sides, expected: list[list[int]]
) -> None:
    sentences = Sentences([Part(store, side) for side in side_numbers(sides)])
    found = [sentences.pair(i) for i in range(len(sentences))]
    assert [read.tolist() for read, _ in found] == [[*ids, EOS_ID] for ids in expected]
    assert all(read.tolist() == predicted.tolist() for read, predicted in found)
    np.testing.assert_array_equal(sentences.lengths_N2, [[len(ids) + 1] * 2 for ids in expected])


def test_fixed_examples_are_made_from_number_and_ids(store: TokenStore) -> None:
    sentences = Sentences([Part(store, 1)], fixed=lambda visit, ids: (ids + visit, ids))
    assert sentences.pair(1)[0].tolist() == [22, 23, EOS_ID + 1]
    assert sentences.pair(1)[1].tolist() == [21, 22, EOS_ID]
