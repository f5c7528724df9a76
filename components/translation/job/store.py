"""Translations that jobs share: one SQLite file of a user's, of bounded size, safe between processes.

A translation is found again by what made it (model, engine, compute type, versions, instruction set) and by the
sentence's digest. What was not asked for the longest goes first when the file grows too large.
"""

import hashlib
import logging
import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, final

from seq2seq_tfx.components.translation.engine import Translation
from seq2seq_tfx.components.translation.job.remembering import packed, unpacked

logger = logging.getLogger(__name__)

DEFAULT_LIMIT_BYTES: Final = 1 << 30
_VARIABLES: Final = 900
_ROW_BYTES: Final = 80
_SIZE: Final = f"length(cast(text as blob)) + length(cast(more as blob)) + {_ROW_BYTES}"
"""Bytes that a translation takes, about."""
_AT_ONCE: Final = 100_000
_KEEP: Final = 0.8
"""Part of the limit that is left after room was made."""
_LOOK: Final = 0.1
"""Part of the limit that may be added before it is looked at again."""
_DAY_SECONDS: Final = 86_400
_SCHEMA: Final = """
create table if not exists translation (
    key blob primary key, text text not null, score real not null, day integer not null, truncated integer,
    more text not null default ''
) without rowid
"""


def default_store() -> Path:
    """Where a user's store lies."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "seq2seq-tfx" / "translations.sqlite"


@final
class Store:
    """The store, as one job uses it, in one thread. If it fails, the job goes on without it, and a warning says so.

    Args:
        path: The SQLite file; made, for its owner alone, if it is not there.
        identity: What translates.
        limit_bytes: The most that the translations may take.
    """

    def __init__(self, path: Path, identity: str, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self._path, self._limit = path, limit_bytes
        self._digest = hashlib.sha256(identity.encode()).digest()
        self._database: sqlite3.Connection | None = None
        self._added = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._database = sqlite3.connect(path, timeout=30.0)
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = normal")
            self._database.execute(_SCHEMA)
            _add_what_it_lacks(self._database)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        logger.warning("the store %s cannot be used (%s); the job goes on without it", self._path, error)
        self.close()

    def _key(self, sentence: str) -> bytes:
        return hashlib.blake2b(sentence.encode(), digest_size=16, key=self._digest).digest()

    def get(self, sentences: Sequence[str]) -> Mapping[str, Translation]:
        """The translations of those sentences that are known."""
        found: dict[str, Translation] = {}
        try:
            for start in range(0, len(sentences), _VARIABLES):
                keys = {self._key(sentence): sentence for sentence in sentences[start : start + _VARIABLES]}
                found.update(self._found(keys))
        except sqlite3.Error as error:
            self._give_up(error)
        return found

    def _found(self, keys: Mapping[bytes, str]) -> dict[str, Translation]:
        if self._database is None:
            return {}
        today, marks = int(time.time() // _DAY_SECONDS), ",".join("?" * len(keys))
        rows = self._database.execute(
            f"select key, text, score, truncated, more, day from translation where key in ({marks})", tuple(keys)
        ).fetchall()
        stale = [(today, row[0]) for row in rows if row[5] < today]
        if stale:
            with self._database:
                self._database.executemany("update translation set day = ? where key = ?", stale)
        return {keys[row[0]]: unpacked(*row[1:5]) for row in rows}

    def put(self, sentences: Sequence[str], translations: Sequence[Translation]) -> None:
        """Remember translations, in one transaction; where they become too many, older ones go."""
        if self._database is None or not sentences:
            return
        today = int(time.time() // _DAY_SECONDS)
        rows = [
            (self._key(sentence), each.text, each.score, today, each.truncated, packed(each))
            for sentence, each in zip(sentences, translations, strict=True)
        ]
        try:
            with self._database:
                self._database.executemany("insert or replace into translation values (?, ?, ?, ?, ?, ?)", rows)
            self._added += sum(len(row[1].encode()) + len(row[5].encode()) + _ROW_BYTES for row in rows)
            if self._added > _LOOK * self._limit:
                self._added = 0
                self._remove_excess(self._database)
        except sqlite3.Error as error:
            self._give_up(error)

    def make_room(self) -> int:
        """Remove what was not asked for the longest until the limit is kept.

        Returns:
            How many translations were removed.
        """
        if self._database is None:
            return 0
        try:
            removed = self._remove_excess(self._database)
            if removed:
                self._database.execute("vacuum")
            return removed
        except sqlite3.Error as error:
            self._give_up(error)
            return 0

    def _remove_excess(self, database: sqlite3.Connection) -> int:
        total = database.execute(f"select coalesce(sum({_SIZE}), 0) from translation").fetchone()[0]
        return self._remove(database, total - int(_KEEP * self._limit)) if total > self._limit else 0

    def _remove(self, database: sqlite3.Connection, excess: int) -> int:
        removed = 0
        while excess > 0:
            oldest = database.execute(
                f"select key, {_SIZE} from translation order by day, key limit {_AT_ONCE}"
            ).fetchall()
            if not oldest:
                break
            keys: list[tuple[bytes]] = []
            for key, taken in oldest:
                if excess > 0:
                    keys.append((key,))
                    excess -= taken
            with database:
                database.executemany("delete from translation where key = ?", keys)
            removed += len(keys)
        return removed

    def close(self) -> None:
        """Let go of the file."""
        if self._database is not None:
            self._database.close()
            self._database = None


def _add_what_it_lacks(database: sqlite3.Connection) -> None:
    """Give the table of an older version its new columns, so that what it holds still counts and still ages.

    Its translations are found by no newer code: the code's version is part of what made them.
    """
    for column in ("truncated integer", "more text not null default ''"):
        try:
            with database:
                database.execute(f"alter table translation add column {column}")
        except sqlite3.OperationalError as error:
            if "duplicate column" not in str(error):  # it has the column, or another process was faster
                raise
