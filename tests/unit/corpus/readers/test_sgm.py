"""Test sets of WMT."""

from pathlib import Path
from typing import Any

import pytest
from corpus_files import read_content, read_corpus

from seq2seq_tfx.components.corpus.readers import sgm
from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError

SOURCE = """<srcset setid="t" srclang="any">
<DOC sysid=ref docid="b&amp;1">
<hl>
<seg id="1">AT&T said 5 < 6 &amp;lt; &quot;x&quot; &#233;&#x1F600; &nbsp;</seg>
</hl><p><SEG ID=2> a
   dog </SEG></p></DOC>
<!-- <doc docid="gone"><seg id="1">gone</seg></doc> -->
<doc docid='b2'><seg id="1">cat</seg></doc></srcset>
"""
REFERENCE = """<refset><doc docid="b2"><seg id="1">Katze</seg></doc>
<doc docid="b&amp;1"><seg id="2">Hund</seg><seg id="1">AT&amp;T</seg></doc></refset>"""
XML = """<?xml version='1.0' encoding='utf-8'?>
<dataset id="wmt"><doc id="d1" origlang="en"><src lang="en"><p><seg id="1">dog</seg><seg id="2">cat</seg></p></src>
<ref lang="de" translator="A"><p><seg id="1">Hund</seg><seg id="2">Katze</seg></p></ref>
<ref lang="de" translator="B"><p><seg id="1">Koeter</seg><seg id="2">Mieze</seg></p></ref>
<hyp system="s" lang="de"><seg id="1">x</seg></hyp></doc>
<doc id="d2"><src lang="en"><seg id="1">cow</seg></src><ref lang="de" translator="B"><seg id="1">Rind</seg></ref>
<ref lang="de" translator="A"><seg id="1">Kuh</seg></ref></doc></dataset>"""


def _read(directory: Path, source: str, *references: str) -> list[Row | UnreadableRow]:
    names = [f"{number}.sgm" for number in range(len(references) + 1)]
    for name, text in zip(names, (source, *references), strict=True):
        (directory / name).write_text(text, encoding="utf-8", newline="")
    target: Any = names[1] if len(references) == 1 else tuple(names[1:])
    return read_corpus(Corpus(name="demo", split="test", source=names[0], target=target), directory)


def test_segments_are_brought_together_by_their_ids_when_the_markup_is_no_xml(tmp_path: Path) -> None:
    first = 'AT&T said 5 < 6 &lt; "x" \u00e9\U0001f600 &nbsp;'
    rows = [Row(0, first, ("AT&T",)), Row(1, " a dog ", ("Hund",)), Row(2, "cat", ("Katze",))]
    assert _read(tmp_path, SOURCE, REFERENCE) == rows
    assert _read(tmp_path, SOURCE.replace("\n", "\r\n"), REFERENCE, REFERENCE) == [
        Row(row.number, row.source, row.targets * 2) for row in rows
    ]


def test_every_translator_is_a_reference_in_the_order_of_the_first_document_when_the_file_is_xml(
    tmp_path: Path,
) -> None:
    rows = read_content("p.xml", XML.encode(), tmp_path, split="test")
    assert rows == [
        Row(0, "dog", ("Hund", "Koeter")),
        Row(1, "cat", ("Katze", "Mieze")),
        Row(2, "cow", ("Kuh", "Rind")),
    ]
    with pytest.raises(CorpusError, match=r"p\.xml must have one reference where split is train, but it has 2"):
        read_content("p.xml", XML.encode(), tmp_path)


def test_a_segment_is_unreadable_when_a_reference_lacks_it(tmp_path: Path) -> None:
    rows = _read(tmp_path, SOURCE, REFERENCE, REFERENCE.replace('<seg id="2">Hund</seg>', ""))
    place = f"{tmp_path}/0.sgm, line 5: segment '2' of document 'b&1'"
    assert rows[1] == UnreadableRow(1, f"{place} needs reference 2 in {tmp_path}/2.sgm, there is none", " a dog ")
    assert rows[2] == Row(2, "cat", ("Katze", "Katze"))
    (_, _, row) = read_content(
        "p.xml", XML.replace(">Kuh<", "><").replace('<seg id="1"></seg>', "").encode(), tmp_path, split="test"
    )
    assert isinstance(row, UnreadableRow) and row.problem.endswith("needs reference 1, there is none")


def test_a_reference_without_a_source_and_a_segment_given_twice_are_errors(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        _read(tmp_path, SOURCE.replace("docid='b2'", "docid=b3"), REFERENCE)
    assert f"segment '1' of document 'b2', {tmp_path}/1.sgm, line 1, has none in {tmp_path}/0.sgm" in str(caught.value)
    with pytest.raises(CorpusError) as caught:
        _read(tmp_path, SOURCE, REFERENCE.replace('id="2"', 'id="1"'))
    assert f"{tmp_path}/1.sgm must have every segment once, but line 2 has segment '1' of document 'b&1' again" in str(
        caught.value
    )


@pytest.mark.parametrize("text", ["", "no markup", SOURCE])
def test_the_file_is_named_when_it_does_not_hold_both_sides(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        CorpusError, match=r"p\.xml must hold the segments of <src> and <ref> in its first document, but"
    ):
        read_content("p.xml", text.encode(), tmp_path)
    with pytest.raises(CorpusError, match="at least one row"):
        _read(tmp_path, "", "")


def test_a_file_is_refused_when_it_declares_an_entity_is_not_utf8_or_is_no_test_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CorpusError, match=r"p\.xml must not declare entities, .* line 2 declares the entity 'lol'"):
        read_content("p.xml", b'<!DOCTYPE d [\n<!ENTITY lol "x">]>' + XML.encode(), tmp_path)
    with pytest.raises(CorpusError, match=r"p\.xml must be UTF-8, but line 3: byte 0xff at position 2"):
        read_content("p.xml", b"<doc>\n\nx\xff</doc>", tmp_path)
    monkeypatch.setattr(sgm, "_LONGEST", 100)
    with pytest.raises(CorpusError, match=r"p\.xml must be a test set of at most 100 bytes, but it is longer"):
        read_content("p.xml", XML.encode(), tmp_path)


def test_the_line_with_a_byte_that_is_not_utf8_is_named_after_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "s.sgm").write_bytes(
        b'\xef\xbb\xbf<srcset><doc docid="a"><seg id="1">x\n\xe9t\xe9</seg></doc></srcset>'
    )
    (tmp_path / "r.sgm").write_text('<refset><doc docid="a"><seg id="1">y</seg></doc></refset>')
    with pytest.raises(CorpusError, match="s.sgm must be UTF-8, but line 2: "):
        read_corpus(Corpus(name="demo", split="test", source="s.sgm", target="r.sgm"), tmp_path)
