"""Comma-separated files, well and badly quoted."""

import csv
import io
import random
from pathlib import Path

import pytest
from corpus_files import read_content

from seq2seq_tfx.components.corpus.readers import csv as csv_reader
from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow


def test_quoted_fields_hold_commas_marks_and_line_ends_as_they_are(tmp_path: Path) -> None:
    content = b'"a, ""b""","c\r\nd"\r\n"","e\n\n""f"\n"g\rh",\n'
    assert read_content("p.csv", content, tmp_path) == [
        Row(0, 'a, "b"', ("c\r\nd",)),
        Row(1, "", ('e\n\n"f',)),
        Row(2, "g\rh", ("",)),
    ]


def test_a_mark_inside_an_unquoted_field_is_text(tmp_path: Path) -> None:
    assert read_content("p.csv", b'5" disk,a "b" c\n', tmp_path) == [Row(0, '5" disk', ('a "b" c',))]


@pytest.mark.parametrize("seed", range(5))
def test_what_the_standard_library_wrote_is_read_back(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    pairs = [tuple("".join(draw.choices('ab"," \n\r\t;\u2028', k=draw.randrange(8))) for _ in "st") for _ in range(400)]
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(pairs)
    rows = read_content("p.csv", stream.getvalue().encode(), tmp_path)
    assert rows == [Row(number, source, (target,)) for number, (source, target) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("only", "2 comma-separated fields are needed, it has 1"),
        ("a,b,c", "2 comma-separated fields are needed, it has 3"),
        ("", "2 comma-separated fields are needed, it has 1"),
        ('"a"b,c', "field 1 goes on after its closing quotation mark"),
        ('a,"b" ', "field 2 goes on after its closing quotation mark"),
    ],
)
def test_a_row_is_unreadable_when_it_is_ragged_or_badly_quoted(tmp_path: Path, row: str, problem: str) -> None:
    rows = read_content("p.csv", f"x,y\n{row}\nlast,row\n".encode(), tmp_path)
    assert rows[0] == Row(0, "x", ("y",))
    assert rows[1] == UnreadableRow(1, f"{tmp_path}/p.csv, line 2: {problem}", row)
    assert rows[2:] == [Row(2, "last", ("row",))]


def test_only_its_own_line_is_lost_when_a_mark_is_never_closed(tmp_path: Path) -> None:
    rows = read_content("p.csv", b'a,A\n"b,B\nc,C\nd,D\n', tmp_path)
    problem = f"{tmp_path}/p.csv, line 2: a quotation mark opens a field and none closes it"
    assert rows == [Row(0, "a", ("A",)), UnreadableRow(1, problem, '"b,B'), Row(2, "c", ("C",)), Row(3, "d", ("D",))]


def test_only_its_own_line_is_lost_when_a_field_is_longer_than_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_reader, "LONGEST_RECORD_BYTES", 100)
    rows = read_content("p.csv", b'"a,A\n' + b"b,B\n" * 200 + b'"c","C"\n', tmp_path)
    assert isinstance(rows[0], UnreadableRow) and len(rows) == 202
    assert (rows[1], rows[-1]) == (Row(1, "b", ("B",)), Row(201, "c", ("C",)))


def test_the_line_is_that_of_the_file_when_records_go_over_several(tmp_path: Path) -> None:
    rows = read_content("p.csv", b'"a\n\nb",A\nragged\n"c\n\xff",C\nd,D\n', tmp_path)
    assert isinstance(rows[1], UnreadableRow) and "line 4: 2 comma" in rows[1].problem
    assert isinstance(rows[2], UnreadableRow)
    assert rows[2].problem.endswith("line 5: byte 0xff at position 1 of the line is not UTF-8")
    assert rows[2].content == '"c\n\\xff",C'
    assert rows[3] == Row(3, "d", ("D",))
