"""Runs a job: reads, plans, translates and writes at the same time, chunk after chunk.

The main thread reads records, cuts them into blocks and finds the sentences that are new; threads translate the blocks,
some at a time; the main thread takes them back in order and writes their chunks. Which sentences the engine gets
together depends on the records' numbers alone, so neither the threads nor a restart changes a byte.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from threading import Event
from typing import Final, NamedTuple, final

from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.interruption import interruption
from seq2seq_tfx.components.translation.engine import Engine, Translation, require_all_answered
from seq2seq_tfx.components.translation.formats.record import Encoder, Record
from seq2seq_tfx.components.translation.job.blocks import Block, cut
from seq2seq_tfx.components.translation.job.flagging import Flagger, flag_notes
from seq2seq_tfx.components.translation.job.folder import JobFolder
from seq2seq_tfx.components.translation.job.index import BlockCount, Index, Note
from seq2seq_tfx.components.translation.job.planning import Plan, Planner, outcome, truncation_notes
from seq2seq_tfx.components.translation.job.store import Store
from seq2seq_tfx.schemas.errors import WorkError

_PRIVATE: Final = 0o600
_POLL_SECONDS: Final = 0.2


@dataclass(frozen=True)
class JobTools:
    """What a job works with."""

    engine: Callable[[], Engine]
    """Loads the engine, once it is needed: a job that only has to be put together needs none."""
    format: Encoder
    planner: Planner
    index: Index
    store: Store | None
    flagger: Flagger | None = None
    """Looks at translations; None where nothing does."""


@dataclass(frozen=True)
class Pace:
    """How a job works; nothing of it has an influence on the output."""

    workers: int = 2
    """Blocks that are translated at a time."""
    chunk_blocks: int = 1
    strict: bool = False
    """Whether the first record that cannot be translated ends the job."""


class Answers(NamedTuple):
    """What a block's new sentences are translated to."""

    fresh: list[Translation]
    """By the engine, of the sentences that were wanted."""
    new: list[Translation]
    """Of all new sentences, with their flags."""


class Advance(NamedTuple):
    """How far a job is."""

    records: int
    """Read and written, in this process and before."""
    engine_sentences: int
    """Translated by the engine in this process."""
    engine_characters: int
    reused: int
    """Records of this process for which the engine was not asked."""


