"""Formats of batch translation: what passes unchanged, what is dead, and that the n-th stays the n-th."""

import bz2
import gzip
import json
import lzma
import random
from collections.abc import Callable
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from fuzzed_lines import fuzzed_lines
from translation_jobs import SUFFIXES, job, read, request, translated, write
from translation_torture import check_torture

from seq2seq_tfx.components.translation.formats.choosing import format_name, output_suffix
from seq2seq_tfx.components.translation.formats.record import Columns
from seq2seq_tfx.schemas.errors import InputError

TORTURE_RECORDS = 20_000


def test_record_n_out_is_record_n_in_when_lines_are_torture(tmp_path: Path) -> None:
    check_torture(tmp_path, TORTURE_RECORDS)


@pytest.mark.parametrize("kind", sorted(SUFFIXES))
def test_10000_fuzzed_records_keep_their_places_and_the_sums_are_exact(tmp_path: Path, kind: str) -> None:
    texts = [text.replace("\n", " ") if kind in ("text", "tsv") else text for text in fuzzed_lines(10_000)]
    texts = [text.replace("\t", " ").removesuffix("\r") if kind == "tsv" else text for text in texts]
    texts[0] = "first"
    given = write(tmp_path / f"in{SUFFIXES[kind]}", kind, texts)
    output = tmp_path / f"out{SUFFIXES[kind]}"
    counts = job(request(given, output, kind, block_records=1000, max_characters=4_000))["counts"]
    assert counts["read"] == counts["translated"] + counts["reused"] + counts["dead"] == 10_000
    got = read(output, kind)
    assert [place for _, place in got] == list(range(10_000))
    dead = [n for n, text in enumerate(texts) if len(text) > 4_000]
    assert counts["dead"] == len(dead) > 0
    assert all(not got[n][0] for n in dead)
    for n, text in enumerate(texts):
        if len(text) <= 40 and "\n" not in text and "\r" not in text:
            assert got[n][0] == translated(text).replace("\t", " " if kind == "tsv" else "\t"), n


