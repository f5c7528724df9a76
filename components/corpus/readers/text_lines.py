"""A file's lines as text, block by block: a block is decoded and split at once, many times faster than line by line."""

import codecs
from collections.abc import Iterator

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.rows import LONGEST_RECORD_BYTES
from seq2seq_tfx.schemas.errors import CorpusError

Line = str | bytes
"""Bytes where they are not UTF-8."""


def line_blocks(file: InputFile, *, keep_carriage_returns: bool = False) -> Iterator[list[Line]]:
    """Yield the lines of a file, some thousand at once, without their ends.

    Args:
        file: What to read.
        keep_carriage_returns: Whether a `\\r` before a line's end is left there.

    Raises:
        CorpusError: If the file cannot be read, or is no text file.
    """
    first = True
    for block in _whole_lines(file):
        if first:
            block = _without_mark(block, file)
            first = False
        yield _decoded(block, keep_carriage_returns)


def _whole_lines(file: InputFile) -> Iterator[bytes]:
    """Blocks of lines, the last line's end taken off."""
    parts: list[bytes] = []
    size = 0
    for piece in file.pieces():
        end = piece.rfind(b"\n")
        if end >= 0:
            yield b"".join((*parts, piece[:end]))
            parts, size = [], 0
            piece = piece[end + 1 :]
        parts.append(piece)
        size += len(piece)
        if size > LONGEST_RECORD_BYTES:
            raise CorpusError(
                f"{file.file.path} must have lines of at most {LONGEST_RECORD_BYTES:,} bytes, but one is longer; is "
                "it a file of another format? Name it by `format`"
            )
    rest = b"".join(parts)
    if rest:
        yield rest


def _without_mark(block: bytes, file: InputFile) -> bytes:
    if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise CorpusError(f"{file.file.path} must be UTF-8, but it starts like UTF-16; save it as UTF-8")
    return block.removeprefix(codecs.BOM_UTF8)


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
