"""Ingestion: every row of every corpus is written to a split or dropped with a reason.

Train: NFC-normalised, cleaned, without duplicates and without text of eval and test. Eval and test: as given, only
counted by the rules. Sentences of monolingual corpora: as train, but apart from the pairs, a folder a side. Rows travel
in chunks, outside Beam's element-wise path: read (here, in order), examined (in parallel), decided on (here, in order,
on keys), written (in parallel). docs/decisions/0005-ingestion.md says why.
"""

import json
import logging
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seq2seq_tfx.components.corpus.chunks import SETTINGS_FILE, Chunk, load_rows
from seq2seq_tfx.components.corpus.columns import load_columns
from seq2seq_tfx.components.corpus.decide import FLAGGED, REASONS, Examined, decide
from seq2seq_tfx.components.corpus.examine import ChunkSummary, examine
from seq2seq_tfx.components.corpus.ledger import CorpusTally, Ledger, RuleCount, Sample, sample
from seq2seq_tfx.components.corpus.near import mark_near, save_index
from seq2seq_tfx.components.corpus.reading import UNREADABLE, CorpusReader, Reading
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.corpus.workers import OneWorker, Workers
from seq2seq_tfx.components.corpus.write import WriteTask, write_examples
from seq2seq_tfx.components.example_files import clear_shards, number_shards, split_directory
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError, WorkError
from seq2seq_tfx.schemas.features import MONOLINGUAL, SIDES, SPLITS

logger = logging.getLogger(__name__)

IN_THIS_PROCESS: Final = OneWorker()


class _Outputs(NamedTuple):
    """Where examples are written."""

    examples: str
    monolingual: str | None

    def of(self, corpus: Corpus) -> str:
        """Where those of a corpus are."""
        if corpus.side is None:
            return self.examples
        if self.monolingual is None:
            raise ValueError(f"monolingual_uri must be given for a monolingual corpus as {corpus.name!r} is")
        return self.monolingual

    @property
    def folders(self) -> list[Path]:
        """All that there are."""
        sides = [] if self.monolingual is None else [split_directory(self.monolingual, side) for side in SIDES]
        return [*(split_directory(self.examples, split) for split in SPLITS), *sides]


def ingest(
    settings: CorpusSettings,
    examples_uri: str,
    work: Path,
    workers: Workers = IN_THIS_PROCESS,
    monolingual_uri: str | None = None,
) -> Ledger:
    """Read all corpora and write the three splits, and the sentences of monolingual corpora.

    Args:
        settings: Corpora, rules and fingerprinted files.
        examples_uri: Where `Split-<split>/data_tfrecord-*.gz` are written, in pair_id order.
        work: A folder for this work alone, keyed by the settings; what a killed attempt left there is used. It holds
            `DEAD_LETTERS_FILE` at the end, and must be removed then. Removed here when the work fails.
        workers: Where the parallel phases run.
        monolingual_uri: Where `Split-<side>/data_tfrecord-*.gz` are written; needed for monolingual corpora alone.

    Returns:
        What became of every row; the same, as the examples are, wherever they run.

    Raises:
        CorpusError: If a corpus cannot be used, a split is left empty, or training text stands in eval and test sets.
        ValueError: If there are monolingual corpora and no `monolingual_uri`.
        WorkError: If the disk is full or cannot be written, or a worker dies.
    """
    _refuse_missing_splits(settings.corpora)
    try:
        ledger = _ingest(settings, _Outputs(examples_uri, monolingual_uri), work, workers)
        _refuse_empty_splits(ledger)
    except OSError as error:
        shutil.rmtree(work, ignore_errors=True)
        raise WorkError(
            f"the corpus stage must be able to write below {Path(examples_uri).parent}, but: {error}; "
            "free space on that disk and run again"
        ) from error
    except Exception:
        shutil.rmtree(work, ignore_errors=True)
        raise
    _report(ledger)
    return ledger


