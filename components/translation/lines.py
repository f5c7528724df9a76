"""Reads text files line by line; what is not UTF-8 is an error. For files whose lines must all count."""

import contextlib
import gzip
import sys
import zlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from seq2seq_tfx.schemas.errors import InputError

STANDARD = "-"
"""Names standard input."""


def read_lines(paths: Sequence[str]) -> Iterator[str]:
    """The lines of several files, one after the other.

    A line ends at `\\n` only; one `\\r` before it is dropped. A last line without an end counts.

    Args:
        paths: Files, plain or .gz; `-` is standard input.

    Raises:
        InputError: If a file is missing, damaged or not UTF-8; names file, line and byte.
    """
    for path in paths:
        number = 0
        try:
            with _opened(path) as stream:
                for number, raw in enumerate(stream, start=1):
                    yield _decoded(raw.removesuffix(b"\n").removesuffix(b"\r"), path, number)
        except (EOFError, zlib.error) as error:
            raise InputError(f"{path} must be a whole gzip file, but it is damaged after line {number}") from error
        except OSError as error:
            raise InputError(f"{path} must be a readable text file, but after line {number}: {error}") from error


def _opened(path: str) -> contextlib.AbstractContextManager[BinaryIO]:
    if path == STANDARD:
        return contextlib.nullcontext(sys.stdin.buffer)
    return gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb")  # type: ignore[return-value]


def _decoded(line: bytes, path: str, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} must be UTF-8, but line {number} is not, at byte {error.start + 1} "
            f"(0x{line[error.start]:02x}); convert the file, for instance with iconv"
        ) from error
