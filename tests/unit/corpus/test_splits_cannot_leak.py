"""What stands in eval or test goes from train; what the user gave as eval or test stays as it is."""

from pathlib import Path

import numpy as np
import pytest
from corpus_runs import HELD_OUT, Corpora, ingest_into, stored

from seq2seq_tfx.components.corpus.near import ngrams
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.splits import SplitsConfig
from seq2seq_tfx.schemas.errors import CorpusError
from seq2seq_tfx.schemas.records import text_key

NO_RULES = CleaningConfig(preset="none", duplicates="exact")
"""Texts here are short and odd: the rules would drop some first."""
FILLING = [(f"satz {number}", f"sentence {number}") for number in range(100)]


def _splits(**decontamination: object) -> SplitsConfig:
    return SplitsConfig.model_validate({"decontamination": decontamination})


def test_training_pairs_go_when_a_side_stands_in_a_given_set(tmp_path: Path) -> None:
    held_out = [("Ein Hund.", "A dog.", "One dog."), ("Zwei", "Two", "2")]
    rows = [*FILLING, ("ein  HUND.", "x"), ("y", "one DOG."), ("Two", "Ein Hund."), ("z", "a dog")]
    corpora: Corpora = {"demo": ("train", rows), "val": ("eval", held_out), "exam": HELD_OUT["exam"]}
    ledger, output = ingest_into(tmp_path, corpora, cleaning=NO_RULES)
    assert ledger.dropped() == {"decontamination": 2}
    samples = ledger.corpora[0].rules["decontamination"].samples
    assert [each.pair_id for each in samples] == ["demo/0000000100", "demo/0000000101"]
    assert samples[0].texts == ("ein  HUND.", "x")
    assert [(*each["source"], *each["target"]) for each in stored(output, "eval")] == held_out
    assert [each["source"] for each in stored(output, "train")][-2:] == [["Two"], ["z"]]


def test_training_pairs_stay_when_decontamination_is_off(tmp_path: Path) -> None:
    ledger, _ = ingest_into(
        tmp_path, {"demo": ("train", [("eins", "x")]), **HELD_OUT}, cleaning=NO_RULES, splits=_splits(enabled=False)
    )
    assert ledger.kept("train") == 1


def test_run_fails_when_a_training_file_is_given_as_a_test_set(tmp_path: Path) -> None:
    corpora: Corpora = {"demo": ("train", FILLING), "val": HELD_OUT["val"], "exam": ("test", FILLING[:20])}
    with pytest.raises(CorpusError, match=r"at most 10% .*max_share\), but 20 of 100 \(20%\) do; look whether"):
        ingest_into(tmp_path, corpora, cleaning=NO_RULES)
    assert not (tmp_path / "work").exists()
    ledger, _ = ingest_into(tmp_path, corpora, cleaning=NO_RULES, splits=_splits(max_share=0.2))
    assert ledger.kept("train") == 80


def test_no_target_stands_in_two_splits_when_a_corpus_is_divided(tmp_path: Path) -> None:
    rows = [(f"frage {number}", f"Answer {number % 40}") for number in range(600)]
    ledger, output = ingest_into(
        tmp_path, {"demo": ("auto", rows)}, splits=SplitsConfig(eval_share=0.05, test_share=0.05)
    )
    targets = [{text_key(each["target"][0]) for each in stored(output, split)} for split in ("train", "eval", "test")]
    assert all(targets)
    assert not targets[0] & targets[1] and not targets[0] & targets[2] and not targets[1] & targets[2]
    count = ledger.corpora[0]
    assert count.rules["split_leak"].dropped == 600 - sum(count.kept.values()) > 100
    assert {sample.split for sample in count.rules["split_leak"].samples} <= {"train", "eval"}


def test_the_most_protected_split_keeps_its_pairs(tmp_path: Path) -> None:
    rows = [(f"frage {number}", "always the same") for number in range(300)]
    corpora: Corpora = {"demo": ("auto", rows), "more": ("train", FILLING), "val": HELD_OUT["val"]}
    ledger, output = ingest_into(
        tmp_path, corpora, cleaning=NO_RULES, splits=SplitsConfig(eval_share=0.1, test_share=0.1)
    )
    assert ledger.corpora[0].kept == {"train": 0, "eval": 0, "test": len(stored(output, "test"))}
    assert ledger.corpora[0].kept["test"] > 10


def test_a_training_corpus_loses_what_a_divided_one_put_into_test(tmp_path: Path) -> None:
    rows = [(f"frage {number}", f"answer {number}") for number in range(300)]
    corpora: Corpora = {"demo": ("auto", rows), "copy": ("train", [*FILLING, *rows])}
    ledger, output = ingest_into(
        tmp_path,
        corpora,
        splits=SplitsConfig.model_validate(
            {"eval_share": 0.1, "test_share": 0.1, "decontamination": {"max_share": 0.5}}
        ),
    )
    held_out = len(stored(output, "eval")) + len(stored(output, "test"))
    assert ledger.corpora[1].rules["decontamination"].dropped == held_out
    assert ledger.corpora[1].kept["train"] == 100


def test_near_copies_go_when_they_have_the_share_of_ngrams_of_one_sentence(tmp_path: Path) -> None:
    exam = [("eins zwei drei vier fünf sechs", "one two three four five six"), ("kurz", "short")]
    near = ("und eins zwei drei vier fünf", "x")  # two of the four 3-grams of the first: 3 of 4
    far = ("eins zwei drei und drei vier fünf", "y")  # 2 of 4
    rows = [*FILLING, near, far, ("kurz und gut", "short and sweet"), ("a", "So: one, TWO three four five.")]
    corpora: Corpora = {"demo": ("train", rows), "val": HELD_OUT["val"], "exam": ("test", exam)}
    ledger, output = ingest_into(
        tmp_path, corpora, cleaning=NO_RULES, splits=_splits(near=True, near_words=3, near_share=0.75)
    )
    assert ledger.dropped() == {"decontamination_near": 2}
    samples = ledger.corpora[0].rules["decontamination_near"].samples
    assert [each.pair_id for each in samples] == ["demo/0000000100", "demo/0000000103"]
    assert len(stored(output, "test")) == 2


def test_ngrams_do_not_cross_sentences_and_split_scripts_without_spaces() -> None:
    assert ngrams(["a b", "c", "", "a b c"], 2).sentences.tolist() == [0, 3, 3]
    hashes = ngrams(["a b", "x A  b"], 2).hashes
    assert hashes[0] == hashes[2] and hashes[0] != hashes[1]
    assert ngrams(["\u6211\u4eec\u597d"], 2).sentences.tolist() == [0, 0]
    assert len(np.unique(ngrams(["a b", "b a", "a a"], 2).hashes)) == 3
    assert ngrams([], 5).hashes.tolist() == []
