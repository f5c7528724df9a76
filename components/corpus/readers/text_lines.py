"""A file's lines as text, block by block: a block is decoded and split at once, many times faster than line by line."""

import codecs
from collections.abc import Iterator

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.rows import LONGEST_RECORD_BYTES, LongLine
from seq2seq_tfx.schemas.errors import CorpusError

Line = str | bytes
"""Bytes where they are not UTF-8."""
_SHOWN_BYTES = 1024
"""What is kept of a line that is too long."""


def line_blocks(
    file: InputFile, *, keep_carriage_returns: bool = False, pass_over_long: bool = False
) -> Iterator[list[Line]]:
    """Yield the lines of a file, some thousand at once, without their ends.

    Args:
        file: What to read.
        keep_carriage_returns: Whether a `\\r` before a line's end is left there.
        pass_over_long: Whether a line that is too long is yielded as a `LongLine`; else it is refused.

    Raises:
        CorpusError: If the file cannot be read, or is no text file.
    """
    first = True
    for block in _whole_lines(file, pass_over_long):
        if first:
            block = _without_mark(block, file)
            first = False
        yield [block] if isinstance(block, LongLine) else _decoded(block, keep_carriage_returns)


def _whole_lines(file: InputFile, pass_over_long: bool) -> Iterator[bytes]:
    """Blocks of lines, the last line's end taken off; a line that is too long is a block."""
    parts: list[bytes] = []
    size = 0
    for piece in file.pieces():
        end = piece.rfind(b"\n")
        if end >= 0 and size > LONGEST_RECORD_BYTES:
            yield LongLine(parts[0])
            first = piece.find(b"\n")
            if first < end:
                yield piece[first + 1 : end]
            parts, size = [], 0
        elif end >= 0:
            yield b"".join((*parts, piece[:end]))
            parts, size = [], 0
        piece = piece[end + 1 :]
        size += len(piece)
        if size <= LONGEST_RECORD_BYTES:
            parts.append(piece)
        elif pass_over_long:
            parts = [b"".join((*parts, piece))[:_SHOWN_BYTES]]
        else:
            raise CorpusError(
                f"{file.file.path} must have lines of at most {LONGEST_RECORD_BYTES:,} bytes, but one is longer; is "
                "it a file of another format? Name it by `format`"
            )
    if size > LONGEST_RECORD_BYTES:
        yield LongLine(parts[0])
    elif size:
        yield b"".join(parts)


def _without_mark(block: bytes, file: InputFile) -> bytes:
    if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise CorpusError(f"{file.file.path} must be UTF-8, but it starts like UTF-16; save it as UTF-8")
    return block if isinstance(block, LongLine) else block.removeprefix(codecs.BOM_UTF8)


def _decoded(block: bytes, keep_carriage_returns: bool) -> list[Line]:
    try:
        text = block.decode()
    except UnicodeDecodeError:
        return [_decoded_line(line, keep_carriage_returns) for line in block.split(b"\n")]
    if not keep_carriage_returns and "\r" in text:
        text = text.replace("\r\n", "\n").removesuffix("\r")
    return text.split("\n")  # type: ignore[return-value]  # a list of str, never written to


def _decoded_line(line: bytes, keep_carriage_returns: bool) -> Line:
    if not keep_carriage_returns:
        line = line.removesuffix(b"\r")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line
