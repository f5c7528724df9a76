"""Which columns of a file are the source and the target, as far as their names tell."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from seq2seq_tfx.components.corpus.readers.compression import DamagedError, MisnamedError, plain_pieces
from seq2seq_tfx.schemas.config.formats import Format

_NAMES: Final = (("source", "target"), ("src", "tgt"), ("src", "trg"), ("source_text", "target_text"))
"""What columns are often called, besides the language codes."""
_QUOTED: Final = re.compile(r'\s*"?(.*?)"?\s*')


def guess_columns(path: Path, kind: Format, languages: tuple[str, str]) -> tuple[str, str] | None:
    """The names of the two columns, if the file names its columns and two of them can be told.

    Args:
        path: A file that is there.
        kind: Its format.
        languages: Codes of source and target.
    """
    try:
        names = set(_column_names(path, kind))
    except (OSError, ValueError, DamagedError, MisnamedError):
        return None  # reading it says what is wrong
    source, target = languages
    candidates = (languages, (f"translation.{source}", f"translation.{target}"), *_NAMES)
    return next((pair for pair in candidates if names.issuperset(pair)), None)


def _column_names(path: Path, kind: Format) -> Iterable[str]:
    if kind == "parquet":
        import pyarrow.parquet  # only here: it takes a while

        return [field.path for field in pyarrow.parquet.ParquetFile(path).schema]
    if kind == "jsonl":
        return _keys(orjson.loads(_first_line(path)))
    separator = {"tsv": "\t", "csv": ","}.get(kind)
    if separator is None:
        return ()
    matches = (_QUOTED.fullmatch(name) for name in _first_line(path).split(separator))
    return [match[1] for match in matches if match is not None]


def _keys(value: Any, prefix: str = "") -> Iterator[str]:
    """The keys of an object, and of the objects right in it."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield f"{prefix}{key}"
        if not prefix:
            yield from _keys(inner, f"{key}.")


def _first_line(path: Path) -> str:
    with path.open("rb") as stream:
        start = b"".join(islice(plain_pieces(str(path), stream.read), 1))
    return start.partition(b"\n")[0].decode("utf-8-sig")
