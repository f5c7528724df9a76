"""Ingestion: every row of every corpus is written to a split or dropped with a reason.

Train: NFC-normalised, cleaned, without exact duplicates. Eval and test: as given, only counted by the rules. One pass,
in constant memory, outside Beam's element-wise path (tens of microseconds a row against milliseconds).
"""

import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import final

import tensorflow as tf

from seq2seq_tfx.components.corpus.duplicates import SeenPairs
from seq2seq_tfx.components.corpus.ledger import CorpusCount, CorpusTally, Ledger
from seq2seq_tfx.components.corpus.line_files import LineFile
from seq2seq_tfx.components.corpus.normalising import normalise_line
from seq2seq_tfx.components.corpus.readers import Row, UnreadableRow, read_rows
from seq2seq_tfx.components.corpus.rules.rule_set import RuleSet
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.corpus.splits import split_of
from seq2seq_tfx.components.example_files import (
    ExampleShards,
    bytes_example,
    clear_shards,
    number_shards,
    split_directory,
)
from seq2seq_tfx.components.progress import Progress
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError, WorkError
from seq2seq_tfx.schemas.features import CORPUS, DOMAIN, PAIR_ID, SOURCE, SPLITS, TARGET, pair_id
from seq2seq_tfx.schemas.records import Pair

logger = logging.getLogger(__name__)

_ROWS_BETWEEN_PROGRESS = 2000


def ingest(settings: CorpusSettings, examples_uri: str, work: Path) -> Ledger:
    """Read all corpora and write the three splits.

    Args:
        settings: Corpora, rules and fingerprinted files.
        examples_uri: Where `Split-<split>/data_tfrecord-*.gz` are written, in pair_id order.
        work: An existing folder for temporary files.

    Returns:
        What became of every row.

    Raises:
        CorpusError: If a corpus cannot be used, or a split is left empty.
        WorkError: If the disk is full or cannot be written.
    """
    _refuse_missing_splits(settings.corpora)
    try:
        ledger = _ingest(settings, examples_uri, work)
    except (tf.errors.OpError, sqlite3.Error, OSError) as error:
        raise WorkError(
            f"the corpus stage must be able to write below {Path(examples_uri).parent}, but: {error}; "
            "free space on that disk and run again"
        ) from error
    _refuse_empty_splits(ledger)
    _report(ledger)
    return ledger


def _ingest(settings: CorpusSettings, examples_uri: str, work: Path) -> Ledger:
    for split in SPLITS:
        clear_shards(split_directory(examples_uri, split))
    # pair_id starts with "<corpus>/": sorting by it puts the corpora in this order.
    parts = {name: part for part, name in enumerate(sorted((each.name for each in settings.corpora), key=_id_order))}
    progress = _ByteProgress(settings)
    rules = RuleSet.of(settings.cleaning, settings.languages)
    with SeenPairs(work / "seen.sqlite") as seen:
        counts = tuple(
            _Ingestion(settings, corpus, rules, seen, progress).run(examples_uri, parts[corpus.name])
            for corpus in settings.corpora
        )
    for split in SPLITS:
        number_shards(split_directory(examples_uri, split))
    return Ledger(languages=settings.languages, corpora=counts)


def _id_order(corpus: str) -> str:
    return f"{corpus}/"


@final
class _ByteProgress:
    """Progress in bytes of the given files, because nobody knows the number of rows beforehand."""

    def __init__(self, settings: CorpusSettings) -> None:
        sizes = [Path(each.path).stat().st_size if Path(each.path).is_file() else 0 for each in settings.files]
        self._progress = Progress("corpus", total=max(1, sum(sizes) >> 10), unit="KiB")
        self._done, self._rows = 0, 0

    def reading(self, rows: int, files: tuple[LineFile, ...]) -> None:
        if rows % _ROWS_BETWEEN_PROGRESS == 0:
            consumed = self._done + sum(each.consumed_bytes for each in files)
            self._progress.advance_to(consumed >> 10, f"{self._rows + rows:,} rows read")

    def finish(self, rows: int, files: tuple[LineFile, ...]) -> None:
        self._rows += rows
        self._done += sum(each.consumed_bytes for each in files)


