"""One corpus file as a stream of plain bytes, known to be the very file that was fingerprinted."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, final

from seq2seq_tfx.components.corpus.readers.compression import DamagedError, MisnamedError, compression_of, plain_pieces
from seq2seq_tfx.components.corpus.readers.opening import open_bytes
from seq2seq_tfx.components.corpus.settings import CorpusFile
from seq2seq_tfx.schemas.errors import CorpusError

_BUFFER_BYTES = 1 << 18


@final
class InputFile:
    """What a reader reads of one corpus file.

    Args:
        file: Which file; its suffix says how it is compressed.
    """

    def __init__(self, file: CorpusFile) -> None:
        self.file = file
        self.records = 0
        """Records read so far; counted by the format's reader, for messages."""
        self.consumed_bytes = 0
        """How much of the file, as it lies on the disk, was read so far."""

    def pieces(self) -> Iterator[bytes]:
        """Yield its decompressed bytes.

        Raises:
            CorpusError: If the file cannot be read, is damaged or cut off, or is not the fingerprinted one.
        """
        path = self.file.path
        digest = hashlib.sha256()
        with self._named_errors(), open_bytes(path) as stream:

            def read(size: int) -> bytes:
                chunk = stream.read(size) or b""
                digest.update(chunk)
                self.consumed_bytes += len(chunk)
                return chunk

            try:
                yield from plain_pieces(path, read)
            except DamagedError as error:
                raise self._damaged(error) from error
            except MisnamedError as error:
                raise CorpusError(f"{path} must be stored as its name says, but it {error}") from error
            while read(_BUFFER_BYTES):  # what a reader left unread
                pass
        self._refuse_changed(digest.hexdigest())

    @contextmanager
    def seekable(self) -> Iterator[BinaryIO]:
        """Open it for a reader that goes to and fro; it is hashed by itself once the reader is done.

        Raises:
            CorpusError: If the file cannot be read, or is not the fingerprinted one.
        """
        with self._named_errors(), open_bytes(self.file.path) as stream:
            buffered = stream if not isinstance(stream, io.RawIOBase) else io.BufferedReader(stream, _BUFFER_BYTES)
            yield buffered
            digest = hashlib.sha256()
            buffered.seek(0)
            while chunk := buffered.read(_BUFFER_BYTES):
                digest.update(chunk)
        self._refuse_changed(digest.hexdigest())

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CorpusError(
                f"{self.file.path} must be readable, but after {self.records:,} rows were read: {error}"
            ) from error

    def _damaged(self, error: DamagedError) -> CorpusError:
        compression = compression_of(self.file.path)
        kind = compression.name if compression else "plain"
        return CorpusError(
            f"{self.file.path} must be a whole {kind} file, but it is cut off or damaged after {self.records:,} rows "
            f"were read ({error}); get the file again"
        )

    def _refuse_changed(self, digest: str) -> None:
        if digest != self.file.sha256:
            raise CorpusError(
                f"{self.file.path} must not change during a run, but its content did; run again when it is complete"
            )
