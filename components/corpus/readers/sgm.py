"""Test sets of WMT: SGML of the mteval kind, a file a side, and the newer XML, with source and references in one file.

The SGML is seldom well-formed XML (bare `&` and `<`, no outermost element, attributes without quotation marks), so that
only the known tags are looked for; everything else is text. `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;` and numbered
characters are written out, other names stay as they are: `AT&T` is a text. Line breaks in a segment are layout: see
`one_line`.

Segments of the files are brought together by document and segment id, in the source's order. A segment without its
reference is unreadable; a reference without a source is an error, as are two segments with one id. The XML's references
are one target for each translator that its first document has. A file is read at once: it may have `_LONGEST` bytes.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.markup import entity_error, one_line
from seq2seq_tfx.components.corpus.readers.rows import Row, Rows, UnreadableRow, shown_bytes, utf8_problem
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError

_LONGEST: Final = 256 << 20
_TAG: Final = re.compile(
    r"<!--.*?-->|<!ENTITY\s+(?:%\s+)?(?P<entity>\S+)|<(?P<end>/?)(?P<name>doc|src|ref|hyp|seg)(?P<rest>(?:\s[^<>]*)?)>",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(r"""([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_CHARACTER: Final = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

Key = tuple[str, str]
"""Document and segment."""


class _Segment(NamedTuple):
    key: Key
    side: str
    """`src`, `ref` or `hyp` in the XML, with the translator after a colon; empty in SGML."""
    line_number: int
    text: str


def read_sgm(corpus: Corpus, files: Sequence[InputFile], first: int) -> Rows:
    """Read a test set.

    Args:
        corpus: Its configuration.
        files: The source and one or more references; or the one XML file.
        first: The first row's number.

    Raises:
        CorpusError: If a file cannot be read, declares an entity, or does not fit the others.
    """
    sides = (
        _sides_of_one(corpus, files[0])
        if corpus.path is not None
        else [_by_key(file, _segments(file)) for file in files]
    )
    source, *references = sides
    _refuse_strangers(corpus, source, references, files)
    number = first
    for key, segment in source.items():
        found = [reference.get(key) for reference in references]
        place = f"{files[0].file.path}, line {segment.line_number}: segment {key[1]!r} of document {key[0]!r}"
        lacking = next((index for index, each in enumerate(found) if each is None), None)
        if lacking is None:
            yield Row(number, segment.text, tuple(each.text for each in found if each is not None))
        else:
            where = f" in {files[lacking + 1].file.path}" if len(files) > 1 else ""
            yield UnreadableRow(number, f"{place} needs reference {lacking + 1}{where}, there is none", segment.text)
        number += 1
    for file in files:
        file.records = number - first
    return number


def _sides_of_one(corpus: Corpus, file: InputFile) -> list[dict[Key, _Segment]]:
    """The source and the references of the newer XML."""
    by_side: dict[str, list[_Segment]] = {}
    first_document = None
    wanted = []
    for segment in _segments(file):
        if first_document is None:
            first_document = segment.key[0]
        if segment.side not in by_side and segment.key[0] == first_document and segment.side.startswith("ref"):
            wanted.append(segment.side)
        by_side.setdefault(segment.side, []).append(segment)
    if "src" not in by_side or not wanted:
        there = ", ".join(f"<{side.partition(':')[0]}>" for side in by_side) or "no segment"
        raise CorpusError(
            f"{file.file.path} must hold the segments of <src> and <ref> in its first document, but it holds "
            f"{there or 'none'}; name an SGML file of one side under source or target"
        )
    if len(wanted) > 1 and corpus.split in ("train", "auto"):
        raise CorpusError(
            f"{file.file.path} must have one reference where split is {corpus.split}, but it has {len(wanted)}; "
            "several references are for eval and test"
        )
    return [_by_key(file, by_side[side]) for side in ("src", *wanted)]


def _by_key(file: InputFile, segments: Iterator[_Segment] | list[_Segment]) -> dict[Key, _Segment]:
    found: dict[Key, _Segment] = {}
    for segment in segments:
        other = found.setdefault(segment.key, segment)
        if other is not segment:
            raise CorpusError(
                f"{file.file.path} must have every segment once, but line {segment.line_number} has segment "
                f"{segment.key[1]!r} of document {segment.key[0]!r} again, after line {other.line_number}; leave one "
                "out"
            )
    return found


def _refuse_strangers(
    corpus: Corpus,
    source: dict[Key, _Segment],
    references: list[dict[Key, _Segment]],
    files: Sequence[InputFile],
) -> None:
    for index, reference in enumerate(references):
        stranger = next((segment for key, segment in reference.items() if key not in source), None)
        if stranger is not None:
            path = files[index + 1 if len(files) > 1 else 0].file.path
            document, identity = stranger.key
            raise CorpusError(
                f"every reference of corpus {corpus.name!r} must have its source, but segment {identity!r} of document "
                f"{document!r}, {path}, line {stranger.line_number}, has none in {files[0].file.path}; do they belong "
                "together?"
            )


def _segments(file: InputFile) -> Iterator[_Segment]:
    text = _whole_text(file)
    document = side = ""
    start: tuple[int, int, str] | None = None  # place, line and id of the segment that is open
    line_number, counted = 1, 0
    for match in _TAG.finditer(text):
        line_number += text.count("\n", counted, match.start())
        counted = match.start()
        if match["entity"]:
            raise entity_error(file.file.path, line_number, match["entity"])
        name, attributes = (match["name"] or "").lower(), _attributes(match["rest"] or "")
        if name == "seg" and not match["end"]:
            start = (match.end(), line_number, attributes.get("id", ""))
        elif name == "seg" and start is not None:
            content = _written_out(one_line(text[start[0] : match.start()]))
            yield _Segment((document, start[2]), side, start[1], content)
            start = None
        elif name == "doc":
            document, side = attributes.get("docid") or attributes.get("id", ""), ""
        elif name in ("src", "ref", "hyp"):
            side = "" if match["end"] else ":".join(filter(None, (name, _translator(name, attributes))))


def _translator(name: str, attributes: dict[str, str]) -> str:
    return "" if name == "src" else attributes.get("translator") or attributes.get("system", "")


def _attributes(text: str) -> dict[str, str]:
    return {
        match[1].lower(): _written_out(match[2] or match[3] or match[4] or "") for match in _ATTRIBUTE.finditer(text)
    }


def _written_out(text: str) -> str:
    return _CHARACTER.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    if match[3]:
        return _NAMED[match[3]]
    code = int(match[1]) if match[1] else int(match[2], 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else match[0]


def _whole_text(file: InputFile) -> str:
    pieces, size = [], 0
    for piece in file.pieces():
        pieces.append(piece)
        size += len(piece)
        if size > _LONGEST:
            raise CorpusError(
                f"{file.file.path} must be a test set of at most {_LONGEST:,} bytes, but it is longer; write it as TSV"
            )
    content = b"".join(pieces).removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line_number = content.count(b"\n", 0, error.start) + 1
        line = content.split(b"\n")[line_number - 1]
        raise CorpusError(
            f"{file.file.path} must be UTF-8, but line {line_number}: {utf8_problem(line)}: "
            f"{shown_bytes(line)[:80]}; save it as UTF-8"
        ) from error
