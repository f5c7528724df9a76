"""What TMX and SGM have in common."""

import re
from typing import Final

from seq2seq_tfx.schemas.errors import CorpusError

_LINE_BREAK: Final = re.compile(r"[ \t\r\n]*\n[ \t\r\n]*")


def one_line(text: str) -> str:
    """A segment's text without the file's layout: line breaks, with the blanks beside them, are one space.

    They go at the segment's ends. A text in one line is kept as given, blanks at its ends too.

    Example:
        >>> one_line("\\n   a dog\\n   barks \\n"), one_line(" a  dog ")
        ('a dog barks', ' a  dog ')
    """
    if "\n" not in text:
        return text
    return _LINE_BREAK.sub("\n", text).strip("\n").replace("\n", " ")


def entity_error(path: str, line_number: int, name: str, system: str = "") -> CorpusError:
    """The refusal of a file that declares an entity."""
    what = f"the external entity {name!r} ({system})" if system else f"the entity {name!r}"
    return CorpusError(
        f"{path} must not declare entities, which can fill the memory or open other files, but line {line_number} "
        f"declares {what}; write the text out in its place, or do not use a file that you do not trust"
    )
