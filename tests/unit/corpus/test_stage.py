"""Ingestion as a whole: what is stored, what is dropped, what the ledger says."""

import json
import random
import stat
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from corpus_runs import HELD_OUT, Corpora, Lines, corpus_settings, ingest_into, stored

from seq2seq_tfx.components.corpus import chunks
from seq2seq_tfx.components.corpus.fingerprints import fingerprint_files
from seq2seq_tfx.components.corpus.ledger import CorpusTally
from seq2seq_tfx.components.corpus.readers.rows import Row
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.corpus.stage import ingest
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.splits import SplitsConfig
from seq2seq_tfx.schemas.errors import CorpusError, WorkError
from seq2seq_tfx.schemas.records import text_key


def test_train_is_normalised_and_cleaned_and_the_ledger_says_what_was_dropped(tmp_path: Path) -> None:
    rows: Lines = [
        ("Café\u0301 ", "cafe"),
        ("", "nothing"),
        ("ein Hund", "a dog"),
        ("x" * 41, "long"),
        ("ein Hund", "a dog"),
        ("ein Hund", "one dog"),
    ]
    ledger, output = ingest_into(
        tmp_path, {"demo": ("train", rows), **HELD_OUT}, cleaning=CleaningConfig(max_characters=40)
    )
    examples = stored(output, "train")
    assert [(each["pair_id"], each["source"], each["target"]) for each in examples] == [
        (["demo/0000000000"], ["Caf\u00e9\u0301 "], ["cafe"]),
        (["demo/0000000002"], ["ein Hund"], ["a dog"]),
        (["demo/0000000005"], ["ein Hund"], ["one dog"]),
    ]
    assert examples[0]["corpus"] == ["demo"] and examples[0]["domain"] == ["demo texts"]
    count = ledger.corpora[0]
    assert (count.read, count.kept) == (6, {"train": 3, "eval": 0, "test": 0})
    assert {rule: each.dropped for rule, each in count.rules.items()} == {
        "duplicates": 1,
        "empty": 1,
        "max_characters": 1,
    }
    assert count.rules["duplicates"].samples[0].pair_id == "demo/0000000004"
    assert [file.sha256 for file in count.files] != []


def test_eval_and_test_are_stored_as_given_when_rules_apply_to_them(tmp_path: Path) -> None:
    rows: Lines = [
        ("cafe\u0301", " b\ufeff", "cc"),
        ("cafe\u0301", " b\ufeff", "cc"),
        ("", "", ""),
        ("y" * 2001, "z", "z"),
    ]
    corpora: Corpora = {"demo": ("train", [("a", "b")]), "val": ("eval", rows), "exam": ("test", rows)}
    ledger, output = ingest_into(tmp_path, corpora)
    for split, count in zip(("eval", "test"), ledger.corpora[1:], strict=True):
        examples = stored(output, split)
        assert [(*each["source"], *each["target"]) for each in examples] == rows
        assert {rule: (each.dropped, each.flagged) for rule, each in count.rules.items()} == {
            "duplicates": (0, 1),
            "empty": (0, 1),
            "max_characters": (0, 1),
        }


def test_first_by_order_of_configuration_is_kept_when_corpora_share_a_pair(tmp_path: Path) -> None:
    corpora: Corpora = {
        "zebra": ("train", [("a", "b"), ("c", "d")]),
        "ant": ("train", [("a", "b"), ("e", "f")]),
        **HELD_OUT,
    }
    ledger, output = ingest_into(tmp_path, corpora)
    ids = [each["pair_id"][0] for each in stored(output, "train")]
    assert ids == ["ant/0000000001", "zebra/0000000000", "zebra/0000000001"]
    assert [each.corpus for each in ledger.corpora][:2] == ["zebra", "ant"]


def test_order_is_that_of_pair_ids_when_a_name_is_the_start_of_another(tmp_path: Path) -> None:
    corpora: Corpora = {name: ("train", [(name, "x")]) for name in ("a", "a-b", "a.b", "a_b")}
    _, output = ingest_into(tmp_path, {**corpora, **HELD_OUT})
    ids = [each["pair_id"][0] for each in stored(output, "train")]
    assert ids == sorted(ids) and len(ids) == 4


def test_auto_puts_a_source_in_one_split_and_stores_eval_and_test_as_given(tmp_path: Path) -> None:
    rows: Lines = [(f"cafe\u0301 {number // 2}", f"  answer {number}") for number in range(400)]
    splits = SplitsConfig(eval_share=0.2, test_share=0.2)
    ledger, output = ingest_into(tmp_path, {"demo": ("auto", rows)}, splits=splits)
    kept = {split: stored(output, split) for split in ("train", "eval", "test")}
    keys = [{text_key(each["source"][0]) for each in examples} for examples in kept.values()]
    assert not keys[0] & keys[1] and not keys[0] & keys[2] and not keys[1] & keys[2]
    assert sum(len(examples) for examples in kept.values()) == ledger.corpora[0].read == 400
    assert all("e\u0301" in each["source"][0] for each in kept["test"])
    assert all("\u00e9" in each["source"][0] for each in kept["train"])


