"""What a job knows: each distinct sentence once, its translation, and which chunks are finished. On disk (SQLite).

A chunk's sentences, translations, notes and counts are recorded in one transaction, after its file has its name. What
a kill leaves behind is rolled back, so the index always ends with a whole chunk.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, final

from seq2seq_tfx.components.translation.engine import Translation
from seq2seq_tfx.components.translation.job.remembering import packed, unpacked
from seq2seq_tfx.schemas.errors import WorkError

_VARIABLES: Final = 900
"""Values of one statement."""
_CACHE_KIB: Final = 1 << 16
_SCHEMA: Final = """
create table if not exists sentence (key blob primary key, id integer not null) without rowid;
create table if not exists translation (
    id integer primary key, text text not null, score real not null, truncated integer, more text not null
);
create table if not exists block (
    number integer primary key, chunk integer not null, records integer not null, sentences integer not null,
    engine integer not null, store integer not null, translated integer not null, reused integer not null,
    dead integer not null, split integer not null, truncated integer not null, start integer not null,
    bytes integer not null, digest text not null
);
create table if not exists chunk (number integer primary key, sha256 text not null);
create table if not exists note (
    record integer not null, kind text not null, file text not null, line integer not null, reason text not null
);
"""


class BlockCount(NamedTuple):
    """What became of a block, in the order of the table's columns."""

    number: int
    chunk: int
    records: int
    sentences: int
    """Distinct sentences of the job up to its end."""
    engine: int
    """Sentences translated for it."""
    store: int
    """Sentences that the store knew."""
    translated: int
    """Records for which the engine was asked."""
    reused: int
    """Records for which it was not."""
    dead: int
    split: int
    truncated: int
    start: int
    """Where it begins in the chunk's file, in bytes."""
    bytes: int
    """Its size there."""
    digest: str
    """Of the records that were read."""


class Note(NamedTuple):
    """Something to know about a record."""

    record: int
    """From 0."""
    kind: str
    """`dead`, `split`, `truncated`, or what a check of its translation found."""
    file: str
    line: int
    reason: str


@final
class Index:
    """The job's SQLite file, for one thread of one process.

    Args:
        path: The file; made, for its owner alone, if it is not there.

    Raises:
        WorkError: If the disk is full, or the file is no such index.
    """

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._database = sqlite3.connect(path, isolation_level=None)
        self._path = path
        self._run("pragma journal_mode = wal")
        self._run("pragma synchronous = normal")
        self._run(f"pragma cache_size = -{_CACHE_KIB}")
        for statement in filter(str.strip, _SCHEMA.split(";")):
            self._run(statement)
        last = self._run("select max(number), max(sentences) from block").fetchone()
        self.blocks: int = 0 if last[0] is None else last[0] + 1
        """Finished blocks."""
        self.sentences: int = last[1] or 0
        """Distinct sentences so far, those of unfinished blocks included."""
        self._run("begin")

    def _run(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        try:
            return self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        try:
            self._database.executemany(statement, rows)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: sqlite3.Error) -> WorkError:
        return WorkError(
            f"{self._path} must be a file that the job can write, but SQLite said: {error}; free space if the disk is "
            "full, and give the same command again; if it is damaged, give --restart"
        )

    def known(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        """The ids of those sentences that occurred before."""
        found: dict[bytes, int] = {}
        for start in range(0, len(keys), _VARIABLES):
            part = keys[start : start + _VARIABLES]
            marks = ",".join("?" * len(part))
            found.update(self._run(f"select key, id from sentence where key in ({marks})", part).fetchall())
        return found

    def add(self, keys: Sequence[bytes]) -> int:
        """Give new sentences the next ids.

        Returns:
            The first one's.
        """
        first = self.sentences
        self._run_many("insert into sentence values (?, ?)", ((key, first + i) for i, key in enumerate(keys)))
        self.sentences += len(keys)
        return first

    def save(self, first: int, translations: Iterable[Translation]) -> None:
        """Remember the translations of the sentences from `first` on."""
        self._run_many(
            "insert into translation values (?, ?, ?, ?, ?)",
            ((first + i, t.text, t.score, t.truncated, packed(t)) for i, t in enumerate(translations)),
        )

    def translations(self, ids: Sequence[int]) -> Mapping[int, Translation]:
        """The translations of finished sentences."""
        found: dict[int, Translation] = {}
        for start in range(0, len(ids), _VARIABLES):
            part = ids[start : start + _VARIABLES]
            marks = ",".join("?" * len(part))
            rows = self._run(f"select id, text, score, truncated, more from translation where id in ({marks})", part)
            found.update((row[0], unpacked(*row[1:])) for row in rows)
        return found

    def finish_chunk(self, number: int, sha256: str, blocks: Sequence[BlockCount], notes: Iterable[Note]) -> None:
        """Record a chunk whose file is there, and everything that was added for it."""
        self._run_many(f"insert into block values ({','.join('?' * len(BlockCount._fields))})", blocks)
        self._run_many("insert into note values (?, ?, ?, ?, ?)", notes)
        self._run("insert into chunk values (?, ?)", (number, sha256))
        self._run("commit")
        self.blocks = blocks[-1].number + 1
        self._run("begin")

    def roll_back(self) -> None:
        """Forget what no finished chunk needs: a kill, or a block that was planned and not finished."""
        end = self._run("select coalesce(max(sentences), 0) from block").fetchone()[0]
        self._run("delete from sentence where id >= ?", (end,))
        self._run("delete from translation where id >= ?", (end,))
        self.sentences = end

    def chunks(self) -> Iterator[tuple[int, str]]:
        """Number and sha256 of every finished chunk."""
        yield from self._run("select number, sha256 from chunk order by number").fetchall()

    def counts(self) -> Iterator[BlockCount]:
        """Every finished block, in order."""
        for row in self._run("select * from block order by number"):
            yield BlockCount(*row)

    def notes(self, dead: bool) -> Iterator[Note]:
        """The notes of dead records, or those of the others, in the records' order."""
        for row in self._run(f"select * from note where kind {'=' if dead else '<>'} 'dead' order by record, rowid"):
            yield Note(*row)

    def kinds(self) -> dict[str, int]:
        """How many notes there are of each kind."""
        return dict(self._run("select kind, count(*) from note group by kind").fetchall())

    def close(self) -> None:
        """Let go of the file, without what no finished chunk needs."""
        self._database.close()
