"""The token store."""

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
from transformed_examples import copying_pairs, write_split

from seq2seq_tfx.components.training.token_store import (
    TokenStore,
    discard_token_stores,
    open_token_store,
    token_stores_of,
)
from seq2seq_tfx.schemas.errors import WorkError

PAIRS = copying_pairs(50, 30, 9)


def contents(store: TokenStore) -> list[tuple[list[int], list[int]]]:
    return [(list(source), list(target)) for source, target in map(store.pair, range(len(store)))]


def test_pairs_stand_by_pair_id_when_files_come_in_any_order(tmp_path: Path) -> None:
    one = write_split(tmp_path, PAIRS, file="one")
    expected = [([*source, 3], [*target, 3]) for _, source, target in PAIRS]
    assert contents(open_token_store(tmp_path / "a", [one], 100, "train")) == expected
    late = write_split(tmp_path, PAIRS[30:][::-1], file="1-late")
    early = write_split(tmp_path, PAIRS[:30], file="2-early")
    assert contents(open_token_store(tmp_path / "b", [late, early], 100, "train")) == expected


def test_corpora_sort_as_their_pair_ids_do(tmp_path: Path) -> None:
    files = [
        write_split(tmp_path, [(number, [10 + number], [20])], corpus=corpus, file=str(number))
        for number, corpus in enumerate(["a", "a-b", "B", "a.b"])
    ]
    stored = contents(open_token_store(tmp_path / "store", files, 100, "train"))
    assert [source[0] for source, _ in stored] == [12, 11, 13, 10]  # B/ a-b/ a.b/ a/


def test_each_corpus_is_a_range_of_pairs_without_those_left_out(tmp_path: Path) -> None:
    files = [
        write_split(tmp_path, [(n, [7] * (9 if n == 1 else 1), [7]) for n in range(count)], corpus=corpus, file=corpus)
        for corpus, count in [("b", 4), ("a", 3), ("c", 1)]
    ]
    store = open_token_store(tmp_path / "store", files, 5, "train")
    assert store.corpora == {"a": range(0, 2), "b": range(2, 5), "c": range(5, 6)}


def test_long_pairs_are_left_out_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pairs = [(0, [7] * 4, [7]), (1, [7], [7] * 5), (2, [7] * 5, [7]), (3, [7], [7] * 4)]
    with caplog.at_level(logging.INFO):
        store = open_token_store(tmp_path / "store", [write_split(tmp_path, pairs)], 5, "train")
    assert store.lengths_N2.tolist() == [[5, 2], [2, 5]]
    assert store.dropped == 2
    assert "train: 2 of 4 left out, longer than 5 tokens" in caplog.text


def test_nothing_is_read_again_when_the_store_is_there(tmp_path: Path) -> None:
    file = write_split(tmp_path, PAIRS)
    before = contents(open_token_store(tmp_path / "store", [file], 100, "train"))
    Path(file).unlink()
    assert contents(open_token_store(tmp_path / "store", [file], 100, "train")) == before


def test_a_store_is_made_anew_when_a_kill_left_half_of_one(tmp_path: Path) -> None:
    (tmp_path / "store.partial").mkdir()
    (tmp_path / "store.partial" / "tokens.npy").write_bytes(b"half")
    assert len(open_token_store(tmp_path / "store", [write_split(tmp_path, PAIRS)], 100, "train")) == 50


@pytest.mark.parametrize("pairs", [[], [(0, [7] * 9, [7])]], ids=["no example", "none short enough"])
def test_a_store_may_be_empty(tmp_path: Path, pairs: list[tuple[int, list[int], list[int]]]) -> None:
    store = open_token_store(tmp_path / "store", [write_split(tmp_path, pairs)], 5, "eval")
    assert len(store) == 0
    assert store.lengths_N2.dtype == np.int32


def test_examples_are_refused_when_two_have_one_id(tmp_path: Path) -> None:
    file = write_split(tmp_path, [(4, [7], [7]), (4, [8], [8])])
    with pytest.raises(WorkError, match="1 repeat one"):
        open_token_store(tmp_path / "store", [file], 5, "train")
    assert not (tmp_path / "store").exists()


def test_no_half_store_is_trusted_when_a_kill_stops_their_removal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_split(tmp_path, PAIRS)
    expected = contents(open_token_store(token_stores_of(tmp_path) / "train", [file], 100, "train"))

    def removing_one_file(folder: Path) -> None:
        (folder / "train" / "lengths.npy").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(shutil, "rmtree", removing_one_file)
        discard_token_stores(tmp_path)
    assert not (tmp_path / "tokens").exists()
    assert contents(open_token_store(token_stores_of(tmp_path) / "train", [file], 100, "train")) == expected
    discard_token_stores(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["part.gz"]