def test_bytes_are_equal_when_ingested_twice(tmp_path: Path) -> None:
    corpora: Corpora = {
        "demo": ("train", [(f"satz {number}", f"sentence {number}") for number in range(50)]),
        **HELD_OUT,
    }
    contents = []
    for _ in range(2):
        ledger, output = ingest_into(tmp_path, corpora)
        contents.append((ledger.to_json(), [path.read_bytes() for path in sorted(output.rglob("*.gz"))]))
    assert contents[0] == contents[1]


def test_unreadable_row_stops_the_run_unless_rejected(tmp_path: Path) -> None:
    settings = corpus_settings(tmp_path, {"demo": ("train", [("a", "b"), ("c", "d")]), **HELD_OUT})
    (tmp_path / "demo.1").write_bytes(b"b\n\xff\n")
    files = fingerprint_files(settings.corpora, tmp_path, tmp_path / "memory.json")
    failing = settings.model_copy(update={"files": files})
    with pytest.raises(CorpusError, match=r"demo.1, line 2: byte 0xff .*cleaning.unreadable: reject"):
        ingest(failing, str(tmp_path / "examples"), work=tmp_path / "work")
    rejecting = failing.model_copy(update={"cleaning": CleaningConfig(unreadable="reject", max_unreadable_share=1.0)})
    ledger = ingest(rejecting, str(tmp_path / "examples"), work=tmp_path / "work")
    assert ledger.dropped() == {"unreadable": 1}
    assert ledger.corpora[0].rules["unreadable"].samples[0].texts[1] == "c\t\\xff"


def test_unreadable_row_stops_the_run_when_it_stands_in_a_test_set(tmp_path: Path) -> None:
    settings = corpus_settings(tmp_path, {"demo": ("train", [("a", "b")]), **HELD_OUT})
    (tmp_path / "exam.1").write_bytes(b"tw\xf6\n")
    files = fingerprint_files(settings.corpora, tmp_path, tmp_path / "memory.json")
    rejecting = settings.model_copy(
        update={"files": files, "cleaning": CleaningConfig(unreadable="reject", max_unreadable_share=1.0)}
    )
    with pytest.raises(CorpusError, match=r"test corpus 'exam' .*exam.1, line 1: byte 0xf6"):
        ingest(rejecting, str(tmp_path / "examples"), work=tmp_path / "work")


@pytest.mark.parametrize(
    ("corpora", "message"),
    [
        ({"demo": ("train", [("a", "b")]), "val": HELD_OUT["val"]}, "no corpus is for test.*split: test"),
        ({"demo": ("auto", [("a", "b")])}, "eval split must have at least one pair.*splits.eval_share"),
        ({"demo": ("train", [("", "")]), **HELD_OUT}, "train split must have .* of 3 rows .*empty 1.*cleaning rules"),
    ],
)
def test_split_is_named_when_it_would_be_empty(tmp_path: Path, corpora: Any, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        ingest_into(tmp_path, corpora)


def test_samples_are_the_first_ones_cut_short_when_many_rows_are_dropped(tmp_path: Path) -> None:
    rows: Lines = [("", "t" * 500) for _ in range(9)] + [("a", "b")]
    ledger, _ = ingest_into(tmp_path, {"demo": ("train", rows), **HELD_OUT})
    samples = ledger.corpora[0].rules["empty"].samples
    assert [sample.pair_id for sample in samples] == [f"demo/{number:010d}" for number in range(5)]
    assert {len(sample.texts[1]) for sample in samples} == {200}


def test_sums_are_checked_when_a_row_is_unaccounted_for() -> None:
    tally = CorpusTally("demo", (), samples=5)
    tally.read = 2
    tally.keep("train")
    with pytest.raises(WorkError, match="2 were read and 1 accounted for"):
        tally.result()


def test_error_says_where_when_the_examples_cannot_be_written(tmp_path: Path) -> None:
    settings = corpus_settings(tmp_path, {"demo": ("train", [("a", "b")]), **HELD_OUT})
    (tmp_path / "examples").write_text("a file where a folder must be")
    with pytest.raises(WorkError, match="must be able to write"):
        ingest(settings, str(tmp_path / "examples"), work=tmp_path / "work")


def test_every_fuzzed_row_is_kept_or_dropped_with_a_reason(tmp_path: Path) -> None:
    draw = random.Random(11)
    pieces = "a é \t \r \x00 \u2028 \ufeff".split(" ")
    alphabet = [*(piece.encode() for piece in pieces), b" ", b"\xff", b"\xed\xa0\x80"]
    rows = [b"".join(draw.choices(alphabet, (9, 9, 5, 1, 1, 1, 1, 3, 1, 1), k=draw.randrange(12))) for _ in range(5000)]
    (tmp_path / "fuzz.tsv").write_bytes(b"\n".join([*rows, b"last\trow\n"]))
    corpus = Corpus(name="fuzz", split="auto", path="fuzz.tsv")
    settings = CorpusSettings(
        languages=Languages(source="de", target="en"),
        corpora=(corpus,),
        cleaning=CleaningConfig(unreadable="reject", max_unreadable_share=1.0),
        splits=SplitsConfig(eval_share=0.1, test_share=0.1),
        files=fingerprint_files([corpus], tmp_path, tmp_path / "memory.json"),
    )
    ledger = ingest(settings, str(tmp_path / "examples"), work=tmp_path / "work")
    readable = [row for row in rows if b"\xff" not in row and b"\xed" not in row and b"\t" in row]
    assert ledger.corpora[0].read == 5001
    assert ledger.dropped()["unreadable"] == 5000 - len(readable)
    count = sum(len(stored(tmp_path / "examples", split)) for split in ("train", "eval", "test"))
    assert count == 5001 - sum(ledger.dropped().values())


def _with_bad_rows(tmp_path: Path, bad: int, **cleaning: Any) -> Any:
    """A corpus of 100 rows, some of them not UTF-8."""
    settings = corpus_settings(tmp_path, {"demo": ("train", [("a", f"b{n}") for n in range(100)]), **HELD_OUT})
    lines = [b"\xff secret" if n < bad else f"b{n}".encode() for n in range(100)]
    (tmp_path / "demo.1").write_bytes(b"".join(line + b"\n" for line in lines))
    files = fingerprint_files(settings.corpora, tmp_path, tmp_path / "memory.json")
    config = CleaningConfig(unreadable="reject", **cleaning)
    return settings.model_copy(update={"files": files, "cleaning": config})


def test_run_fails_when_too_many_rows_are_unreadable(tmp_path: Path) -> None:
    settings = _with_bad_rows(tmp_path, 6, max_unreadable_share=0.05)
    with pytest.raises(CorpusError, match=r"at most 5.00% .* corpus 'demo' .*max_unreadable_share\), but 6 of 100 are"):
        ingest(settings, str(tmp_path / "examples"), work=tmp_path / "work")


def test_dead_letters_are_the_users_alone_and_say_where(tmp_path: Path) -> None:
    settings = _with_bad_rows(tmp_path, 5, max_unreadable_share=0.05)
    ledger = ingest(settings, str(tmp_path / "examples"), work=tmp_path / "work")
    path = tmp_path / "work" / "dead_letters.jsonl"
    letters = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each["pair_id"] for each in letters] == [f"demo/{number:010d}" for number in range(5)]
    assert "demo.1, line 1: byte 0xff" in letters[0]["problem"]
    assert letters[0]["content"] == "a\t\\xff secret"
    assert ledger.dropped() == {"unreadable": 5}


