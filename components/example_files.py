"""Examples on disk: where a split's files lie, and how they are written."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, final

import tensorflow as tf
from typing_extensions import Self

SHARD_EXAMPLES: Final = 100_000
"""Examples in one file."""


def split_directory(uri: str, split: str) -> Path:
    """The folder of a split's files, where TFX looks for them."""
    return Path(uri) / f"Split-{split}"


def example_files(uri: str, split: str) -> list[str]:
    """The files of a split, in order.

    Raises:
        FileNotFoundError: If there are none.
    """
    directory = split_directory(uri, split)
    files = sorted(str(path) for path in directory.glob("data_tfrecord-*.gz"))
    if not files:
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
        self._writer: tf.io.TFRecordWriter | None = None
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
            tf.errors.OpError: If the disk is full.
        """
        if self.written % SHARD_EXAMPLES == 0:
            if self._writer is not None:
                self._writer.close()
            name = f".part-{self._part:05d}-{self.written // SHARD_EXAMPLES:05d}"
            self._writer = tf.io.TFRecordWriter(str(self._directory / name), "GZIP")
        self._writer.write(example)  # type: ignore[union-attr]
        self.written += 1


def clear_shards(directory: Path) -> None:
    """Remove what an earlier attempt left in a split's folder."""
    for path in (*directory.glob(".part-*"), *directory.glob("data_tfrecord-*")):
        path.unlink()


def number_shards(directory: Path) -> None:
    """Give the files of all parts, in order, the names that TFX's stages look for."""
    parts = sorted(directory.glob(".part-*"))
    for number, path in enumerate(parts):
        path.rename(directory / f"data_tfrecord-{number:05d}-of-{len(parts):05d}.gz")


def bytes_example(features: Mapping[str, Sequence[bytes]]) -> bytes:
    """A `tf.train.Example` of byte features, serialised: the same bytes for the same features.

    Written out by hand because building the protocol buffer takes most of the time of ingestion; a test holds it to
    `tf.train.Example(...).SerializeToString(deterministic=True)`.

    Example:
        >>> features = tf.train.Example.FromString(bytes_example({"source": [b"a dog"]})).features
        >>> features.feature["source"].bytes_list.value
        [b'a dog']
    """
    entries = b"".join([_entry(name, features[name]) for name in sorted(features)])
    return _header(len(entries)) + entries


def _entry(name: str, values: Sequence[bytes]) -> bytes:
    """One entry of the map from feature names to features."""
    listed = b"".join([_header(len(value)) + value for value in values])
    feature = _header(len(listed)) + listed
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
