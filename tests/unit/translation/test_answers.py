"""What stands beside a translation: further ones, alignments and flags, in every format, kept between jobs."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from translation_jobs import SUFFIXES, Instant, Talkative, job, model, request, write
from typing_extensions import override

from seq2seq_tfx.components.text_checks.checking import TextCheckSettings
from seq2seq_tfx.components.translation.engine import Engine, Translation
from seq2seq_tfx.components.translation.formats.choosing import make_format
from seq2seq_tfx.components.translation.formats.record import Columns
from seq2seq_tfx.components.translation.job.flagging import _REASONS
from seq2seq_tfx.components.translation.job.remembering import packed, unpacked
from seq2seq_tfx.components.translation.manner import Alignment, Alternative, different, links_of
from seq2seq_tfx.schemas.config.text_checks import TEXT_CHECKS, TextCheckThresholds
from seq2seq_tfx.schemas.errors import InputError

ALL: dict[str, Any] = {"score": "score", "n_best": 3, "alignments": True, "flags": "flags"}
CHECKS = TextCheckSettings(source="en", target="de", checks=("empty", "lost_number", "truncated"))
TEXTS = ["the dog", "hello", "room 12 cut", "the dog"]
NESTED = [
    {
        "translation": "dog the",
        "score": -2.0,
        "n_best": ["dog the", "second the dog"],
        "n_best_scores": [-2.0, -4.0],
        "alignment": "0-1 1-0",
        "source_pieces": ["the", "dog"],
        "translation_pieces": ["dog", "the"],
        "flags": [],
    },
    {
        "translation": "hello",
        "score": -1.0,
        "n_best": ["hello"],
        "n_best_scores": [-1.0],
        "alignment": "0-0",
        "source_pieces": ["hello"],
        "translation_pieces": ["hello"],
        "flags": [],
    },
    {
        "translation": "cut 12 room",
        "score": -3.0,
        "n_best": ["cut 12 room", "second room 12 cut"],
        "n_best_scores": [-3.0, -5.0],
        "alignment": "0-2 1-1 2-0",
        "source_pieces": ["room", "12", "cut"],
        "translation_pieces": ["cut", "12", "room"],
        "flags": ["truncated"],
    },
]


class Saying(Engine):
    """Says the same of every sentence."""

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    @override
    def block(self) -> int:
        return 1

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        return (Translation(self._text, -1.0) for _ in sentences)


def answered(folder: Path, kind: str, column: int | str, texts: list[str] = TEXTS) -> Path:
    """The output of a job that is asked for everything, by the engine that says everything."""
    given, output = write(folder / f"in{SUFFIXES[kind]}", kind, texts), folder / f"out{SUFFIXES[kind]}"
    job(request(given, output, kind, columns=Columns(column, **ALL), checks=CHECKS), model(Talkative()))
    return output


def test_lists_stand_in_the_keys_of_json_lines(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in answered(tmp_path, "jsonl", "source").read_text().splitlines()]
    expected = [NESTED[0], NESTED[1], NESTED[2], NESTED[0]]
    assert rows == [{"id": n, "source": TEXTS[n], **each} for n, each in enumerate(expected)]


def test_lists_stand_in_the_columns_of_parquet(tmp_path: Path) -> None:
    rows = pq.read_table(answered(tmp_path, "parquet", "source")).to_pylist()
    assert [{name: row[name] for name in NESTED[0]} for row in rows] == [NESTED[0], NESTED[1], NESTED[2], NESTED[0]]


def test_further_translations_are_columns_of_their_own_where_a_field_is_a_text(tmp_path: Path) -> None:
    lines = answered(tmp_path, "csv", "text").read_text().splitlines()
    assert lines[:4] == [
        "id,text,translation,score,translation_2,score_2,translation_3,score_3,alignment,source_pieces,"
        "translation_pieces,flags",
        "0,the dog,dog the,-2,second the dog,-4,,,0-1 1-0,the dog,dog the,",
        "1,hello,hello,-1,,,,,0-0,hello,hello,",
        "2,room 12 cut,cut 12 room,-3,second room 12 cut,-5,,,0-2 1-1 2-0,room 12 cut,cut 12 room,truncated",
    ]
    (tsv,) = answered(tmp_path, "tsv", 0, ["the dog"]).read_text().splitlines()
    assert tsv.split("\t") == ["the dog", "0", *lines[1].split(",")[2:]]


def test_a_dead_record_has_nothing_in_any_field(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"source": 5}\n')
    output = tmp_path / "out.jsonl"
    job(request(tmp_path / "in.jsonl", output, "jsonl", columns=Columns("source", **ALL), checks=CHECKS))
    assert json.loads(output.read_text()) == dict.fromkeys(NESTED[0])


def test_a_text_of_two_lines_has_both_lines_in_every_field(tmp_path: Path) -> None:
    row = json.loads(answered(tmp_path, "jsonl", "source", ["hello\nroom 12 cut"]).read_text())
    assert row["translation"] == "hello\ncut 12 room" and row["score"] == -3.0
    assert row["n_best"] == ["hello\ncut 12 room", "hello\nsecond room 12 cut"]
    assert row["n_best_scores"] == [-3.0, -5.0]
    assert row["alignment"] == "0-0 1-3 2-2 3-1"
    assert row["source_pieces"] == ["hello", "room", "12", "cut"]
    assert row["flags"] == ["truncated"]


def test_more_than_a_translation_is_refused_where_a_record_is_a_line() -> None:
    for columns, option in (
        (Columns(0, n_best=2), "--n-best"),
        (Columns(0, alignments=True), "--alignments"),
        (Columns(0, flags="flags"), "--flags column"),
    ):
        with pytest.raises(InputError, match=f"{option} must go with a format that has columns"):
            make_format("text", columns, "")
    with pytest.raises(InputError, match="'score' for two of those that are added"):
        make_format("tsv", Columns(0, "score", "score"), "")


def test_the_store_keeps_everything_that_an_engine_said(tmp_path: Path) -> None:
    given, store = write(tmp_path / "in.jsonl", "jsonl", TEXTS), tmp_path / "store.sqlite"
    columns = Columns("source", **ALL)
    engines: dict[str, Engine] = {"one": Talkative(), "two": Instant()}
    for name, engine in engines.items():
        wanted = request(given, tmp_path / f"{name}.jsonl", "jsonl", columns=columns, checks=CHECKS, store=store)
        counts = job(wanted, model(engine))["counts"]
    assert (counts["sentences_from_store"], counts["flags"]["truncated"]) == (3, 1)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_flags_are_counted_and_stand_beside_the_output_in_the_records_order(tmp_path: Path) -> None:
    texts = ["long " * 12, "it costs 350", "cut", "it costs 350"]
    given = write(tmp_path / "in.txt", "text", texts)
    counts = job(request(given, tmp_path / "out.txt", "text", checks=CHECKS), model(Instant()))["counts"]
    # `Instant` says a sentence backwards: 350 becomes 053.
    assert counts["flags"] == {"empty": 0, "lost_number": 2, "truncated": 0}
    assert counts["split"] == 1
    flags = [json.loads(line) for line in (tmp_path / "out.txt.flags.jsonl").read_text().splitlines()]
    assert [(flag["record"], flag["kind"], flag["line"]) for flag in flags] == [
        (0, "split", 1),
        (1, "lost_number", 2),
        (3, "lost_number", 4),
    ]
    assert flags[1]["reason"] == "a number of the source is missing"


def test_thresholds_come_from_the_configuration(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", ["the dog sleeps"])
    found = []
    for least in (2, 3):
        thresholds = TextCheckThresholds(word_repeats=least)
        checks = TextCheckSettings(source="en", target="de", checks=("loop",), thresholds=thresholds)
        wanted = request(given, tmp_path / f"out{least}.txt", "text", checks=checks)
        found.append(job(wanted, model(Saying("nein ja ja")))["counts"]["flags"])
    assert found == [{"loop": 1}, {"loop": 0}]


def test_other_checks_are_another_job(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    job(request(given, tmp_path / "out.txt", "text", checks=CHECKS))
    other = CHECKS.model_copy(update={"thresholds": TextCheckThresholds(word_repeats=9)})
    with pytest.raises(InputError, match=r"word repeats is 9 \(before: 4\)"):
        job(request(given, tmp_path / "out.txt", "text", checks=other))


def test_every_check_has_a_reason_in_words() -> None:
    # `truncated` is noted whether or not it is looked for.
    assert [*_REASONS, "truncated"] == list(TEXT_CHECKS)


def test_whatever_an_engine_says_is_the_same_after_the_database() -> None:
    alignment = Alignment(((0, 1), (1, 0)), ("\u2581the", "\u2581dog"), ("\u2581der", "\u2581Hund"))
    for said in (
        Translation("ja", -0.5),
        Translation("ja", -0.5, truncated=True),
        Translation("ja", -0.5, truncated=False),
        Translation("ja", -0.5, others=(Alternative("na", -1.5),), alignment=alignment, flags=("loop",)),
        Translation("", 0.0, alignment=Alignment()),
    ):
        assert unpacked(said.text, said.score, said.truncated, packed(said)) == said


def test_a_subword_that_looks_most_at_the_end_mark_has_no_link() -> None:
    assert links_of([[0.5, 0.2], [0.2, 0.2], [0.0, 0.9]]) == ((0, 0), (1, 2))
    assert links_of([[0.4, 0.4]]) == ((0, 0),)  # of equal ones the first
    assert links_of([[]]) == ()


def test_hypotheses_with_the_text_of_a_better_one_are_left_out() -> None:
    said = [Alternative("a", -1.0), Alternative("a", -2.0), Alternative("b", -3.0), Alternative("c", -4.0)]
    assert different(said, 2) == (Alternative("a", -1.0), Alternative("b", -3.0))
