"""Compresses pieces of a file so that they can simply be joined; equal bytes give equal bytes, every time."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from typing import Final

import zstandard

PACKERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "": bytes,
    ".gz": lambda data: gzip.compress(data, compresslevel=6, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
}
"""Suffix to compression; members of all of these may follow each other in a file."""


def pack(data: bytes, suffix: str) -> bytes:
    """One compressed member.

    Args:
        data: Plain bytes; without one nothing is written.
        suffix: A key of `PACKERS`.

    Example:
        >>> pack(b"", ".gz"), pack(b"a", "")
        (b'', b'a')
    """
    return PACKERS[suffix](data) if data else b""
