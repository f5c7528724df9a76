"""Compressed bytes to plain ones, known by the file's suffix and held to its first bytes."""

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, final

import zstandard

from seq2seq_tfx.schemas.config.formats import COMPRESSED_SUFFIXES

_PIECE_BYTES: Final = 1 << 18
_MAGIC_BYTES: Final = 10
_ZSTANDARD_STEP_BYTES: Final = 256


class DamagedError(Exception):
    """A compressed file is cut off or damaged."""


class MisnamedError(Exception):
    """A file is not compressed as its name says."""


@dataclass(frozen=True)
class Compression:
    """One way to compress."""

    name: str
    magic: re.Pattern[bytes]
    """How every such file begins."""
    engine: Callable[[], Any]
    """Makes a decompressor of one member, with `decompress`, `eof` and `unused_data`."""
    feed: Callable[[Any, bytes], Iterator[bytes]]
    """Gives an engine some bytes and yields what comes out, a bounded piece at a time, until its member ends."""


def _feed_zlib(engine: Any, chunk: bytes) -> Iterator[bytes]:
    while chunk and not engine.eof:
        yield engine.decompress(chunk, _PIECE_BYTES)
        chunk = engine.unconsumed_tail


def _feed_bounded(engine: Any, chunk: bytes) -> Iterator[bytes]:
    yield engine.decompress(chunk, _PIECE_BYTES)
    while not engine.eof and not engine.needs_input:
        yield engine.decompress(b"", _PIECE_BYTES)


@final
class _Zstandard:
    """A frame's decompressor. Its output cannot be bounded, so it is fed so little that zeros alone give 8 MiB."""

    def __init__(self) -> None:
        self._engine = zstandard.ZstdDecompressor().decompressobj()
        self._unfed = b""

    @property
    def eof(self) -> bool:
        return bool(self._engine.eof)

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data + self._unfed

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        for at in range(0, len(chunk), _ZSTANDARD_STEP_BYTES):
            end = at + _ZSTANDARD_STEP_BYTES
            yield self._engine.decompress(chunk[at:end])
            if self._engine.eof:
                self._unfed = chunk[end:]
                return


COMPRESSIONS: Final = dict(
    zip(
        COMPRESSED_SUFFIXES,
        (
            Compression("gzip", re.compile(rb"\x1f\x8b\x08"), lambda: zlib.decompressobj(wbits=31), _feed_zlib),
            Compression("bzip2", re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), bz2.BZ2Decompressor, _feed_bounded),
            Compression(
                "xz", re.compile(rb"\xfd7zXZ\x00"), lambda: lzma.LZMADecompressor(format=lzma.FORMAT_XZ), _feed_bounded
            ),
            Compression(
                "zstandard", re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), _Zstandard, _Zstandard.feed
            ),
        ),
        strict=True,
    )
)
"""Suffix to compression."""


def compression_of(path: str) -> Compression | None:
    """The compression that a file's name claims; None if it claims none."""
    return next((each for suffix, each in COMPRESSIONS.items() if path.endswith(suffix)), None)


def name_problem(path: str, start: bytes) -> str | None:
    """What is wrong between a file's name and its first bytes; None if they agree.

    Args:
        path: The file's name.
        start: At least its first 10 bytes, or all of them.
    """
    claimed = compression_of(path)
    for suffix, each in COMPRESSIONS.items():
        if each is not claimed and each.magic.match(start):
            return f"begins like a {each.name} file; give it a name that ends in {suffix}"
    if claimed is not None and not claimed.magic.match(start):
        return f"does not begin like a {claimed.name} file; compress it, or give it a name without that ending"
    return None


def plain_pieces(path: str, read: Callable[[int], bytes]) -> Iterator[bytes]:
    """The decompressed bytes of a file, in pieces of about 256 KiB.

    Args:
        path: Its name, which says how it is compressed.
        read: Gives the file's next bytes, none at its end.

    Raises:
        MisnamedError: If the name does not fit the first bytes.
        DamagedError: If the file is cut off or damaged; what stands before the damage was yielded.
    """
    compression = compression_of(path)
    start = b""
    while len(start) < _MAGIC_BYTES and (more := read(_PIECE_BYTES)):
        start += more
    problem = name_problem(path, start)
    if problem is not None:
        raise MisnamedError(problem)
    if compression is None:
        while start:
            yield start
            start = read(_PIECE_BYTES)
    else:
        yield from _gathered(_decompressed(compression, start, read))


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces together, so that what follows works on large ones; all of them before an error."""
    parts: list[bytes] = []
    size = 0
    damage: DamagedError | None = None
    try:
        for piece in pieces:
            parts.append(piece)
            size += len(piece)
            if size >= _PIECE_BYTES:
                yield b"".join(parts)
                parts, size = [], 0
    except DamagedError as error:
        damage = error
    if parts:
        yield b"".join(parts)
    if damage is not None:
        raise damage


def _decompressed(compression: Compression, start: bytes, read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Member after member; zeros after the last one are padding."""
    engine, chunk = compression.engine(), start
    while chunk:
        while chunk:
            if engine.eof:
                chunk = chunk.lstrip(b"\0")
                if not chunk:
                    break
                engine = compression.engine()
            try:
                yield from filter(None, compression.feed(engine, chunk))
            except (zlib.error, lzma.LZMAError, OSError, EOFError, zstandard.ZstdError) as error:
                raise DamagedError(str(error)) from error
            chunk = engine.unused_data if engine.eof else b""
        chunk = read(_PIECE_BYTES)
    if not engine.eof:
        raise DamagedError("it ends too early")