@final
class Job:
    """One run of a job, up to the point where all its chunks are there.

    Args:
        folder: Its locked folder.
        tools: What it works with.
        block_records: Records of a block.
        pace: How it works.
    """

    def __init__(self, folder: JobFolder, tools: JobTools, block_records: int, pace: Pace) -> None:
        self._folder, self._tools, self._block_records, self._pace = folder, tools, block_records, pace
        self._stopping = Event()
        self._engine: Engine | None = None
        self._chunk: list[tuple[bytes, BlockCount]] = []
        self._notes: list[Note] = []
        self._chunks = 0
        self.advance = Advance(0, 0, 0, 0)

    def run(self, records: Iterator[Record], report: Callable[[Advance], None]) -> None:
        """Do what is still to be done.

        Args:
            records: All records of the job, from the first.
            report: Called after each chunk.

        Raises:
            InputError: If an input is wrong, or, where the job is strict, a record.
            WorkError: If the job was stopped, or a part of it failed.
            OSError: If the disk is full.
        """
        done = list(self._tools.index.counts())
        self._tools.index.roll_back()
        self._chunks = len(list(self._tools.index.chunks()))
        with interruption() as signalled, ThreadPoolExecutor(self._pace.workers) as pool:
            try:
                self._run(_Blocks(records, self._block_records, done, signalled), pool, signalled, report)
            finally:
                self._stopping.set()
                pool.shutdown(cancel_futures=True)

    def _run(self, blocks: "_Blocks", pool: ThreadPoolExecutor, signalled: Event, report: Callable[..., None]) -> None:
        waiting: deque[tuple[Plan, Future[Answers]]] = deque()
        for block in blocks:
            plan = self._tools.planner.plan(block)
            if self._pace.strict:
                self._tools.planner.refuse_dead(plan)
            self._load_for(plan)
            waiting.append((plan, pool.submit(self._answers, plan)))
            while len(waiting) > self._pace.workers:
                self._finish(*waiting.popleft(), signalled, report)
        while waiting:
            self._finish(*waiting.popleft(), signalled, report)
        if self._chunk:
            self._write_chunk(report)

    def _load_for(self, plan: Plan) -> None:
        if self._engine is None and plan.wanted:
            self._engine = self._tools.engine()

    def _answers(self, plan: Plan) -> Answers:
        """In a thread: what becomes of a block's new sentences."""
        wanted = plan.wanted
        fresh = self._translated(wanted)
        require_all_answered(wanted, fresh)
        found = {**plan.stored, **dict(zip(wanted, fresh, strict=True))}
        if self._tools.flagger is None:
            return Answers(fresh, [found[text] for text in plan.new])
        return Answers(fresh, [self._tools.flagger.flagged(text, found[text]) for text in plan.new])

    def _translated(self, sentences: Sequence[str]) -> list[Translation]:
        """What the engine makes of sentences."""
        found: list[Translation] = []
        if self._engine is None or not sentences:
            return found
        for translation in self._engine.translate(sentences):
            if self._stopping.is_set():
                raise CancelledError
            found.append(translation)
        return found

    def _finish(self, plan: Plan, future: "Future[Answers]", signalled: Event, report: Callable[..., None]) -> None:
        answers, wanted = _result(future, signalled), plan.wanted
        if self._tools.store is not None:
            self._tools.store.put(wanted, answers.fresh)
        self._tools.index.save(plan.first_id, answers.new)
        self._add(plan, wanted)
        if len(self._chunk) == self._pace.chunk_blocks:
            self._write_chunk(report)

    def _add(self, plan: Plan, asked: Sequence[str]) -> None:
        """Put a block, for which the engine was asked for some sentences, into the chunk that is being made."""
        found = dict(self._tools.index.translations(list(plan.ids.values())))
        outcomes = [outcome(segments, plan.ids, found) for segments in plan.segments]
        content = self._tools.format.encode(plan.block.records, outcomes)
        notes = [*self._tools.planner.notes(plan), *truncation_notes(plan, outcomes)]
        kinds = [note.kind for note in notes]
        translated, reused = _askers(plan, asked)
        records = len(plan.block.records)
        count = BlockCount(
            plan.block.number,
            self._chunks,
            records,
            plan.end,
            engine=len(asked),
            store=len(plan.stored),
            translated=translated,
            reused=reused,
            dead=kinds.count("dead"),
            split=kinds.count("split"),
            truncated=kinds.count("truncated"),
            start=sum(len(before) for before, _ in self._chunk),
            bytes=len(content),
            digest=plan.block.digest,
        )
        self._chunk.append((content, count))
        self._notes += (*notes, *flag_notes(plan.block, outcomes))
        before = self.advance
        self.advance = Advance(
            plan.block.first + records,
            before.engine_sentences + len(asked),
            before.engine_characters + sum(map(len, asked)),
            before.reused + reused,
        )

    def _write_chunk(self, report: Callable[..., None]) -> None:
        content = b"".join(content for content, _ in self._chunk)
        write_atomically(self._folder.chunk(self._chunks), content, mode=_PRIVATE)
        self._folder.settle()
        digest = hashlib.sha256(content).hexdigest()
        self._tools.index.finish_chunk(self._chunks, digest, [count for _, count in self._chunk], self._notes)
        self._chunks += 1
        self._chunk, self._notes = [], []
        report(self.advance)


def _askers(plan: Plan, wanted: Sequence[str]) -> tuple[int, int]:
    """Records for which the engine was asked, the first ones that have a sentence that it translated; and the others
    that have a translation."""
    asked, askers, others = set(wanted), 0, 0
    for segments in plan.segments:
        if segments is None:
            continue
        here = asked.intersection(segments.sentences) if asked else ()
        if here:
            askers += 1
            asked.difference_update(here)
        else:
            others += 1
    return askers, others


def _heed(signalled: Event) -> None:
    if signalled.is_set():
        raise WorkError("stopped by a signal; the same command goes on from what is finished")


def _result(future: "Future[Answers]", signalled: Event) -> Answers:
    while True:
        _heed(signalled)
        try:
            return future.result(timeout=_POLL_SECONDS)
        except NotYet:
            continue


@final
class _Blocks:
    """The blocks that are still to be done; the finished ones are read, and held to what was written."""

    def __init__(self, records: Iterator[Record], size: int, done: Sequence[BlockCount], signalled: Event) -> None:
        self._blocks, self._done, self._signalled = cut(records, size), done, signalled

    def __iter__(self) -> Iterator[Block]:
        blocks = 0
        for block in self._blocks:
            blocks += 1
            _heed(self._signalled)  # reading what is finished may take long
            if block.number >= len(self._done):
                yield block
            elif block.digest != self._done[block.number].digest:
                raise self._changed(f"block {block.number:,}")
        if blocks < len(self._done):
            raise self._changed(f"the end, after {blocks:,} of {len(self._done):,} blocks,")

    def _changed(self, place: str) -> WorkError:
        return WorkError(
            f"the inputs must be as when they were translated, but {place} is another: they changed while the job ran; "
            "give --restart to translate again"
        )
