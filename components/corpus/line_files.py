"""A text file as lines of bytes: plain or gzip, streamed, and known to be the very file that was fingerprinted."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, final

from typing_extensions import override

from seq2seq_tfx.components.corpus.settings import CorpusFile
from seq2seq_tfx.schemas.errors import CorpusError

_BUFFER_BYTES = 1 << 18


@final
class LineFile:
    """The lines of one corpus file, in order, without their ends.

    A line ends at `\\n` only (one `\\r` before it, or at the file's end, is dropped), so that the n-th line here is the
    n-th line everywhere.

    Args:
        file: Which file; a path ending in `.gz` is read as gzip.
    """

    def __init__(self, file: CorpusFile) -> None:
        self.file = file
        self.lines = 0
        """Lines read so far."""
        self._bytes: _HashedBytes | None = None

    @property
    def consumed_bytes(self) -> int:
        """How much of the file, as it lies on the disk, was read so far."""
        return self._bytes.consumed if self._bytes else 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield line by line.

        Raises:
            CorpusError: If the file cannot be read, is a damaged or cut gzip file, or is not the fingerprinted one.
        """
        path = self.file.path
        try:
            with _HashedBytes(Path(path)) as self._bytes:
                buffered = io.BufferedReader(self._bytes, _BUFFER_BYTES)  # a name, so that it stays open for the hash
                for line in _decompressed(path, buffered):
                    self.lines += 1
                    yield line.removesuffix(b"\n").removesuffix(b"\r")
                digest = self._bytes.hexdigest()
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise CorpusError(
                f"{path} must be a whole gzip file, but it is cut off or damaged after {self.lines:,} lines were read "
                f"({error}); get the file again"
            ) from error
        except OSError as error:
            raise CorpusError(f"{path} must be readable, but after {self.lines:,} lines: {error}") from error
        if digest != self.file.sha256:
            raise CorpusError(
                f"{path} must not change during a run, but its content did; run again when it is complete"
            )


def _decompressed(path: str, stream: BinaryIO) -> Iterable[bytes]:
    if not path.endswith(".gz"):
        return stream
    return io.BufferedReader(gzip.GzipFile(fileobj=stream), _BUFFER_BYTES)


@final
class _HashedBytes(io.RawIOBase):
    """A file's bytes, hashed and counted while they pass."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("rb", buffering=0)
        self._digest = hashlib.sha256()
        self.consumed = 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = self._stream.readinto(buffer) or 0
        self._digest.update(memoryview(buffer)[:count])
        self.consumed += count
        return count

    @override
    def close(self) -> None:
        self._stream.close()
        super().close()

    def hexdigest(self) -> str:
        """The sha256 of the whole file: what a reader left unread is read now."""
        while self.read(_BUFFER_BYTES):
            pass
        return self._digest.hexdigest()
