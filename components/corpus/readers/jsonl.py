"""JSON Lines: a JSON value a line, with the texts of both sides under two keys (or at two places of a list).

`translation.en` goes into an object, unless there is a key of just this name. What is found there must be a text: a
number, an object, a list or null makes the row unreadable, as does a lone surrogate (`\\ud800`), which is no character.
Of a key given twice the last one counts. An empty line holds no value: unreadable.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.rows import Rows, UnreadableRow, row_of, shown_bytes, utf8_problem
from seq2seq_tfx.components.corpus.readers.text_lines import Line, line_blocks
from seq2seq_tfx.schemas.config.corpora import Corpus

_KINDS = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}


def read_jsonl(corpus: Corpus, files: Sequence[InputFile], first: int) -> Rows:
    """Read two texts of each line of one file, or the one of a monolingual corpus.

    Args:
        corpus: Its configuration.
        files: The one file.
        first: The first row's number.

    Raises:
        CorpusError: If the file cannot be read.
    """
    (file,) = files
    columns = corpus.text_columns
    number = first
    for block in line_blocks(file):
        for line in block:
            try:
                value = parsed_line(line)
                row = row_of(number, [text_at(value, column) for column in columns])
            except ValueError as error:
                problem = f"{file.file.path}, line {number - first + 1}: {error}"
                yield UnreadableRow(number, problem, shown_bytes(line))
            else:
                yield row
            number += 1
        file.records = number - first
    return number


def parsed_line(line: Line) -> Any:
    """The JSON value of a line.

    Raises:
        ValueError: If it holds none.
    """
    if isinstance(line, bytes):
        raise ValueError(utf8_problem(line))
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"JSON is needed, but at position {error.pos + 1}: {error.msg}") from error


def text_at(value: Any, column: int | str) -> str:
    """The text in a column.

    Raises:
        ValueError: If there is none.
    """
    found = _in_list(value, column) if isinstance(column, int) else _in_object(value, column)
    if type(found) is not str:
        got = _KINDS.get(type(found), "null")
        raise ValueError(f"a text is needed in {column!r}, but there is {got}")
    return found


def _in_list(value: Any, column: int) -> Any:
    if not isinstance(value, list):
        raise ValueError(
            f"a list is needed where columns are numbers, but there is {_KINDS.get(type(value), 'a text')}"
        )
    if column >= len(value):
        raise ValueError(f"{column + 1} entries are needed, but the list has {len(value)}")
    return value[column]


def _in_object(value: Any, column: str) -> Any:
    if isinstance(value, dict) and column in value:
        return value[column]
    for key in column.split("."):
        if not isinstance(value, dict) or key not in value:
            there = ", ".join(key[:40] for key in [*value][:20]) if isinstance(value, dict) else "no object"
            raise ValueError(f"the key {column!r} is needed, but there is {there or 'no key'}")
        value = value[key]
    return value
