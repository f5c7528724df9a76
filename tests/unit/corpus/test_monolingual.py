"""Monolingual corpora through ingestion: what is stored, what is dropped, what the ledger says."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from corpus_runs import HELD_OUT, Corpora, corpus_settings, stored

from seq2seq_tfx.components.corpus.fingerprints import fingerprint_files
from seq2seq_tfx.components.corpus.ledger import DEAD_LETTERS_FILE, Ledger
from seq2seq_tfx.components.corpus.stage import ingest
from seq2seq_tfx.pipeline.ledgers import RunLedger, changes, ledger_text
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.splits import DecontaminationConfig, SplitsConfig
from seq2seq_tfx.schemas.errors import CorpusError

PAIRS: Corpora = {"demo": ("train", [("ein Hund", "a dog"), ("eine Katze", "a cat")]), **HELD_OUT}
Sentences = Mapping[str, tuple[str, Sequence[str]]]
"""Name to side and sentences."""


def splits(**decontamination: Any) -> SplitsConfig:
    return SplitsConfig(decontamination=DecontaminationConfig(**{"max_share": 0.9, **decontamination}))


def ingested(directory: Path, sentences: Sentences, parallel: Corpora = PAIRS, **sections: Any) -> Ledger:
    settings = corpus_settings(directory, parallel, **{"splits": splits(), **sections})
    for name, (_, lines) in sentences.items():
        (directory / name).write_bytes("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
    corpora = tuple(
        Corpus.model_validate({"name": name, "kind": "monolingual", "side": side, "split": "train", "path": name})
        for name, (side, _) in sentences.items()
    )
    files = fingerprint_files((*settings.corpora, *corpora), directory, directory / "memory.json")
    whole = settings.model_copy(update={"corpora": (*settings.corpora, *corpora), "files": files})
    shutil.rmtree(directory / "work", ignore_errors=True)
    return ingest(whole, str(directory / "examples"), directory / "work", monolingual_uri=str(directory / "sentences"))


def texts(directory: Path, side: str) -> list[tuple[str, str]]:
    """Id and text of each sentence that was kept."""
    return [(each["pair_id"][0], each["text"][0]) for each in stored(directory / "sentences", side)]


def dropped(ledger: Ledger, corpus: str) -> dict[str, int]:
    (count,) = (each for each in ledger.corpora if each.corpus == corpus)
    return {rule: each.dropped for rule, each in count.rules.items()}


def test_sentences_are_normalised_cleaned_and_counted_apart_from_pairs(tmp_path: Path) -> None:
    lines = ["Cafe\u0301 is open", "", "  ONE ", "two", "one day", "Cafe\u0301 is open", "eins", "b" * 41, "a dog"]
    ledger = ingested(tmp_path, {"news": ("target", lines)}, cleaning=CleaningConfig(max_characters=40))
    assert texts(tmp_path, "target") == [
        ("news/0000000000", "Caf\u00e9 is open"),
        ("news/0000000004", "one day"),
        ("news/0000000006", "eins"),  # a held-out source, but these are sentences of the target
        ("news/0000000008", "a dog"),  # in a training pair too
    ]
    news = ledger.corpora[-1]
    assert (news.read, news.kept) == (9, {"monolingual": 4})
    assert dropped(ledger, "news") == {"decontamination": 2, "duplicates": 1, "empty": 1, "max_characters": 1}
    assert {each.split for rule in news.rules.values() for each in rule.samples} == {"monolingual"}
    assert news.rules["decontamination"].samples[0].texts == ("  ONE ",)
    assert [(file.side, file.path) for file in news.files] == [("target", str(tmp_path / "news"))]
    assert list((tmp_path / "sentences/Split-source").iterdir()) == []
    assert [each["source"] for each in stored(tmp_path / "examples", "train")] == [["ein Hund"], ["eine Katze"]]
    assert ledger.corpora[0].kept == {"train": 2, "eval": 0, "test": 0}


def test_sources_are_compared_with_held_out_sources(tmp_path: Path) -> None:
    ingested(tmp_path, {"blog": ("source", ["Eins", "two", "drei"])})
    assert [text for _, text in texts(tmp_path, "source")] == ["two", "drei"]


def test_the_first_of_equal_sentences_of_a_side_is_kept(tmp_path: Path) -> None:
    given = {"zoo": ("target", ["same", "more"]), "ark": ("target", ["same", "own"]), "src": ("source", ["same"])}
    ledger = ingested(tmp_path, given)
    assert [identity for identity, _ in texts(tmp_path, "target")] == [
        "ark/0000000001",
        *(f"zoo/{n:010d}" for n in (0, 1)),
    ]
    assert texts(tmp_path, "source") == [("src/0000000000", "same")]
    assert dropped(ledger, "ark") == {"duplicates": 1}
    near = ingested(tmp_path, {"zoo": ("target", ["room 1.", "room 2!"])}, cleaning=CleaningConfig(duplicates="near"))
    assert dropped(near, "zoo") == {"duplicates": 1}


def test_sentences_near_to_held_out_ones_of_their_side_are_dropped(tmp_path: Path) -> None:
    exam = ("vier rote Wagen fahren durch die Stadt", "four red cars drive through the town")
    parallel: Corpora = {**PAIRS, "exam": ("test", [exam])}
    lines = [f"today {exam[1]} again", f"heute {exam[0]} wieder", "four red cars"]
    ledger = ingested(tmp_path, {"news": ("target", lines)}, parallel, splits=splits(near=True, near_words=3))
    assert [text for _, text in texts(tmp_path, "target")] == lines[1:]
    assert dropped(ledger, "news") == {"decontamination_near": 1}


def test_a_divided_corpus_holds_sentences_out_too(tmp_path: Path) -> None:
    rows = [(f"satz {n}", f"sentence {n}") for n in range(200)]
    shares = splits().model_copy(update={"eval_share": 0.1, "test_share": 0.1})
    ledger = ingested(tmp_path, {"news": ("target", [row[1] for row in rows])}, {"demo": ("auto", rows)}, splits=shares)
    held_out = ledger.kept("eval") + ledger.kept("test")
    assert held_out > 20
    assert dropped(ledger, "news") == {"decontamination": held_out}


def test_the_run_stops_when_a_held_out_set_is_given_as_a_monolingual_corpus(tmp_path: Path) -> None:
    parallel: Corpora = {**PAIRS, "demo": ("train", [(f"satz {n}", f"sentence {n}") for n in range(100)])}
    with pytest.raises(
        CorpusError, match=r"10% of the monolingual sentences .* but 2 of 3 \(67%\).* a monolingual file"
    ):
        ingested(tmp_path, {"news": ("target", ["one", "two", "x"])}, parallel, splits=SplitsConfig())


def test_the_run_stops_when_no_sentence_is_left(tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match="the monolingual corpora must have at least one sentence, but .*cleaning rules"
    ):
        ingested(tmp_path, {"news": ("target", ["", "<b>"])})


def test_unreadable_sentences_are_dead_letters_when_rejected(tmp_path: Path) -> None:
    cleaning = CleaningConfig(unreadable="reject", max_unreadable_share=0.5)
    ledger = ingested(tmp_path, {"news": ("target", ["fine", "not \udcff"])}, cleaning=cleaning)
    assert dropped(ledger, "news") == {"unreadable": 1}
    (letter,) = map(json.loads, (tmp_path / "work" / DEAD_LETTERS_FILE).read_text().splitlines())
    assert letter["pair_id"] == "news/0000000001" and "news, line 2: byte 0xff" in letter["problem"]
    with pytest.raises(CorpusError, match="every row of corpus 'news' must be readable"):
        ingested(tmp_path, {"news": ("target", ["fine", "not \udcff"])})


def test_the_ledger_has_a_column_for_them_where_there_are_some(tmp_path: Path) -> None:
    with_news = ingested(tmp_path, {"news": ("target", ["fine", "", "good"])})
    shown = ledger_text(RunLedger("1", tmp_path, with_news)).splitlines()
    assert shown[2].split() == ["corpus", "read", "train", "eval", "test", "monolingual", "dropped"]
    rows = {line.split()[0]: line.split()[1:] for line in shown[4:9]}
    assert (rows["news"], rows["all"]) == (["3", "0", "0", "0", "2", "1"], ["7", "2", "1", "1", "2", "1"])
    without = ingested(tmp_path, {})
    assert "monolingual" not in ledger_text(RunLedger("2", tmp_path, without))
    assert [tuple(change) for change in changes(without, with_news)] == [
        ("news", "read", 0, 3), ("news", "kept in monolingual", 0, 2), ("news", "dropped by empty", 0, 1),
    ]  # fmt: skip
