"""TMX: languages, inline markup, and files that must be refused."""

from pathlib import Path

import pytest
from corpus_files import read_content

from seq2seq_tfx.components.corpus.readers import tmx
from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow
from seq2seq_tfx.schemas.errors import CorpusError

HEAD = '<tmx version="1.4"><header srclang="en-GB" datatype="plaintext"/><body>\n'
TAIL = "</body></tmx>\n"


def _read(directory: Path, units: str, columns: tuple[str, str] = ("en", "de")) -> list[Row | UnreadableRow]:
    return read_content("p.tmx", f"{HEAD}{units}{TAIL}".encode(), directory, columns=list(columns))


def _unit(*variants: tuple[str, str]) -> str:
    return "<tu>" + "".join(f"<tuv{language}><seg>{text}</seg></tuv>" for language, text in variants) + "</tu>\n"


@pytest.mark.parametrize("language", [' xml:lang="en"', ' xml:lang="EN-us"', ' lang="en_GB"', ' lang=" EN "', ""])
def test_a_side_is_found_whatever_variant_of_the_language_it_is_in(tmp_path: Path, language: str) -> None:
    assert _read(tmp_path, _unit((' xml:lang="de-AT"', "Hund"), (language, "dog"))) == [Row(0, "dog", ("Hund",))]


def test_the_very_language_comes_before_variants_and_these_in_order(tmp_path: Path) -> None:
    german = (' xml:lang="de"', "Hund")
    units = _unit((' lang="en-US"', "color"), (' lang="en"', "tint"), german) + _unit(
        (' lang="eng"', "no"), (' lang="en-US"', "color"), (' lang="en-GB"', "colour"), german
    )
    assert [row[1] for row in _read(tmp_path, units)] == ["tint", "color"]
    assert [row[1] for row in _read(tmp_path, units, ("en-gb", "de"))][1] == "colour"


def test_the_unit_s_source_language_counts_before_the_header_s_when_a_variant_names_none(tmp_path: Path) -> None:
    unit = '<tu srclang="de"><tuv><seg>Hund</seg></tuv><tuv lang="en"><seg>dog</seg></tuv></tu>'
    assert _read(tmp_path, unit) == [Row(0, "dog", ("Hund",))]


def test_text_of_highlights_is_kept_and_codes_are_dropped(tmp_path: Path) -> None:
    text = (
        'a <bpt i="1">&lt;b></bpt><hi type="x">big <hi>red</hi></hi><ept i="1">&lt;/b></ept> dog<ph x="1">{<sub>note'
        "<hi>!</hi></sub>}</ph><it pos='begin'>&lt;i></it><ut>{1}</ut>, &amp; <![CDATA[<so>]]> on"
    )
    (row,) = _read(tmp_path, _unit((' lang="en"', text), (' lang="de"', "x")))
    assert row[1] == "a big red dog, & <so> on"


def test_line_breaks_of_the_layout_are_single_spaces(tmp_path: Path) -> None:
    (row,) = _read(tmp_path, _unit((' lang="en"', "\n    a  dog\r\n\t  barks\n  "), (' lang="de"', " x ")))
    assert row == Row(0, "a  dog barks", (" x ",))


@pytest.mark.parametrize(
    ("unit", "problem", "content"),
    [
        (_unit((' lang="en"', "dog"), (' lang="fr"', "chien")), "the language de, it has en, fr", "en=dog\tfr=chien"),
        (_unit((' lang="de"', "Hund")), "the language en, it has de", "de=Hund"),
        ("<tu></tu>\n", "the language en, it has none", ""),
        (
            '<tu><tuv xml:lang="en"></tuv><tuv xml:lang="de"><seg>x</seg></tuv></tu>\n',
            "the language en, it has de",
            "de=x",
        ),
    ],
)
def test_a_unit_is_unreadable_when_it_lacks_a_side(tmp_path: Path, unit: str, problem: str, content: str) -> None:
    rows = _read(tmp_path, unit + _unit((' lang="en"', "cat"), (' lang="de"', "Katze")))
    assert rows[0] == UnreadableRow(0, f"{tmp_path}/p.tmx, line 2: the <tu> needs {problem}", content)
    assert rows[1:] == [Row(1, "cat", ("Katze",))]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_the_encoding_is_the_file_s_own(tmp_path: Path, encoding: str) -> None:
    declared = '<?xml version="1.0" encoding="iso-8859-1"?>' if encoding == "iso-8859-1" else '<?xml version="1.0"?>'
    text = declared + HEAD + _unit((' lang="en"', "caf\u00e9"), (' lang="de"', "\u00c4")) + TAIL
    rows = read_content("p.tmx", text.encode(encoding), tmp_path, columns=["en", "de"])
    assert rows == [Row(0, "caf\u00e9", ("\u00c4",))]


