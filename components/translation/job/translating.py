"""Batch translation as users call it: from names on a command line to an output and its manifest."""

import importlib
import logging
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, final

from seq2seq_tfx import __version__
from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.settings import CorpusFile
from seq2seq_tfx.components.progress import Progress
from seq2seq_tfx.components.text_checks.checking import TextCheckSettings
from seq2seq_tfx.components.translation.engine import Engine, load_chosen
from seq2seq_tfx.components.translation.formats.choosing import make_format, output_suffix
from seq2seq_tfx.components.translation.formats.record import Columns, Format
from seq2seq_tfx.components.translation.job.blocks import BLOCK_RECORDS, cut
from seq2seq_tfx.components.translation.job.distributing import Answered, Runner, write_tasks
from seq2seq_tfx.components.translation.job.events import Events
from seq2seq_tfx.components.translation.job.flagging import Flagger
from seq2seq_tfx.components.translation.job.folder import MANIFEST_FILE, JobFolder, job_folder
from seq2seq_tfx.components.translation.job.identity import JobIdentity, JobInput, Making
from seq2seq_tfx.components.translation.job.index import Index
from seq2seq_tfx.components.translation.job.inputs import STANDARD, find_inputs, fingerprinted, opened
from seq2seq_tfx.components.translation.job.planning import Planner
from seq2seq_tfx.components.translation.job.publishing import (
    check_chunks,
    publish,
    stream_out,
    totals,
    write_manifest,
)
from seq2seq_tfx.components.translation.job.running import Advance, Job, JobTools, Pace
from seq2seq_tfx.components.translation.job.segments import Segmenter
from seq2seq_tfx.components.translation.job.starting import begin
from seq2seq_tfx.components.translation.job.store import Store
from seq2seq_tfx.components.translation.manner import PLAIN, Manner
from seq2seq_tfx.schemas.config.translation import TranslationConfig

logger = logging.getLogger(__name__)

MAX_CHARACTERS: Final = 100_000
"""Of a record's text."""


@dataclass(frozen=True)
class Model:
    """What translates."""

    export: Path
    record: dict[str, Any]
    """Its `export.json`."""
    config: TranslationConfig
    making: Making
    segmenter: Segmenter
    manner: Manner = PLAIN

    @property
    def loader(self) -> Callable[[], Engine]:
        """What loads the engine, in this process or in another."""
        export = self.export.absolute()  # another process stands in another folder
        return partial(load_chosen, export, self.record, self.making.engine, self.config.batch_size, self.manner)

    def load(self) -> Engine:
        """Load the engine.

        Raises:
            InputError: If the export cannot be loaded.
        """
        return self.loader()


@dataclass(frozen=True)
class Request:
    """What is asked for."""

    inputs: Sequence[str]
    output: str
    format: str
    columns: Columns
    max_characters: int = MAX_CHARACTERS
    shard_records: int = 0
    """Least records of a shard, of which the last may have fewer; 0 for one file."""
    restart: bool = False
    store: Path | None = None
    """The store that is used; None for none."""
    store_bytes: int = 1 << 30
    pace: Pace = Pace()
    block_records: int = BLOCK_RECORDS
    checks: TextCheckSettings | None = None
    """What is looked for in translations; None for nothing."""
    runner: Runner | None = None
    """A Beam runner that translates; None for this process. It knows no store."""


def translate_job(request: Request, model: Model, events: Events, given: BinaryIO, screen: BinaryIO) -> dict[str, Any]:
    """Do a job, or what is left of it.

    Args:
        request: What is asked for.
        model: What translates.
        events: Where events go.
        given: Standard input.
        screen: Standard output.

    Returns:
        The manifest.

    Raises:
        InputError: If an input, the output or the job is wrong.
        WorkError: If it was stopped or a part of it failed.
        OSError: If the disk is full.
    """
    paths = find_inputs(request.inputs)
    suffix = "" if request.output == STANDARD else output_suffix(request.output, request.format)
    format_ = make_format(request.format, request.columns, suffix)
    with job_folder(request.output, bool(request.shard_records), paths) as folder:
        files = fingerprinted(paths, folder.spool, given)
        inputs = tuple(JobInput(path=p, sha256=f.sha256) for p, f in zip(paths, files, strict=True))
        identity = _identity(request, model, inputs, suffix)
        manifest = begin(folder, identity, request.restart)
        if manifest is not None:
            folder.clear()  # a kill may have come between the manifest and this
            logger.info("%s is complete already", request.output)
            return manifest
        run = _Run(request, model, folder, format_, events)
        events.emit("started", output=request.output, inputs=len(files))
        return run.finish(identity, files, screen)


