"""10,000 rows that nobody would write, in each format: each is a row or an unreadable one, the same ones every time."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpus_files import read_corpus, stored
from fuzzed_lines import fuzzed_lines

from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError

ROWS = 10_000
ODD = (
    b"\t",
    b"\r",
    b'"',
    b'""',
    b",",
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xe9",
    b"\xef\xbb\xbf",
    b"\xf0\x9f\x98",
    b"",
)
JSON = ('"', "\\", "\\ud800", "\\u0000", "{", "}", "[", "null", "1e999", '{"x": {}}', ",", ":")


def _line(draw: random.Random, texts: list[str]) -> bytes:
    """A text, often with columns, now and then with bytes that do not belong there; no line end."""
    parts = [texts[draw.randrange(len(texts))].encode() for _ in range(draw.choice((1, 2, 2, 2, 3)))]
    line = draw.choice((b"\t", b"\t", b","))
    joined = line.join(parts)
    for _ in range(draw.choice((0, 0, 0, 1, 2))):
        at = draw.randrange(len(joined) + 1)
        joined = joined[:at] + draw.choice(ODD) + joined[at:]
    return joined.replace(b"\n", b" ")


def _text_file(directory: Path, name: str, seed: int) -> int:
    draw, texts = random.Random(seed), list(fuzzed_lines(3000, seed))
    stored(directory / name, b"".join(_line(draw, texts) + draw.choice((b"\n", b"\r\n")) for _ in range(ROWS)))
    return ROWS


def _lines(directory: Path) -> tuple[Corpus, int]:
    _text_file(directory, "p.en.xz", 1)
    return Corpus(name="demo", split="train", source="p.en.xz", target="p.de"), _text_file(directory, "p.de", 2)


def _tsv(directory: Path) -> tuple[Corpus, int]:
    return Corpus(name="demo", split="train", path="p.tsv.gz"), _text_file(directory, "p.tsv.gz", 3)


def _csv(directory: Path) -> tuple[Corpus, None]:
    _text_file(directory, "p.csv.zst", 4)
    return Corpus(name="demo", split="train", path="p.csv.zst"), None


def _jsonl(directory: Path) -> tuple[Corpus, int]:
    draw, texts = random.Random(5), list(fuzzed_lines(3000, 5))
    lines = []
    for _ in range(ROWS):
        sides = [texts[draw.randrange(len(texts))].replace("\\", "").replace('"', "").replace("\n", "") for _ in "st"]
        written = f'{{"en": "{sides[0]}", "de": "{sides[1]}"}}'
        clean = "".join(letter for letter in written if letter >= " ")
        at = draw.randrange(len(clean) + 1)
        lines.append(clean[:at] + draw.choice((*JSON, *[""] * 12)) + clean[at:])
    stored(directory / "p.jsonl", "".join(f"{line}\n" for line in lines).encode())
    return Corpus(name="demo", split="train", path="p.jsonl", columns=("en", "de")), ROWS


def _xml_text(draw: random.Random, texts: list[str]) -> str:
    text = texts[draw.randrange(len(texts))]
    return escape("".join(letter for letter in text if letter in "\t\n\r" or " " <= letter < "\ufffe"))


def _tmx(directory: Path) -> tuple[Corpus, int]:
    draw, texts = random.Random(6), list(fuzzed_lines(3000, 6))
    languages = ("en", "EN-us", "de", "de_AT", "fr", "", "eng")
    inline = ("<ph>%s</ph>", "<hi>%s</hi>", "<bpt i='1'>%s<sub>x</sub></bpt>", "<odd>%s</odd>", "<!-- %s -->", "%s")
    units = []
    for _ in range(ROWS):
        variants = [
            f'<tuv xml:lang="{draw.choice(languages)}"><seg>{_xml_text(draw, texts)}'
            + draw.choice(inline) % _xml_text(draw, texts).replace("-", "")
            + "</seg></tuv>"
            for _ in range(draw.choice((0, 1, 2, 2, 2, 3)))
        ]
        units.append(f"<tu>{''.join(variants)}</tu>\n")
    text = f'<tmx version="1.4"><header srclang="de"/><body>{"".join(units)}</body></tmx>'
    stored(directory / "p.tmx.bz2", text.encode())
    return Corpus(name="demo", split="train", path="p.tmx.bz2", columns=("en", "de")), ROWS


def _parquet(directory: Path) -> tuple[Corpus, int]:
    draw, texts = random.Random(7), list(fuzzed_lines(3000, 7))
    columns = {
        name: pa.array([draw.choice((None, *[_line(draw, texts)] * 9)) for _ in range(ROWS)], pa.binary())
        for name in ("en", "de")
    }
    pq.write_table(pa.table(columns), directory / "p.parquet", row_group_size=700)
    return Corpus(name="demo", split="train", path="p.parquet", columns=("en", "de")), ROWS


def _sgm(directory: Path) -> tuple[Corpus, int]:
    draw, texts = random.Random(8), list(fuzzed_lines(3000, 8))
    for side in ("source", "target"):
        segments = [
            f"<seg id={number}>{_line(draw, texts).decode('utf-8', 'replace').replace('<', '&lt;')}</seg>\n"
            for number in range(ROWS)
            if side == "source" or draw.random() < 0.9
        ]
        stored(directory / f"{side}.sgm", ("<doc docid=a>\n" + "".join(segments) + "</doc>\n").encode())
    return Corpus(name="demo", split="train", source="source.sgm", target="target.sgm"), ROWS


MAKERS: dict[str, Callable[[Path], tuple[Corpus, int | None]]] = {
    "lines": _lines,
    "tsv": _tsv,
    "csv": _csv,
    "jsonl": _jsonl,
    "tmx": _tmx,
    "parquet": _parquet,
    "sgm": _sgm,
}


@pytest.mark.parametrize("kind", MAKERS)
def test_every_fuzzed_row_is_read_or_unreadable_and_the_same_the_second_time(tmp_path: Path, kind: str) -> None:
    corpus, count = MAKERS[kind](tmp_path)
    rows = read_corpus(corpus, tmp_path)
    readable = [row for row in rows if isinstance(row, Row)]
    unreadable = [row for row in rows if isinstance(row, UnreadableRow)]
    assert len(readable) + len(unreadable) == len(rows) == (count or len(rows)) > 0.5 * ROWS
    assert min(len(readable), len(unreadable)) > 0.05 * ROWS
    assert [row.number for row in rows] == list(range(len(rows)))
    for row in readable:
        assert all(type(text) is str and text.encode() is not None for text in (row.source, *row.targets))
    assert all(str(tmp_path) in row.problem for row in unreadable)
    assert read_corpus(corpus, tmp_path) == rows


@pytest.mark.parametrize("kind", MAKERS)
def test_nothing_but_a_corpus_error_comes_out_when_bytes_are_changed_anywhere(tmp_path: Path, kind: str) -> None:
    corpus, _ = MAKERS[kind](tmp_path)
    name = str(corpus.path or corpus.source)
    whole, draw = (tmp_path / name).read_bytes(), random.Random(9)
    answers: list[Any] = []
    for _ in range(12):
        content = bytearray(whole)
        for _ in range(draw.choice((1, 5, 50))):
            content[draw.randrange(len(content))] = draw.randrange(256)
        (tmp_path / name).write_bytes(content[: draw.choice((len(content), draw.randrange(len(content))))])
        try:
            answers.append(len(read_corpus(corpus, tmp_path)))
        except CorpusError as error:
            answers.append(str(error))
            assert str(tmp_path / name) in str(error)
    assert len(answers) == 12