def _ingest(settings: CorpusSettings, outputs: _Outputs, work: Path, workers: Workers) -> Ledger:
    for folder in outputs.folders:
        clear_shards(folder)
        folder.mkdir(parents=True, exist_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    write_atomically(work / SETTINGS_FILE, settings.to_json().encode())
    reader = CorpusReader(settings, work)
    workers.run(examine, (chunk.to_json() for chunk in reader.chunks()))
    examined = _examined(reader.result().chunks(work))
    if settings.splits.decontamination.enabled and settings.splits.decontamination.near:
        _mark_near(settings, examined, work, workers)
    decisions = decide(settings, examined, work)
    _write(settings, examined, outputs, workers)
    return _ledger(settings, reader.result(), examined, decisions)


def _examined(chunks: Iterator[Chunk]) -> list[Examined]:
    found: list[Examined] = []
    offset = 0
    for chunk in chunks:
        summary = ChunkSummary.from_json(chunk.summary_file.read_bytes())
        found.append(Examined(chunk, summary, offset))
        offset += summary.candidates
    return found


def _mark_near(settings: CorpusSettings, examined: Sequence[Examined], work: Path, workers: Workers) -> None:
    texts: dict[str, list[str]] = {"source": [], "target": []}
    for each in examined:
        if each.has_held_out:
            rows, splits = load_rows(each.chunk.candidates_file), load_columns(each.chunk.candidates_file, "split")
            for place in np.flatnonzero(splits["split"] != SPLITS.index("train")).tolist():
                texts["source"].append(rows.sources[place])
                texts["target"] += rows.targets[place]
    save_index(work, texts, settings.splits.decontamination.near_words)
    workers.run(mark_near, (each.chunk.to_json() for each in examined))


def _write(settings: CorpusSettings, examined: Sequence[Examined], outputs: _Outputs, workers: Workers) -> None:
    # pair_id starts with "<corpus>/": sorting by it puts the corpora in this order.
    names = [f"{corpus.name}/" for corpus in settings.corpora]
    in_order = sorted(examined, key=lambda each: (names[each.chunk.corpus], each.chunk.number))
    tasks = [
        WriteTask(
            chunk=each.chunk,
            offset=each.offset,
            candidates=each.summary.candidates,
            examples_uri=outputs.of(each.chunk.given),
            part=part,
        )
        for part, each in enumerate(in_order)
    ]
    workers.run(write_examples, (task.to_json() for task in tasks))
    for folder in outputs.folders:
        number_shards(folder)


def _ledger(
    settings: CorpusSettings, reading: Reading, examined: Sequence[Examined], decisions: NDArray[np.uint8]
) -> Ledger:
    counts = []
    for place, (corpus, read) in enumerate(zip(settings.corpora, reading.corpora, strict=True)):
        files = tuple(each for each in settings.files if each.corpus == corpus.name)
        splits = SPLITS if corpus.side is None else (MONOLINGUAL,)
        tally = CorpusTally(corpus.name, files, settings.cleaning.samples, splits)
        tally.read = read.read
        if read.unreadable.dropped:
            tally.apply(UNREADABLE, read.unreadable)
        for each in examined:
            if each.chunk.corpus == place:
                _add_chunk(tally, each, decisions[each.candidates])
        counts.append(tally.result())
    return Ledger(languages=settings.languages, corpora=tuple(counts))


def _add_chunk(tally: CorpusTally, each: Examined, decisions: NDArray[np.uint8]) -> None:
    for rule, count in each.summary.rules.items():
        tally.apply(rule, count)
    for split, count in json.loads(each.chunk.written_file.read_bytes()).items():
        tally.keep(split, count)
    for reason, rule in enumerate(REASONS, start=1):
        places = np.flatnonzero(decisions & ~np.uint8(FLAGGED) == reason)
        if len(places):
            flagged = int(np.count_nonzero(decisions[places] & FLAGGED))
            samples = _samples(each.chunk, places[: tally.wanted_samples(rule)].tolist())
            tally.apply(rule, RuleCount(dropped=len(places) - flagged, flagged=flagged, samples=samples))


def _samples(chunk: Chunk, places: list[int]) -> tuple[Sample, ...]:
    """Candidates as the ledger shows them: they are read again, because decisions are made on keys."""
    if not places:
        return ()
    rows, splits = load_rows(chunk.candidates_file), load_columns(chunk.candidates_file, "split")["split"]
    return tuple(
        sample(chunk.given.name, rows.numbers[n], chunk.split_name(splits[n]), (rows.sources[n], *rows.targets[n]))
        for n in places
    )


def _refuse_missing_splits(corpora: tuple[Corpus, ...]) -> None:
    given = {corpus.split for corpus in corpora if corpus.side is None}
    missing = [] if "auto" in given else [split for split in SPLITS if split not in given]
    if missing:
        raise CorpusError(
            f"train, eval and test must each have a corpus, but no corpus is for {' or '.join(missing)}; name one with "
            f"split: {missing[0]}, or divide one with split: auto"
        )


def _refuse_empty_splits(ledger: Ledger) -> None:
    wanted = dict.fromkeys(split for each in ledger.corpora for split in each.kept)
    for split in wanted:
        if ledger.kept(split):
            continue
        read = sum(each.read for each in ledger.corpora)
        dropped = ", ".join(f"{rule} {count:,}" for rule, count in ledger.dropped().items()) or "none"
        what = f"the {split} split must have at least one pair"
        cure = "look at the cleaning rules and the files"
        if split == MONOLINGUAL:
            what = "the monolingual corpora must have at least one sentence"
        elif split != "train":
            cure = f"raise splits.{split}_share"
        raise CorpusError(
            f"{what}, but of {read:,} rows read none was kept there (dropped: {dropped}); {cure}, or give more text"
        )


def _report(ledger: Ledger) -> None:
    splits = dict.fromkeys(split for each in ledger.corpora for split in each.kept)
    kept = ", ".join(f"{ledger.kept(split):,} {split}" for split in splits)
    dropped = ", ".join(f"{rule} {count:,}" for rule, count in ledger.dropped().items()) or "none"
    logger.info("corpus: %s rows read; kept %s; dropped: %s", f"{sum(c.read for c in ledger.corpora):,}", kept, dropped)
