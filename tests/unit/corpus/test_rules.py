"""Normalisation, duplicates, splits: each by itself. The cleaning rules are in `rules/`."""

import pytest

from seq2seq_tfx.components.corpus.normalising import normalise_line
from seq2seq_tfx.components.corpus.splits import split_of
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.splits import SplitsConfig
from seq2seq_tfx.schemas.records import text_digest

AUTO = Corpus(name="demo", split="auto", path="-")


def test_line_is_nfc_when_normalised() -> None:
    assert normalise_line("cafe\u0301") == "caf\u00e9"
    assert normalise_line("ﬁ") == "ﬁ"


def test_source_stands_in_one_split_when_case_and_spacing_differ() -> None:
    config = SplitsConfig(eval_share=0.3, test_share=0.3)
    for number in range(200):
        variants = {f"Sentence  number {number}", f" sentence NUMBER {number}"}
        assert len({split_of(AUTO, text_digest(text), config) for text in variants}) == 1


def test_shares_are_met_when_there_are_many_sources() -> None:
    config = SplitsConfig(eval_share=0.2, test_share=0.1)
    splits = [split_of(AUTO, text_digest(f"sentence {number}"), config) for number in range(20_000)]
    assert splits.count("eval") / 20_000 == pytest.approx(0.2, abs=0.01)
    assert splits.count("test") / 20_000 == pytest.approx(0.1, abs=0.01)


def test_test_split_stays_when_the_eval_share_changes() -> None:
    texts = [f"sentence {number}" for number in range(2000)]
    few, many = SplitsConfig(eval_share=0.01, test_share=0.1), SplitsConfig(eval_share=0.5, test_share=0.1)
    assert [split_of(AUTO, text_digest(text), few) == "test" for text in texts] == [
        split_of(AUTO, text_digest(text), many) == "test" for text in texts
    ]


def test_corpus_split_holds_when_it_is_named() -> None:
    assert split_of(Corpus(name="demo", split="eval", path="-"), bytes(16), SplitsConfig()) == "eval"