@final
@dataclass(frozen=True)
class _Ingestion:
    """The reading of one corpus."""

    settings: CorpusSettings
    corpus: Corpus
    rules: RuleSet
    seen: SeenPairs
    progress: _ByteProgress

    def run(self, examples_uri: str, part: int) -> CorpusCount:
        given = tuple(each for each in self.settings.files if each.corpus == self.corpus.name)
        files = tuple(LineFile(each) for each in given)
        tally = CorpusTally(self.corpus.name, given)
        with ExitStack() as stack:
            shards = {
                split: stack.enter_context(ExampleShards(split_directory(examples_uri, split), part))
                for split in SPLITS
            }
            for split, pair in self._kept_pairs(files, tally):
                shards[split].write(_serialised(pair))
                tally.keep(split)
        self.progress.finish(tally.read, files)
        _refuse_lost_pairs(tally.result(), shards)
        return tally.result()

    def _kept_pairs(self, files: tuple[LineFile, ...], tally: CorpusTally) -> Iterator[tuple[str, Pair]]:
        for row in read_rows(self.corpus, files):
            tally.read += 1
            self.progress.reading(tally.read, files)
            if isinstance(row, UnreadableRow):
                _refuse_unreadable(row, self.corpus, self.settings.cleaning)
                tally.drop("unreadable", row.number, None, (row.problem, row.content))
                continue
            split = split_of(self.corpus, row.source, self.settings.splits)
            kept = self._clean(row, tally) if split == "train" else self._count(row, split, tally)
            if kept is not None:
                identity = pair_id(self.corpus.name, kept.number)
                yield split, Pair(identity, kept.source, kept.targets, self.corpus.name, self.corpus.domain)

    def _clean(self, row: Row, tally: CorpusTally) -> Row | None:
        """A training row, normalised; None if a rule drops it."""
        sides = tuple(normalise_line(side) for side in (row.source, *row.targets))
        rule = self._broken_rule(sides, "train")
        if rule is not None:
            tally.drop(rule, row.number, "train", sides)
            return None
        return Row(row.number, sides[0], sides[1:])

    def _broken_rule(self, sides: tuple[str, ...], split: str) -> str | None:
        """The first rule that one of a row's targets breaks with the source; duplicates come last."""
        broken = (self.rules.first_broken(sides[0], target) for target in sides[1:])
        rule = next(filter(None, broken), None)
        if rule is None and self.settings.cleaning.duplicates != "none" and not self.seen.add(split, sides):
            return "duplicates"
        return rule

    def _count(self, row: Row, split: str, tally: CorpusTally) -> Row:
        """An eval or test row, as given; the rules only count."""
        sides = (row.source, *row.targets)
        rule = self._broken_rule(sides, split)
        if rule is not None:
            tally.flag(rule, row.number, split, sides)
        return row


def _serialised(pair: Pair) -> bytes:
    return bytes_example(
        {
            SOURCE.name: [pair.source.encode()],
            TARGET.name: [target.encode() for target in pair.targets],
            CORPUS.name: [pair.corpus.encode()],
            DOMAIN.name: [pair.domain.encode()],
            PAIR_ID.name: [pair.pair_id.encode()],
        }
    )


def _refuse_unreadable(row: UnreadableRow, corpus: Corpus, cleaning: CleaningConfig) -> None:
    if corpus.split in ("eval", "test"):
        raise CorpusError(f"every row of the {corpus.split} corpus {corpus.name!r} must be readable, but {row.problem}")
    if cleaning.unreadable == "fail":
        raise CorpusError(
            f"every row of corpus {corpus.name!r} must be readable, but {row.problem}; mend the file, or set "
            "cleaning.unreadable: reject to leave such rows out"
        )


def _refuse_lost_pairs(count: CorpusCount, shards: Mapping[str, ExampleShards]) -> None:
    for split, kept in count.kept.items():
        if shards[split].written != kept:
            raise WorkError(
                f"all {kept:,} pairs kept from corpus {count.corpus!r} must be written to {split}, but "
                f"{shards[split].written:,} were; this is a defect of seq2seq-tfx, please report it"
            )


def _refuse_missing_splits(corpora: tuple[Corpus, ...]) -> None:
    given = {corpus.split for corpus in corpora}
    missing = [] if "auto" in given else [split for split in SPLITS if split not in given]
    if missing:
        raise CorpusError(
            f"train, eval and test must each have a corpus, but no corpus is for {' or '.join(missing)}; name one with "
            f"split: {missing[0]}, or divide one with split: auto"
        )


def _refuse_empty_splits(ledger: Ledger) -> None:
    for split in SPLITS:
        if ledger.kept(split):
            continue
        read = sum(each.read for each in ledger.corpora)
        dropped = ", ".join(f"{rule} {count:,}" for rule, count in ledger.dropped().items()) or "none"
        cure = "look at the cleaning rules and the files" if split == "train" else f"raise splits.{split}_share"
        raise CorpusError(
            f"the {split} split must have at least one pair, but of {read:,} rows read it got none "
            f"(dropped: {dropped}); {cure}, or give more text"
        )


def _report(ledger: Ledger) -> None:
    kept = ", ".join(f"{ledger.kept(split):,} {split}" for split in SPLITS)
    dropped = ", ".join(f"{rule} {count:,}" for rule, count in ledger.dropped().items()) or "none"
    logger.info("corpus: %s rows read; kept %s; dropped: %s", f"{sum(c.read for c in ledger.corpora):,}", kept, dropped)
