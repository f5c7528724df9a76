"""Duplicates over all corpora: the first by the order of corpora and records is kept."""

from pathlib import Path

import numpy as np
import pytest
from corpus_runs import HELD_OUT, Corpora, ingest_into, stored

from seq2seq_tfx.components.corpus import duplicates
from seq2seq_tfx.components.corpus.duplicates import Repeats
from seq2seq_tfx.components.corpus.examine import KEY_TYPE
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.records import near_key, pair_digest

ROWS: Corpora = {
    "one": ("train", [("Ein Hund!", "A dog."), ("Raum 12", "room 12"), ("?!", "!?")]),
    "two": ("train", [("ein HUND", "a dog"), ("Raum 7", "room 9"), ("Ein Hund!", "A dog."), ("!!", "??")]),
    **HELD_OUT,
}


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        ("none", ["one/0", "one/1", "one/2", "two/0", "two/1", "two/2", "two/3"]),
        ("exact", ["one/0", "one/1", "one/2", "two/0", "two/1", "two/3"]),
        ("near", ["one/0", "one/1", "one/2", "two/3"]),
    ],
)
def test_later_ones_go(tmp_path: Path, kind: str, ids: list[str]) -> None:
    ledger, output = ingest_into(tmp_path, ROWS, cleaning=CleaningConfig(duplicates=kind, empty=False))
    kept = [each["pair_id"][0] for each in stored(output, "train")]
    assert [f"{name}/{int(number)}" for name, number in (each.split("/") for each in kept)] == ids
    assert ledger.dropped().get("duplicates", 0) == 7 - len(ids)


def test_eval_pairs_are_flagged_and_none_is_a_duplicate_of_another_split(tmp_path: Path) -> None:
    corpora: Corpora = {
        "demo": ("train", [("a", "b")]),
        "val": ("eval", [("eins", "one"), ("eins", "one")]),
        "exam": ("test", [("eins", "one")]),
    }
    ledger, _ = ingest_into(tmp_path, corpora)
    assert [each.rules.get("duplicates") for each in ledger.corpora][::2] == [None, None]
    assert (ledger.corpora[1].rules["duplicates"].dropped, ledger.corpora[1].rules["duplicates"].flagged) == (0, 1)


@pytest.mark.parametrize("at_once", [3, 50, 100_000])
def test_repeats_are_those_of_a_dictionary_when_files_are_small_or_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(duplicates, "KEYS_AT_ONCE", at_once)
    draw = np.random.default_rng(4)
    keys = np.array([pair_digest([str(number)]) for number in draw.integers(60, size=200)], dtype=KEY_TYPE)
    keys[5] = keys[6] = np.bytes_(15 * b"x")  # a digest may end in zero bytes
    first: dict[bytes, int] = {}
    wanted = [place for place, key in enumerate(keys.tolist()) if first.setdefault(key, place) != place]
    with Repeats(tmp_path, expected=200) as repeats:
        for start in range(0, 200, 70):
            repeats.add(keys[start : start + 70], np.arange(start, min(start + 70, 200)))
        assert len(list(tmp_path.iterdir())) == -(-200 // at_once)
        found = sorted(position for positions in repeats.positions() for position in positions.tolist())
    assert found == wanted
    assert list(tmp_path.iterdir()) == []


def test_near_key_has_words_alone_when_there_are_any() -> None:
    assert near_key("The  Year_2,024 (ok)") == near_key("the year0 OK") == "the year0 ok"
    assert near_key("...") == "..."
    assert near_key("\uff11 dog") == near_key("2 DOG")


def test_pair_digests_differ_when_texts_move_or_the_group_is_another() -> None:
    digests = [pair_digest(each) for each in (["ab", ""], ["a", "b"], ["", "ab"], ["a", "b", ""])]
    assert len({*digests, pair_digest(["a", "b"], "train")}) == 5