BOMB = '<!DOCTYPE tmx [<!ENTITY lol "lol">\n<!ENTITY lol2 "&lol;&lol;">]>'
EXTERNAL = '<!DOCTYPE tmx [\n<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE tmx [<!ENTITY % more SYSTEM "more.dtd"> %more;]>'


@pytest.mark.parametrize(
    ("declaration", "named"),
    [
        (BOMB, "line 1 declares the entity 'lol'"),
        (EXTERNAL, "line 2 declares the external entity 'secret' (file:///etc/passwd)"),
        (PARAMETER, "line 1 declares the external entity 'more' (more.dtd)"),
    ],
)
def test_a_file_is_refused_when_it_declares_an_entity(tmp_path: Path, declaration: str, named: str) -> None:
    text = declaration + HEAD + _unit((' lang="en"', "&lol2;&secret;"), (' lang="de"', "x")) + TAIL
    with pytest.raises(CorpusError) as caught:
        read_content("p.tmx", text.encode(), tmp_path, columns=["en", "de"])
    assert f"{tmp_path}/p.tmx must not declare entities" in str(caught.value)
    assert named in str(caught.value)


def test_an_unknown_entity_is_an_error_and_never_empty_text(tmp_path: Path) -> None:
    unit = _unit((' lang="en"', "a&nbsp;b"), (' lang="de"', "x"))
    with pytest.raises(CorpusError, match=r"p\.tmx must be well-formed XML, but at line 2, .* undefined entity"):
        _read(tmp_path, unit)
    declared = '<!DOCTYPE tmx SYSTEM "tmx14.dtd">' + HEAD + unit + TAIL
    with pytest.raises(CorpusError, match=r"line 2, after 0 rows, has the entity &nbsp; which XML does not know"):
        read_content("p.tmx", declared.encode(), tmp_path, columns=["en", "de"])


@pytest.mark.parametrize("end", ["<tu><tuv></tu>", "\x01", "&#1;", "\x00", "<tu>", "&", "<tu lang='&#xD800;'/>"])
def test_the_place_and_the_rows_read_are_named_when_the_xml_is_broken(tmp_path: Path, end: str) -> None:
    units = _unit((' lang="en"', "cat"), (' lang="de"', "Katze")) * 2000
    with pytest.raises(CorpusError) as caught:
        _read(tmp_path, units + end)
    assert f"{tmp_path}/p.tmx must be well-formed XML, but at line 200" in str(caught.value)
    assert "after 2,000 rows were read" in str(caught.value)


def test_the_file_is_named_when_it_is_other_xml_or_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"p\.tmx must be TMX, but its outermost element is <html>"):
        read_content("p.tmx", b"<html/>", tmp_path, columns=["en", "de"])
    with pytest.raises(CorpusError, match="no element found"):
        read_content("p.tmx", b"", tmp_path, columns=["en", "de"])
    with pytest.raises(CorpusError, match="at least one row"):
        _read(tmp_path, "")
    with pytest.raises(CorpusError, match="must name its two languages in `columns`, as in"):
        read_content("p.tmx", b"<tmx/>", tmp_path)


def test_the_file_is_named_when_a_segment_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tmx, "LONGEST_RECORD_BYTES", 1 << 18)
    with pytest.raises(CorpusError, match="must have segments of at most 262,144 characters, but that of line 2"):
        _read(tmp_path, _unit((' lang="en"', "x" * (1 << 19)), (' lang="de"', "x")))


@pytest.mark.parametrize("encoding", ["Shift_JIS", "GB2312", "no-such-one"])
def test_an_encoding_that_cannot_be_read_is_one_error(tmp_path: Path, encoding: str) -> None:
    content = f'<?xml version="1.0" encoding="{encoding}"?>\n{HEAD}{TAIL}'.encode()
    with pytest.raises(CorpusError, match="must be "):
        read_content("p.tmx", content, tmp_path, columns=["en", "de"])