def _identity(request: Request, model: Model, inputs: tuple[JobInput, ...], suffix: str) -> JobIdentity:
    return JobIdentity(
        inputs=inputs,
        making=model.making,
        format=request.format,
        column=request.columns.source,
        translation_column=request.columns.translation,
        score_column=request.columns.score,
        compression=suffix,
        block_records=request.block_records,
        max_characters=request.max_characters,
        shard_records=request.shard_records,
        store=request.store is not None and not model.making.batch_invariant,
        flag_column=request.columns.flags,
        checks=request.checks,
    )


@final
class _Run:
    """One process's part of a job."""

    def __init__(self, request: Request, model: Model, folder: JobFolder, format_: Format, events: Events) -> None:
        self._request, self._model, self._folder = request, model, folder
        self._format, self._events = format_, events
        self._started = time.monotonic()

    def finish(self, identity: JobIdentity, files: Sequence[CorpusFile], screen: BinaryIO) -> dict[str, Any]:
        flagger = None if self._request.checks is None else Flagger(self._request.checks)
        with closing(Index(self._folder.index)) as index, self._store() as store:
            check_chunks(self._folder, index)  # now, not after days
            inputs = opened(files)
            tools = JobTools(
                engine=self._model.load if self._request.runner is None else self._elsewhere(files, index.blocks),
                format=self._format,
                planner=Planner(index, self._model.segmenter, self._request.max_characters, store),
                index=index,
                store=store,
                flagger=flagger,
            )
            job = Job(self._folder, tools, identity.block_records, self._request.pace)
            job.run(self._format.read(inputs), _Report(inputs, self._events, job))
            read = sum(each.records for each in inputs)
            counts = totals(index, read, flagger.checks if flagger is not None else ())
            more = {"counts": counts, "version": __version__, "receipts": self._receipts(job.advance)}
            if self._folder.output is None:
                stream_out(self._folder, index, self._format, screen)
                written = []
            else:
                written = publish(self._folder, index, self._format, identity)
        manifest = self._folder.beside(MANIFEST_FILE)
        document = write_manifest(manifest, identity, written, more)
        self._folder.clear()
        self._events.emit("finished", **counts)
        return document

    def _elsewhere(self, files: Sequence[CorpusFile], done: int) -> Callable[[], Engine]:
        """Have a Beam runner translate what the blocks from `done` on need, and take its answers for an engine."""
        request, folder = self._request, self._folder
        assert request.runner is not None
        # By name: who asks for no runner never loads Beam.
        beam_job = importlib.import_module("seq2seq_tfx.components.translation.job.beam_job")
        records = make_format(request.format, request.columns, "").read(opened(files))
        with closing(Index(folder.plan)) as index:
            planner = Planner(index, self._model.segmenter, request.max_characters, None)
            blocks = cut(records, request.block_records)
            tasks = write_tasks(folder.work, blocks, planner, done, request.pace.strict)
        logger.info("%s blocks are translated by %s", f"{len(tasks):,}", request.runner.name)
        beam_job.run_tasks(tasks, folder.work, self._model.loader, request.runner)
        return lambda: Answered(folder.work)

    @contextmanager
    def _store(self) -> Iterator[Store | None]:
        if self._request.store is None or self._request.runner is not None:
            yield None
            return
        with closing(Store(self._request.store, self._model.making.key, self._request.store_bytes)) as store:
            yield store
            store.make_room()

    def _receipts(self, advance: Advance) -> dict[str, Any]:
        """Of this process: what an earlier one did before it was stopped is not in them."""
        seconds = time.monotonic() - self._started
        return {
            "seconds": round(seconds, 3),
            "sentences_per_second": round(advance.engine_sentences / seconds, 1),
            "characters_per_second": round(advance.engine_characters / seconds, 1),
            "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10,
        }


@final
class _Report:
    """Progress on the screen, and an event a chunk."""

    def __init__(self, files: list[InputFile], events: Events, job: Job) -> None:
        self._files, self._events = files, events
        self._started = time.monotonic()
        sizes = sum(Path(file.file.path).stat().st_size for file in files)
        self._progress = Progress("translating", total=max(1, sizes >> 10), unit="KiB")

    def __call__(self, advance: Advance) -> None:
        seconds = max(1e-9, time.monotonic() - self._started)
        rate = advance.engine_sentences / seconds
        share = advance.reused / max(1, advance.records)
        consumed = sum(file.consumed_bytes for file in self._files)
        detail = f"{advance.records:,} records written, {rate:,.0f} sentences/s, {share:.0%} reused"
        self._progress.advance_to(consumed >> 10, detail)
        self._events.emit(
            "chunk", records=advance.records, sentences_per_second=round(rate, 1), reused_share=round(share, 4)
        )
