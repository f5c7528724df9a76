"""Examples on disk: where a split's files lie, and how they are written."""

import functools
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, final

import google_crc32c
from typing_extensions import Self

SHARD_EXAMPLES: Final = 100_000
"""Examples in one file."""
GZIP_LEVEL: Final = 3
"""Of 1 to 9: beyond it each byte saved costs more time than writing it."""

_GZIP_FORMAT: Final = 31  # zlib's window of 15 bits, with gzip's header and checksum
_RECORDS_AT_ONCE: Final = 4096
_FLOAT_LIST, _INT64_LIST = b"\x12", b"\x1a"


def split_directory(uri: str, split: str) -> Path:
    """The folder of a split's files, where TFX looks for them."""
    return Path(uri) / f"Split-{split}"


def split_files(uri: str, split: str) -> list[str]:
    """The files of a split, whichever stage wrote them, in order; none of one without examples."""
    return sorted(str(path) for path in split_directory(uri, split).glob("*-of-*.gz"))


def example_files(uri: str, split: str) -> list[str]:
    """The files of a split, in order.

    Raises:
        FileNotFoundError: If there are none.
    """
    files = split_files(uri, split)
    if not files:
        directory = split_directory(uri, split)
        raise FileNotFoundError(f"{directory} must hold data_tfrecord-*.gz files, but holds none")
    return files


@final
class ExampleShards:
    """Writes serialised examples of one part of a split, in order, a new file every `SHARD_EXAMPLES`.

    The files get their final names by `number_shards`, when all parts of the split are there.

    Args:
        directory: The split's folder.
        part: Order of this part among those of the split, from 0.
    """

    def __init__(self, directory: Path, part: int) -> None:
        self._directory, self._part = directory, part
        self._writer: _RecordFile | None = None
        self.written = 0
        directory.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, example: bytes) -> None:
        """Append one serialised example.

        Raises:
            OSError: If the disk is full.
        """
        if self.written % SHARD_EXAMPLES == 0:
            if self._writer is not None:
                self._writer.close()
            name = f".part-{self._part:07d}-{self.written // SHARD_EXAMPLES:05d}"
            self._writer = _RecordFile(self._directory / name)
        self._writer.write(example)  # type: ignore[union-attr]
        self.written += 1


@final
class _RecordFile:
    """A gzip file of TFRecords, written without TensorFlow (whose import takes seconds in every worker).

    No name and no time stand in its header: equal examples make equal files.
    """

    def __init__(self, path: Path) -> None:
        self._stream = path.open("wb")
        self._gzip = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)
        self._waiting: list[bytes] = []

    def write(self, record: bytes) -> None:
        size = len(record).to_bytes(8, "little")
        self._waiting += (size, _masked_crc(size), record, _masked_crc(record))
        if len(self._waiting) >= _RECORDS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        self._stream.write(self._gzip.compress(b"".join(self._waiting)))
        self._waiting.clear()

    def close(self) -> None:
        with self._stream:
            self._flush()
            self._stream.write(self._gzip.flush())


def _masked_crc(content: bytes) -> bytes:
    """The checksum of TFRecords: CRC-32C, turned and shifted so that a checksum of checksums is no fixed point."""
    crc = google_crc32c.value(content)
    return ((((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF).to_bytes(4, "little")


def clear_shards(directory: Path) -> None:
    """Remove what an earlier attempt left in a split's folder."""
    for path in (*directory.glob(".part-*"), *directory.glob("data_tfrecord-*")):
        path.unlink()


def number_shards(directory: Path) -> None:
    """Give the files of all parts, in order, the names that TFX's stages look for."""
    parts = sorted(directory.glob(".part-*"))
    for number, path in enumerate(parts):
        path.rename(directory / f"data_tfrecord-{number:05d}-of-{len(parts):05d}.gz")


def serialised_example(features: Mapping[str, Sequence[bytes] | Sequence[int] | Sequence[float]]) -> bytes:
    """A `tf.train.Example`, serialised: the same bytes for the same features.

    Written out by hand because building the protocol buffer takes most of the time of ingestion; a test holds it to
    `tf.train.Example(...).SerializeToString(deterministic=True)`.

    Args:
        features: Name to values: all bytes, all whole numbers from 0, or all floats.

    Example:
        >>> serialised_example({"n": [5]}).hex(" ")
        '0a 0c 0a 0a 0a 01 6e 12 05 1a 03 0a 01 05'
    """
    entries = b"".join([_entry(name, features[name]) for name in sorted(features)])
    return _header(len(entries)) + entries


def _entry(name: str, values: Sequence[bytes] | Sequence[int] | Sequence[float]) -> bytes:
    """One entry of the map from feature names to features."""
    first = values[0] if values else b""
    if isinstance(first, bytes):
        listed = b"".join([_header(len(value)) + value for value in values])  # type: ignore[arg-type,operator]
        return _wrapped(name, _header(len(listed)) + listed)
    if isinstance(first, int):
        return _whole_numbers(name, tuple(values))
    return _floats_before(name, len(values)) + struct.pack(f"<{len(values)}f", *values)


@functools.lru_cache(maxsize=1 << 14)
def _whole_numbers(name: str, values: tuple[int, ...]) -> bytes:
    """An entry of whole numbers: lengths come again and again."""
    packed = b"".join([_varint(number) for number in values])
    listed = _header(len(packed)) + packed
    return _wrapped(name, _INT64_LIST + _varint(len(listed)) + listed)


@functools.cache
def _floats_before(name: str, count: int) -> bytes:
    """What stands before the values of an entry of so many floats: always the same."""
    packed = bytes(4 * count)
    listed = _header(len(packed)) + packed
    return _wrapped(name, _FLOAT_LIST + _varint(len(listed)) + listed)[: -len(packed)]


def _wrapped(name: str, feature: bytes) -> bytes:
    entry = _named(name) + _varint(len(feature)) + feature
    return _header(len(entry)) + entry


@functools.cache
def _named(name: str) -> bytes:
    """An entry's key, and the tag of its value."""
    encoded = name.encode()
    return _header(len(encoded)) + encoded + b"\x12"


def _header(size: int) -> bytes:
    """Tag and length of field 1, length-delimited: every field here but a map entry's value is one."""
    return _HEADERS[size] if size < len(_HEADERS) else b"\n" + _varint(size)


def _varint(number: int) -> bytes:
    if number < 0x80:
        return bytes((number,))
    return bytes((number & 0x7F | 0x80,)) + _varint(number >> 7)


_HEADERS: Final = tuple(b"\n" + _varint(size) for size in range(1 << 12))
