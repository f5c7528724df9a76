"""TMX 1.4 (and its forerunners), streamed: a <tu> is a record.

The sides are the <tuv> whose language is that of `columns`: `en` takes `en`, `EN-us` and `en_GB`, the very code first,
then the first variant. The language stands in `xml:lang`, or `lang`; a <tuv> without is in the `srclang` of its <tu> or
of the header. Of inline markup, the text of <hi> (and of unknown elements) is kept; <bpt>, <ept>, <ph>, <it>, <ut> and
what is in them, <sub> too, are codes and no text. Line breaks in a segment are the file's layout: see `one_line`.

An entity of the file's own is never expanded: a file that declares one is refused. Nothing outside the file is opened.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, final
from xml.parsers import expat

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.markup import entity_error, one_line
from seq2seq_tfx.components.corpus.readers.rows import LONGEST_RECORD_BYTES, Rows, UnreadableRow, row_of
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError

_CODES = frozenset({"bpt", "ept", "ph", "it", "ut"})
_FED_BYTES = 1 << 16


class _Unit(NamedTuple):
    line_number: int
    variants: list[tuple[str, str]]
    """Language and text of each <tuv>."""


def read_tmx(corpus: Corpus, files: Sequence[InputFile], first: int) -> Rows:
    """Read two languages of one file, or the one of a monolingual corpus.

    Args:
        corpus: Its configuration; `text_columns` are the languages.
        files: The one file.
        first: The first row's number.

    Raises:
        CorpusError: If the file cannot be read, is not well-formed, or declares an entity.
    """
    (file,) = files
    languages = [_normalised(str(column)) for column in corpus.text_columns]
    if isinstance(corpus.text_columns[0], int):
        how = "two languages in `columns`, as in [en, de]" if corpus.side is None else "language in `column`, as in de"
        raise CorpusError(f"corpus {corpus.name!r} must name its {how}, got numbers")
    number = first
    for unit in _units(file):
        found = [_side(unit, language) for language in languages]
        texts = [text for text in found if text is not None]
        if len(texts) == len(found):
            yield row_of(number, texts)
        else:
            lacking = languages[found.index(None)]
            there = ", ".join(dict.fromkeys(language or "one without" for language, _ in unit.variants)) or "none"
            problem = (
                f"{file.file.path}, line {unit.line_number}: the <tu> needs the language {lacking}, it has {there}"
            )
            content = "\t".join(f"{language}={text}" for language, text in unit.variants)
            yield UnreadableRow(number, problem, content)
        number += 1
        file.records += 1
    return number


def _normalised(language: str) -> str:
    return language.strip().replace("_", "-").lower()


def _side(unit: _Unit, wanted: str) -> str | None:
    exact = next((text for language, text in unit.variants if language == wanted), None)
    if exact is not None:
        return exact
    return next((text for language, text in unit.variants if language.startswith(f"{wanted}-")), None)


def _units(file: InputFile) -> Iterator[_Unit]:
    handler = _Handler(file)
    try:
        for piece in file.pieces():
            for at in range(0, len(piece), _FED_BYTES):
                handler.parser.Parse(piece[at : at + _FED_BYTES], False)
                yield from handler.taken()
        handler.parser.Parse(b"", True)
    except expat.ExpatError as error:
        yield from handler.taken()  # what stood before the error
        raise CorpusError(
            f"{file.file.path} must be well-formed XML, but at line {error.lineno}, column {error.offset + 1}, after "
            f"{file.records:,} rows were read: {expat.ErrorString(error.code)}; mend the file or get it again"
        ) from error
    except (ValueError, LookupError) as error:
        raise CorpusError(
            f"{file.file.path} must be in UTF-8, UTF-16 or an encoding of one byte a character, but its first line "
            f"names another ({error}); save it as UTF-8"
        ) from error
    yield from handler.taken()


@final
class _Handler:
    """What the parser calls; keeps one <tu> and those that are complete."""

    def __init__(self, file: InputFile) -> None:
        self._file = file
        self._complete: list[_Unit] = []
        self._languages = ["", ""]
        """`srclang` of the header and of the <tu>."""
        self._unit: _Unit | None = None
        self._language = ""
        self._text: list[str] | None = None
        """Of the <seg> that is open."""
        self._code_depth = 0
        self._depth = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.EntityDeclHandler = self._entity
        self.parser.SkippedEntityHandler = self._skipped_entity

    def taken(self) -> list[_Unit]:
        """The units completed since the last call.

        Raises:
            CorpusError: If the open one is too long.
        """
        complete, self._complete = self._complete, []
        if self._text is not None and sum(map(len, self._text)) > LONGEST_RECORD_BYTES:
            raise CorpusError(
                f"{self._file.file.path} must have segments of at most {LONGEST_RECORD_BYTES:,} characters, but that "
                f"of line {self.parser.CurrentLineNumber} is longer; mend the file"
            )
        return complete

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0 and name.lower() != "tmx":
            raise CorpusError(f"{self._file.file.path} must be TMX, but its outermost element is <{name}>")
        self._depth += 1
        if self._code_depth or (self._text is not None and name in _CODES):
            self._code_depth += 1
        elif self._text is None:
            self._start_outside(name, attributes)

    def _start_outside(self, name: str, attributes: dict[str, str]) -> None:
        if name == "header":
            self._languages[0] = attributes.get("srclang", "")
        elif name == "tu":
            self._languages[1] = attributes.get("srclang", "")
            self._unit = _Unit(self.parser.CurrentLineNumber, [])
        elif name == "tuv":
            spoken = attributes.get("xml:lang") or attributes.get("lang")
            self._language = _normalised(spoken or self._languages[1] or self._languages[0])
        elif name == "seg" and self._unit is not None:
            self._text = []

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._code_depth:
            self._code_depth -= 1
        elif name == "seg" and self._text is not None and self._unit is not None:
            self._unit.variants.append((self._language, one_line("".join(self._text))))
            self._text = None
        elif name == "tu" and self._unit is not None:
            self._complete.append(self._unit)
            self._unit = None

    def _characters(self, text: str) -> None:
        if self._text is not None and not self._code_depth:
            self._text.append(text)

    def _entity(self, name: str, *rest: object) -> None:
        system = rest[3]
        raise entity_error(self._file.file.path, self.parser.CurrentLineNumber, name, str(system or ""))

    def _skipped_entity(self, name: str, _is_parameter: bool) -> None:
        raise CorpusError(
            f"{self._file.file.path} must write out every character, but line {self.parser.CurrentLineNumber}, after "
            f"{self._file.records + len(self._complete):,} rows, has the entity &{name}; which XML does not know; "
            "mend the file"
        )
