"""A corpus of a test set as a job of batch translation: the same code as a user's file, so the same text.

The job's chunks stay in a folder that is named after the sentences and what translates them: no node translates them
again, and a killed one goes on after the last finished chunk.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import final

from seq2seq_tfx.components.translation.engine import Engine, Translation
from seq2seq_tfx.components.translation.formats.record import Outcome, Record
from seq2seq_tfx.components.translation.job.blocks import BLOCK_RECORDS
from seq2seq_tfx.components.translation.job.folder import JobFolder
from seq2seq_tfx.components.translation.job.index import Index
from seq2seq_tfx.components.translation.job.planning import Planner
from seq2seq_tfx.components.translation.job.running import Advance, Job, JobTools, Pace
from seq2seq_tfx.components.translation.job.segments import Segmenter
from seq2seq_tfx.components.translation.job.translating import MAX_CHARACTERS
from seq2seq_tfx.schemas.errors import WorkError


@final
class _Lines:
    """Writes what became of a record as a line of JSON (text, score, whether it was truncated).

    Of one that cannot be translated it is an empty translation.
    """

    def encode(self, records: Sequence[Record], outcomes: Sequence[Outcome | None]) -> bytes:
        return b"".join(
            json.dumps((outcome or Outcome("", 0.0))[:3], ensure_ascii=False).encode() + b"\n" for outcome in outcomes
        )


@final
class CorpusJob:
    """One corpus of one split.

    Args:
        folder: Of this job; made, for its owner alone, if it is not there.
        segmenter: Splits what the model cannot read whole.
        engine: Loads the engine; not called where all is translated.
    """

    def __init__(self, folder: Path, segmenter: Segmenter, engine: Callable[[], Engine]) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.utime(folder)  # `seq2seq clean` asks when it was used last
        self._folder = JobFolder(output=None, work=folder, sharded=False)
        self._segmenter, self._engine = segmenter, engine

    def run(self, sentences: Iterator[str], report: Callable[[Advance], None]) -> None:
        """Translate what is not translated.

        Args:
            sentences: All of the corpus, from the first.
            report: Called after each chunk.

        Raises:
            WorkError: If the job was stopped, or the folder does not fit the sentences.
        """
        records = (Record(None, text, "", number) for number, text in enumerate(sentences, 1))
        with closing(Index(self._folder.index)) as index:
            planner = Planner(index, self._segmenter, MAX_CHARACTERS, None)
            tools = JobTools(self._engine, _Lines(), planner, index, None)
            Job(self._folder, tools, BLOCK_RECORDS, Pace()).run(records, report)

    @property
    def sentences(self) -> int:
        """How many are translated."""
        with closing(Index(self._folder.index)) as index:
            return sum(block.records for block in index.counts())

    def __iter__(self) -> Iterator[Translation]:
        """The translations, in order.

        Raises:
            WorkError: If they are not what was written.
        """
        with closing(Index(self._folder.index)) as index:
            chunks = list(index.chunks())
        for number, sha256 in chunks:
            content = self._folder.chunk(number).read_bytes()
            if hashlib.sha256(content).hexdigest() != sha256:
                raise WorkError(
                    f"{self._folder.chunk(number)} must be as it was written, but was changed; delete the pipeline's "
                    ".translations folder and run again"
                )
            for line in content.splitlines():
                yield Translation(*json.loads(line))
