"""What every reader yields: a row for each record of the files, in their order, readable or not.

Decided once, for all formats of lines (lines, TSV, CSV, JSON Lines):

- A line ends at `\\n` only, so that the n-th line here is the n-th line everywhere; U+2028, U+0085, a lone `\\r` and
  the like are text. One `\\r` before the `\\n`, or at the file's end, belongs to the line's end.
- What follows the last `\\n` is a line unless it is empty; any other empty line is a row.
- A UTF-8 byte order mark at a file's start is not text; a file that starts with UTF-16's is refused.
- NUL and other control characters are text: cleaning decides. What is not UTF-8, lone surrogates among it, makes a row
  unreadable.
- A record may have `LONGEST_RECORD_BYTES`; a longer one is taken for another kind of file, and refused. (Batch
  translation, which must not end for one line, passes over it: `LongLine`.)
"""

from collections.abc import Generator, Sequence
from typing import NamedTuple

LONGEST_RECORD_BYTES = 64 << 20


class LongLine(bytes):
    """The beginning of a line that has more than `LONGEST_RECORD_BYTES`; its rest was passed over."""


class Row(NamedTuple):
    """A record that could be read."""

    number: int
    """Its place in the given files, from 0."""
    source: str
    """Of a monolingual corpus: the sentence, whichever side's it is."""
    targets: tuple[str, ...]
    """Of a monolingual corpus: none."""


class UnreadableRow(NamedTuple):
    """A record that could not be read."""

    number: int
    problem: str
    """File, line and what is wrong there."""
    content: str
    """Its text, with what is not UTF-8 written as `\\xNN`."""


def row_of(number: int, texts: Sequence[str]) -> Row:
    """A row of the texts in a corpus's columns."""
    return Row(number, texts[0], tuple(texts[1:]))


Rows = Generator[Row | UnreadableRow, None, int]
"""What a format's reader is: it yields the rows of one file a side and returns the number of the next row."""


def shown_bytes(line: str | bytes) -> str:
    """A line as people read it."""
    return line if isinstance(line, str) else line.decode("utf-8", "backslashreplace")


def utf8_problem(line: bytes, what: str = "line") -> str:
    """Which byte of a line is not UTF-8, or that it is too long.

    Raises:
        ValueError: If every byte is.

    Example:
        >>> utf8_problem(b"zw\\xe9i")
        'byte 0xe9 at position 3 of the line is not UTF-8'
    """
    if isinstance(line, LongLine):
        return f"a {what} may have {LONGEST_RECORD_BYTES:,} bytes, it has more"
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return f"byte 0x{line[error.start]:02x} at position {error.start + 1} of the {what} is not UTF-8"
    raise ValueError(f"the {what} must hold a byte that is not UTF-8, but all are")
