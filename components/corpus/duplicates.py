"""Exact duplicates over all corpora, with bounded memory: the digests seen stand in a file."""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import final

from typing_extensions import Self

from seq2seq_tfx.schemas.records import KEY_BYTES

_CACHE_KIB = 64 * 1024


@final
class SeenPairs:
    """Remembers pairs by 16-byte digests in a temporary SQLite file.

    Memory is 64 MiB whatever the number of pairs; the file takes about 30 bytes a pair.

    Args:
        path: The file, made new and removed at the end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        for setting in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}", "locking_mode=EXCLUSIVE"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._path.unlink(missing_ok=True)

    def add(self, group: str, sides: Sequence[str]) -> bool:
        """Remember a pair.

        Args:
            group: Pairs of different groups are never duplicates of each other.
            sides: Its texts, compared character by character.

        Returns:
            Whether it is new.
        """
        digest = hashlib.blake2b("\n".join((group, *sides)).encode(), digest_size=KEY_BYTES).digest()
        return self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,)).rowcount == 1