def test_no_text_is_kept_when_samples_are_0(tmp_path: Path) -> None:
    settings = _with_bad_rows(tmp_path, 5, max_unreadable_share=0.05, samples=0, max_characters=2)
    ledger = ingest(settings, str(tmp_path / "examples"), work=tmp_path / "work")
    assert ledger.dropped() == {"max_characters": 90, "unreadable": 5}
    assert all(count.samples == () for corpus in ledger.corpora for count in corpus.rules.values())
    assert "secret" not in (tmp_path / "work" / "dead_letters.jsonl").read_text(encoding="utf-8")


def test_tag_is_put_before_the_source_after_everything_else(tmp_path: Path) -> None:
    corpora: Corpora = {"plain": ("train", [("ein Hund", "a dog")]), "back": ("train", [("ein Hund", "a dog")] * 2)}
    corpora |= {"more": ("train", [("Katze", "cat")]), **HELD_OUT}
    ledger, output = ingest_into(tmp_path, corpora, tags={"back": "<BT>", "more": "<BT>", "exam": "<es>"})
    assert ledger.dropped() == {"duplicates": 2}
    assert [each["source"] for each in stored(output, "train")] == [["<BT> Katze"], ["ein Hund"]]
    assert stored(output, "test")[0]["source"] == ["<es> zwei"]


def test_measures_stand_in_every_example(tmp_path: Path) -> None:
    corpora: Corpora = {"demo": ("train", [("ab 1", "\u0434")]), **HELD_OUT}
    _, output = ingest_into(tmp_path, corpora, tags={"demo": "<BT>"}, cleaning=CleaningConfig(preset="none"))
    (record,) = tf.data.TFRecordDataset(
        [str(path) for path in (output / "Split-train").iterdir()], compression_type="GZIP"
    ).as_numpy_iterator()
    features = tf.train.Example.FromString(record).features.feature
    assert {name: features[name].int64_list.value[0] for name in ("source_length", "target_length")} == {
        "source_length": 4,
        "target_length": 1,
    }
    shares = ("length_ratio", "digit_share", "source_latin_share", "target_latin_share")
    assert [features[name].float_list.value[0] for name in shares] == pytest.approx([2.5, 0.2, 1.0, 0.0])


def test_chunks_are_cut_by_rows_and_characters_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 3)
    monkeypatch.setattr(chunks, "CHUNK_CHARACTERS", 10)
    rows = [Row(number, "x" * length, ("y",)) for number, length in enumerate([1, 1, 1, 9, 1, 1, 20, 1])]
    assert [each.numbers for each in chunks.cut(rows)] == [[0, 1, 2], [3], [4, 5, 6], [7]]
