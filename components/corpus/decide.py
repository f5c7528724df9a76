"""The sequential phase: which candidates go because of other candidates. In the order of corpora and records."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from seq2seq_tfx.components.corpus.chunks import Chunk
from seq2seq_tfx.components.corpus.columns import Columns, load_columns
from seq2seq_tfx.components.corpus.duplicates import Repeats
from seq2seq_tfx.components.corpus.examine import TRAIN, ChunkSummary
from seq2seq_tfx.components.corpus.held_out import HeldOut, keys_of_rows
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.schemas.errors import CorpusError
from seq2seq_tfx.schemas.features import SPLITS

REASONS: Final = ("split_leak", "decontamination", "decontamination_near", "duplicates")
"""Why a candidate goes. A decision is 0 for a kept one, or the reason's place in here, counted from 1."""
FLAGGED: Final = 0x80
"""Added to the decision of an eval or test pair that is kept all the same."""
DECISIONS_FILE: Final = "decisions.bin"
"""One byte a candidate."""
_LEAK, _EXACT, _NEAR, _DUPLICATE = range(1, len(REASONS) + 1)
_EVAL, _TEST = SPLITS.index("eval"), SPLITS.index("test")


@dataclass(frozen=True)
class Examined:
    """A chunk that was examined."""

    chunk: Chunk
    summary: ChunkSummary
    offset: int
    """Place of its first candidate among all."""

    @property
    def candidates(self) -> slice:
        """Its places among all candidates."""
        return slice(self.offset, self.offset + self.summary.candidates)

    @property
    def has_held_out(self) -> bool:
        """Whether eval or test pairs are among its candidates."""
        return self.summary.candidates > self.summary.splits[TRAIN]

    @property
    def divided(self) -> bool:
        """Whether it is part of a corpus that `split: auto` divides."""
        return self.chunk.given.split == "auto"

    @property
    def monolingual(self) -> bool:
        """Whether it is part of a monolingual corpus, all of whose rows are candidates for training."""
        return self.chunk.given.side is not None

    def keys(self) -> Columns:
        """Splits and keys of its candidates."""
        return load_columns(
            self.chunk.candidates_file, "split", "clean", "source_key", "target_key", "target_counts", "pair_key"
        )


def decide(settings: CorpusSettings, examined: Sequence[Examined], work: Path) -> NDArray[np.uint8]:
    """Decide on every candidate; first leaks, then duplicates among what is left.

    Args:
        settings: What counts as what.
        examined: All chunks, in the order of corpora and records.
        work: Where `DECISIONS_FILE` is written.

    Returns:
        The decisions, as they lie in the file.

    Raises:
        CorpusError: If more training pairs stand in eval and test sets than `splits.decontamination.max_share`.
        OSError: If the disk is full.
    """
    total = sum(each.summary.candidates for each in examined)
    decisions: NDArray[np.uint8] = np.memmap(work / DECISIONS_FILE, dtype=np.uint8, mode="w+", shape=(max(1, total),))
    _Decisions(settings, examined, decisions).decide(work)
    decisions.flush()
    return decisions


@final
class _Decisions:
    def __init__(self, settings: CorpusSettings, examined: Sequence[Examined], decisions: NDArray[np.uint8]) -> None:
        self._settings, self._examined, self._decisions = settings, examined, decisions
        self._held_out = HeldOut()

    def decide(self, work: Path) -> None:
        self._collect_held_out()
        self._drop_leaks()
        if self._settings.cleaning.duplicates != "none":
            self._drop_duplicates(work)

    def _collect_held_out(self) -> None:
        """Learn all test and eval keys; a pair of a divided eval set whose text stands in a test set goes at once."""
        for split in (_TEST, _EVAL):
            tests = self._held_out.keys("test")
            for each, keys in self._with_keys(split):
                rows = keys["split"] == split
                if split == _EVAL and each.divided:
                    leaks = rows & tests.found_in(keys)
                    self._decisions[each.candidates][leaks] = _LEAK
                    rows &= ~leaks
                self._held_out.add(SPLITS[split], each.divided, keys_of_rows(keys, rows))

    def _drop_leaks(self) -> None:
        """Training pairs, and monolingual sentences, whose text stands in eval or test."""
        given = self._held_out.keys("eval", "test", divided=False)
        divided = self._held_out.keys("eval", "test", divided=True)
        config = self._settings.splits.decontamination
        gone = Counter[bool]()
        for each, keys in self._with_keys(TRAIN):
            train = keys["split"] == TRAIN
            decisions = self._decisions[each.candidates]
            if each.divided:
                decisions[train & divided.found_in(keys)] = _LEAK
            if config.enabled:
                sets = (given,) if each.divided else (given, divided)
                found = [keys_of_set.found_in(keys, each.chunk.given.side) for keys_of_set in sets]
                gone[each.monolingual] += _mark(decisions, train & np.logical_or.reduce(found), _EXACT)
            if config.enabled and config.near:
                near = load_columns(each.chunk.near_file, "near")["near"]
                gone[each.monolingual] += _mark(decisions, train & near, _NEAR)
        for monolingual, count in gone.items():
            self._refuse_contaminated(monolingual, count)

    def _refuse_contaminated(self, monolingual: bool, gone: int) -> None:
        train = sum(each.summary.splits[TRAIN] for each in self._examined if each.monolingual == monolingual)
        most = self._settings.splits.decontamination.max_share
        if gone > most * train:
            what, file = ("monolingual sentences", "monolingual") if monolingual else ("training pairs", "training")
            raise CorpusError(
                f"at most {most:.0%} of the {what} may stand in eval or test sets too "
                f"(splits.decontamination.max_share), but {gone:,} of {train:,} ({gone / train:.0%}) do; look whether "
                f"a {file} file was given as an eval or test set, or raise the share"
            )

    def _drop_duplicates(self, work: Path) -> None:
        total = sum(each.summary.candidates for each in self._examined)
        with Repeats(work, expected=total) as repeats:
            for each in self._examined:
                columns = load_columns(each.chunk.candidates_file, "clean", "pair_key")
                places = np.flatnonzero(columns["clean"] & (self._decisions[each.candidates] == 0))
                repeats.add(columns["pair_key"][places], places + each.offset)
            for positions in repeats.positions():
                self._decisions[positions] = _DUPLICATE
        for each in self._examined:
            if each.has_held_out:
                decisions, split = self._decisions[each.candidates], load_columns(each.chunk.candidates_file, "split")
                decisions[(split["split"] != TRAIN) & (decisions == _DUPLICATE)] |= FLAGGED

    def _with_keys(self, split: int) -> Iterator[tuple[Examined, Columns]]:
        for each in self._examined:
            if each.summary.splits[split]:
                yield each, each.keys()


def _mark(decisions: NDArray[np.uint8], rows: NDArray[np.bool_], reason: int) -> int:
    """Give the rows that are kept so far a reason to go; how many they are."""
    fresh = rows & (decisions == 0)
    decisions[fresh] = reason
    return int(np.count_nonzero(fresh))