@pytest.mark.parametrize("kind", ["text", "tsv", "csv", "jsonl"])
def test_bytes_that_are_no_file_of_the_format_give_counted_records_and_no_traceback(tmp_path: Path, kind: str) -> None:
    draw = random.Random(5)
    heads = {"csv": b"id,text\n", "tsv": b"a\tb\n"}
    lines = [
        b"\n".join(draw.randbytes(draw.randrange(0, 30)) for _ in range(8)) + draw.choice((b'"', b"{}", b"\t", b","))
        for _ in range(1250)
    ]
    (tmp_path / "in").write_bytes(heads.get(kind, b"") + b"\n".join(lines) + b"\n")
    counts = job(request(tmp_path / "in", tmp_path / "out", kind))["counts"]
    assert counts["read"] == counts["translated"] + counts["reused"] + counts["dead"] > 1000
    letters = (tmp_path / "out.dead_letters.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(letters) == counts["dead"] > 0
    assert {"record", "kind", "file", "line", "reason"} == json.loads(letters[0]).keys()


def test_a_parquet_file_that_is_cut_off_is_one_error(tmp_path: Path) -> None:
    whole = write(tmp_path / "in.parquet", "parquet", ["a"] * 1000).read_bytes()
    (tmp_path / "in.parquet").write_bytes(whole[:-20])
    with pytest.raises(InputError, match=r"in\.parquet must be a whole Parquet file"):
        job(request(tmp_path / "in.parquet", tmp_path / "out.parquet", "parquet"))


def test_what_stands_beside_the_text_in_a_json_line_is_not_touched(tmp_path: Path) -> None:
    lines = [
        '{"id": 1.50, "big": 123456789012345678901234567890, "source": "\\u00e9" }',
        '{"a":{"source":[1,2]},"source":""}',
        '{"source": 5}',
        "not json",
        '{"source": "x", "translation": "taken"}',
        "",
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n")
    counts = job(request(tmp_path / "in.jsonl", tmp_path / "out.jsonl", "jsonl"))["counts"]
    assert (tmp_path / "out.jsonl").read_text() == "\n".join(
        [
            '{"id": 1.50, "big": 123456789012345678901234567890, "source": "\\u00e9","translation":"<é>"}',
            '{"a":{"source":[1,2]},"source":"","translation":"<>"}',
            *['{"translation":null}'] * 4,
            "",
        ]
    )
    assert counts["dead"] == 4


def test_a_list_in_a_json_line_gets_a_value_more(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('["a", "b"]\n[]\n')
    job(request(tmp_path / "in.jsonl", tmp_path / "out.jsonl", "jsonl", columns=Columns(1, score="score")))
    assert [orjson.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [
        ["a", "b", "<b>", -0.125],
        [None, None],
    ]


def test_rows_of_another_width_are_dead_and_keep_their_place(tmp_path: Path) -> None:
    (tmp_path / "in.tsv").write_text("id\ttext\n1\tone\n2\n3\tthree\tmore\n4\tfour\n")
    counts = job(request(tmp_path / "in.tsv", tmp_path / "out.tsv", "tsv", columns=Columns("text")))["counts"]
    assert (tmp_path / "out.tsv").read_text() == "id\ttext\ttranslation\n1\tone\t<eno>\n\t\t\n\t\t\n4\tfour\t<ruof>\n"
    assert counts["dead"] == 2


@pytest.mark.parametrize("first", ["", "# made in 2024"])
def test_a_first_row_without_the_column_is_dead_alone(tmp_path: Path, first: str) -> None:
    (tmp_path / "in.tsv").write_text(f"{first}\n1\tone\tx\n2\ttwo\ty\n")
    counts = job(request(tmp_path / "in.tsv", tmp_path / "out.tsv", "tsv", columns=Columns(1)))["counts"]
    assert (tmp_path / "out.tsv").read_text().splitlines()[1:] == ["1\tone\tx\t<eno>", "2\ttwo\ty\t<owt>"]
    assert (counts["read"], counts["dead"]) == (3, 1)


def test_line_breaks_inside_a_field_stay_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('text,n\n"one\r\n\r\ntwo, ""2""\n",1\n', newline="")
    job(request(tmp_path / "in.csv", tmp_path / "out.csv", "csv"))
    assert (tmp_path / "out.csv").read_bytes() == (
        b'text,n,translation\n"one\r\n\r\ntwo, ""2""\n",1,"<eno>\r\n\r\n<""2"" ,owt>\n"\n'
    )


def test_every_column_of_a_parquet_file_stays(tmp_path: Path) -> None:
    table = pa.table(
        {
            "source": pa.array(["a", None, "c"]).dictionary_encode(),
            "nested": [{"x": [1, 2]}, None, {"x": []}],
            "when": pa.array([1, 2, 3], pa.timestamp("us", "UTC")),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    counts = job(request(tmp_path / "in.parquet", tmp_path / "out.parquet", "parquet"))["counts"]
    got = pq.read_table(tmp_path / "out.parquet")
    assert got.select(table.column_names).equals(table)
    assert got["translation"].to_pylist() == ["<a>", None, "<c>"]
    assert counts["dead"] == 1


@pytest.mark.parametrize("kind", sorted(SUFFIXES))
def test_an_input_without_records_gives_an_output_without_records(tmp_path: Path, kind: str) -> None:
    given = write(tmp_path / f"in{SUFFIXES[kind]}", kind, [])
    assert job(request(given, tmp_path / f"out{SUFFIXES[kind]}", kind))["counts"]["read"] == 0
    assert read(tmp_path / f"out{SUFFIXES[kind]}", kind) == []


@pytest.mark.parametrize(
    ("suffix", "decompress"),
    [
        (".gz", gzip.decompress),
        (".bz2", bz2.decompress),
        (".xz", lzma.decompress),
        (".zst", lambda data: zstandard.ZstdDecompressor().decompress(data)),
    ],
)
def test_a_compressed_output_without_records_can_be_decompressed(
    tmp_path: Path, suffix: str, decompress: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "in.txt").write_text("")
    job(request(tmp_path / "in.txt", tmp_path / f"out.txt{suffix}", "text"))
    written = (tmp_path / f"out.txt{suffix}").read_bytes()
    assert written
    assert decompress(written) == b""


def test_formats_are_told_by_names_and_must_agree() -> None:
    assert format_name(["a.jsonl.gz", "b.ndjson"], None) == "jsonl"
    assert format_name(["a.de", "b"], None) == "text"
    with pytest.raises(InputError, match=r"b\.csv is csv, a\.tsv is tsv"):
        format_name(["a.tsv", "b.csv"], None)
    assert output_suffix("out.jsonl.zst", "jsonl") == ".zst"
    with pytest.raises(InputError, match="must have the inputs' format, jsonl"):
        output_suffix("out.csv", "jsonl")


def test_a_column_that_is_not_there_is_named_before_anything_is_translated(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,text\n1,one\n")
    with pytest.raises(InputError, match="'sentence' once among them and translation not, but it begins with id, text"):
        job(request(tmp_path / "in.csv", tmp_path / "out.csv", "csv", columns=Columns("sentence")))
    write(tmp_path / "in.parquet", "parquet", ["a"])
    with pytest.raises(InputError, match="must have a column of texts 'text', but there is none"):
        job(request(tmp_path / "in.parquet", tmp_path / "out.parquet", "parquet", columns=Columns("text")))
