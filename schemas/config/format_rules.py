"""What must hold between a corpus's format and its other keys, looked at as given."""

from collections.abc import Iterator
from typing import Any

from seq2seq_tfx.schemas.config.describing import listed
from seq2seq_tfx.schemas.config.document import KeyPath
from seq2seq_tfx.schemas.config.formats import (
    FORMATS,
    Format,
    format_of,
    given_names,
    known_suffixes,
    layout_of,
    plain_name,
    span_problem,
)
from seq2seq_tfx.schemas.features import SIDES

Finding = tuple[KeyPath, str]


def name_languages(values: dict[str, Any]) -> None:
    """Give the TMX corpora without `columns`, or `column`, the pipeline's languages, in place."""
    languages, corpora = values.get("languages"), values.get("corpora")
    if not isinstance(languages, dict) or not isinstance(corpora, list):
        return
    codes = {side: languages.get(side) for side in SIDES}
    for entry in corpora:
        if not isinstance(entry, dict) or not isinstance(entry.get("path"), str) or _chosen(entry) != "tmx":
            continue
        key = "column" if _monolingual(entry) else "columns"
        wanted = [codes.get(str(side)) for side in ((entry.get("side"),) if key == "column" else SIDES)]
        if entry.get(key) is None and all(isinstance(code, str) for code in wanted):
            entry[key] = wanted[0] if key == "column" else wanted


def format_findings(here: KeyPath, entry: dict[str, Any]) -> Iterator[Finding]:
    """What is wrong with the format, the columns and the patterns of an entry of `corpora`.

    Args:
        here: Where the entry stands.
        entry: Its keys and values as given.
    """
    yield from _spans(here, entry)
    given = entry.get("format", "auto")
    if not given_names(entry) or not isinstance(given, str) or given not in ("auto", *FORMATS):
        return  # what is wrong there has its own message
    one_file, chosen = isinstance(entry.get("path"), str), _chosen(entry)
    if _monolingual(entry):
        yield from _monolingual_format(here, entry, chosen)
        return
    if chosen is None:
        known = listed(known_suffixes(), "or")
        yield (
            (*here, "path"),
            f"must end in {known} where format is auto, got {entry['path']!r}; give the format too",
        )
        return
    layouts = FORMATS[chosen].layouts
    if one_file and "path" not in layouts:
        yield (*here, "format"), f"must be another one with path, got {chosen}; name a file a side by source and target"
    elif not one_file and "sides" not in layouts:
        yield (*here, "format"), f"must be lines or sgm with source and target, got {chosen}; name one file by path"
    elif one_file:
        yield from _storage(here, entry, chosen)
        yield from _columns(here, entry, chosen)


def _chosen(entry: dict[str, Any]) -> Format | None:
    given = entry.get("format") or "auto"
    layout = layout_of(str(entry.get("kind")), one_file=isinstance(entry.get("path"), str))
    return format_of(str(given), given_names(entry), layout)


def _monolingual(entry: dict[str, Any]) -> bool:
    return bool(entry.get("kind") == "monolingual")


def _monolingual_format(here: KeyPath, entry: dict[str, Any], chosen: Format | None) -> Iterator[Finding]:
    """What is wrong with format and column of the one file."""
    if chosen is None or not isinstance(entry.get("path"), str):
        return  # what is wrong there has its own message
    place, keys, column = (*here, "column"), FORMATS[chosen], entry.get("column")
    if "monolingual" not in keys.layouts:
        possible = listed((name for name, each in FORMATS.items() if "monolingual" in each.layouts), "or")
        yield (*here, "format"), f"must be {possible} where kind is monolingual, got {chosen}; write a sentence a line"
        return
    yield from _storage(here, entry, chosen)
    if column is None and keys.needs_columns:
        sentence = f"must have column where the format is {chosen} (the key of the sentences), got none; add it, as in "
        yield here, f"{sentence}column: text"
    elif type(column) in (int, str) and not keys.columns:
        yield place, f"must be left out where the format is {chosen}, got {column!r}; leave it out"
    elif type(column) is int and int not in keys.columns:
        yield place, f"must be a language code where the format is {chosen}, got {column}; leave it out"


def _spans(here: KeyPath, entry: dict[str, Any]) -> Iterator[Finding]:
    for key in ("source", "target", "path"):
        names = entry.get(key)
        for name in names if isinstance(names, list) else [names]:
            problem = span_problem(name) if isinstance(name, str) else None
            if problem is not None:
                yield (*here, key), problem


def _storage(here: KeyPath, entry: dict[str, Any], chosen: Format) -> Iterator[Finding]:
    if chosen == "parquet" and plain_name(entry["path"]) != entry["path"]:
        yield (
            (*here, "path"),
            f"must be a Parquet file as it is, which compresses by itself, got {entry['path']!r}; decompress it",
        )


def _columns(here: KeyPath, entry: dict[str, Any], chosen: Format) -> Iterator[Finding]:
    place, keys, columns = (*here, "columns"), FORMATS[chosen], entry.get("columns")
    if columns is None:
        if keys.needs_columns:
            yield (
                here,
                f"must have columns where the format is {chosen} (the keys of source and target), got none; add them, "
                "as in columns: [source, target]",
            )
        return
    kinds = {type(column) for column in columns} if isinstance(columns, list) else set()
    if not kinds or not kinds <= {int, str}:
        return  # what is wrong there has its own message
    if not keys.columns:
        yield place, f"must be left out where the format is {chosen}, got them; leave them out"
    elif len(kinds) > 1:
        yield place, f"must be two numbers or two names, got {columns[0]!r} and {columns[-1]!r}; write both alike"
    elif not kinds <= keys.columns:
        yield place, f"must be two language codes where the format is {chosen}, got numbers; leave them out"
