"""Normalisation, duplicates, splits: each by itself. The cleaning rules are in `rules/`."""

from pathlib import Path

import pytest

from seq2seq_tfx.components.corpus.duplicates import SeenPairs
from seq2seq_tfx.components.corpus.normalising import normalise_line
from seq2seq_tfx.components.corpus.splits import split_of
from seq2seq_tfx.schemas.config.corpora import Corpus, SplitsConfig

AUTO = Corpus(name="demo", split="auto", path="-")


def test_line_is_nfc_when_normalised() -> None:
    assert normalise_line("cafe\u0301") == "caf\u00e9"
    assert normalise_line("ﬁ") == "ﬁ"


def test_pair_is_new_once_when_added_twice(tmp_path: Path) -> None:
    with SeenPairs(tmp_path / "seen") as seen:
        assert seen.add("train", ["a", "b"])
        assert not seen.add("train", ["a", "b"])
        assert seen.add("train", ["ab", ""])
        assert seen.add("train", ["a", "b", ""])
        assert seen.add("test", ["a", "b"])
    assert not (tmp_path / "seen").exists()


def test_source_stands_in_one_split_when_case_and_spacing_differ() -> None:
    config = SplitsConfig(eval_share=0.3, test_share=0.3)
    for number in range(200):
        variants = {f"Sentence  number {number}", f" sentence NUMBER {number}"}
        assert len({split_of(AUTO, text, config) for text in variants}) == 1


def test_shares_are_met_when_there_are_many_sources() -> None:
    config = SplitsConfig(eval_share=0.2, test_share=0.1)
    splits = [split_of(AUTO, f"sentence {number}", config) for number in range(20_000)]
    assert splits.count("eval") / 20_000 == pytest.approx(0.2, abs=0.01)
    assert splits.count("test") / 20_000 == pytest.approx(0.1, abs=0.01)


def test_test_split_stays_when_the_eval_share_changes() -> None:
    texts = [f"sentence {number}" for number in range(2000)]
    few, many = SplitsConfig(eval_share=0.01, test_share=0.1), SplitsConfig(eval_share=0.5, test_share=0.1)
    assert [split_of(AUTO, text, few) == "test" for text in texts] == [
        split_of(AUTO, text, many) == "test" for text in texts
    ]


def test_corpus_split_holds_when_it_is_named() -> None:
    assert split_of(Corpus(name="demo", split="eval", path="-"), "anything", SplitsConfig()) == "eval"
