"""Corpus formats as the configuration names them: suffixes, which keys fit which format, patterns in file names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Format = Literal["lines", "tsv", "csv", "tmx", "jsonl", "parquet", "sgm"]
Layout = Literal["sides", "path", "monolingual"]

COMPRESSED_SUFFIXES: Final = (".gz", ".bz2", ".xz", ".zst")
"""gzip, bzip2, xz, zstandard; a name with one of them has the format's suffix before it."""


@dataclass(frozen=True)
class FormatKeys:
    """What one format needs from an entry of `corpora`."""

    suffixes: tuple[str, ...]
    """Of file names whose format is `auto`; the empty one stands for a name without a suffix."""
    layouts: frozenset[Layout]
    """`sides`: source and target are files of their own; `path`: one file holds both; `monolingual`: one holds one."""
    columns: frozenset[type] = frozenset()
    """What `columns` may hold: numbers, names, or nothing at all."""
    needs_columns: bool = False
    """Whether the columns must be given."""


_PATH: Final[frozenset[Layout]] = frozenset({"path", "monolingual"})
_COLUMNS: Final[frozenset[type]] = frozenset({int, str})
FORMATS: Final[dict[Format, FormatKeys]] = {
    "lines": FormatKeys((), frozenset({"sides", "monolingual"})),
    "tsv": FormatKeys((".tsv", ".tab", ".txt", ""), _PATH, _COLUMNS),
    "csv": FormatKeys((".csv",), _PATH, _COLUMNS),
    "tmx": FormatKeys((".tmx",), _PATH, frozenset({str})),
    "jsonl": FormatKeys((".jsonl", ".ndjson"), _PATH, _COLUMNS, needs_columns=True),
    "parquet": FormatKeys((".parquet",), _PATH, _COLUMNS),
    "sgm": FormatKeys((".sgm", ".sgml", ".xml"), frozenset({"sides", "path"})),
}
_PLAIN_TEXT: Final = (".txt", "")
"""Suffixes that stand for a sentence a line where a file holds one side."""

SPAN: Final = re.compile(r"\{(?P<kind>SPAN|VERSION)(?::(?P<digits>[1-9]\d?))?\}")
"""`{SPAN}`, `{VERSION}`, or with the number of digits, as in `{SPAN:4}`."""
_GLOB: Final = re.compile(r"[*?[]")
_REMOTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def is_remote(name: str) -> bool:
    """Whether a file lies in a file system of Beam's.

    Example:
        >>> is_remote("gs://bucket/train.tsv.gz")
        True
    """
    return _REMOTE.match(name) is not None


def is_pattern(name: str) -> bool:
    """Whether a name may stand for several files, or for the newest of several.

    Example:
        >>> is_pattern("news-*.tsv"), is_pattern("span-{SPAN}/train.tsv"), is_pattern("train.tsv")
        (True, True, False)
    """
    return _GLOB.search(name) is not None or SPAN.search(name) is not None


def plain_name(name: str) -> str:
    """A file's name without the suffix of its compression.

    Example:
        >>> plain_name("data/train.tsv.gz")
        'data/train.tsv'
    """
    return next((name.removesuffix(suffix) for suffix in COMPRESSED_SUFFIXES if name.endswith(suffix)), name)


def layout_of(kind: str, *, one_file: bool) -> Layout:
    """How the files of a corpus of this kind hold its texts."""
    if kind == "monolingual":
        return "monolingual"
    return "path" if one_file else "sides"


def format_of(given: str, names: Sequence[str], layout: Layout) -> Format | None:
    """The format of a corpus; None where it is `auto` and the file's suffix is not known.

    Args:
        given: The setting.
        names: Its files as the configuration names them, the source first.
        layout: How they hold its texts.

    Example:
        >>> format_of("auto", ["news-*.csv.xz"], "path"), format_of("auto", ["news.txt"], "monolingual")
        ('csv', 'lines')
    """
    if given != "auto":
        return next((name for name in FORMATS if name == given), None)
    suffix = _suffix(names[0])
    if layout == "sides":
        return "sgm" if suffix in FORMATS["sgm"].suffixes else "lines"
    if layout == "monolingual" and suffix in _PLAIN_TEXT:
        return "lines"
    other: Format | None = "lines" if layout == "monolingual" else None
    return next((name for name, keys in FORMATS.items() if suffix in keys.suffixes), other)


def _suffix(name: str) -> str:
    _, dot, ending = plain_name(name).rpartition("/")[2].rpartition(".")
    return f".{ending.rstrip('*').lower()}" if dot else ""  # `news.tsv*` stands for news.tsv and news.tsv.gz


def known_suffixes() -> tuple[str, ...]:
    """Every suffix of a file that holds both sides."""
    return tuple(suffix for keys in FORMATS.values() for suffix in keys.suffixes if suffix)


def span_problem(name: str) -> str | None:
    """What is wrong with the `{SPAN}` and `{VERSION}` of a name; None if nothing is."""
    kinds = [match["kind"] for match in SPAN.finditer(name)]
    if len(set(kinds)) != len(kinds):
        return f"must hold {{SPAN}} and {{VERSION}} once each, got {name!r}; leave the second one out"
    if "VERSION" in kinds and "SPAN" not in kinds:
        return f"must hold {{SPAN}} where it holds {{VERSION}}, got {name!r}; name the span's place too"
    return None


def given_names(entry: dict[str, Any]) -> list[str]:
    """The files that an entry of `corpora` names, the source first, or the one that holds both sides."""
    target = entry.get("target")
    sides = [entry.get("path"), entry.get("source"), *(target if isinstance(target, list) else [target])]
    return [name for name in sides if isinstance(name, str)]
