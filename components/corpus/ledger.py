"""What was read, kept and dropped, corpus by corpus and rule by rule; the sums are checked."""

from collections.abc import Iterable, Sequence
from typing import Final, final

from seq2seq_tfx.components.corpus.settings import CorpusFile
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.errors import WorkError
from seq2seq_tfx.schemas.features import SPLITS, pair_id

LEDGER_FILE: Final = "ledger.json"
DEAD_LETTERS_FILE: Final = "dead_letters.jsonl"
"""One JSON object a row that could not be read; not there if every row could."""
SAMPLE_CHARACTERS: Final = 200


class Sample(Section):
    """A pair that a rule applied to."""

    pair_id: str
    split: str | None
    """Where it stands, or would have stood (`MONOLINGUAL` of a monolingual corpus); None if it could not be read."""
    texts: tuple[str, ...]
    """Source and targets, cut to `SAMPLE_CHARACTERS`; for an unreadable row the problem and its content."""


def sample(corpus: str, number: int, split: str | None, texts: Iterable[str]) -> Sample:
    """A pair as the ledger shows it."""
    cut = tuple(text[:SAMPLE_CHARACTERS] for text in texts)
    return Sample(pair_id=pair_id(corpus, number), split=split, texts=cut)


class RuleCount(Section):
    """What one rule did in one corpus."""

    dropped: int
    """Pairs left out."""
    flagged: int
    """Eval and test pairs that the rule would have dropped; they are kept."""
    samples: tuple[Sample, ...]
    """The first ones in the order of the files, so the same every time."""


class CorpusCount(Section):
    """One corpus: read = the sum of kept + the sum of dropped."""

    corpus: str
    files: tuple[CorpusFile, ...]
    read: int
    kept: dict[str, int]
    """Split to pairs written; of a monolingual corpus `MONOLINGUAL` to sentences written, and nothing else."""
    rules: dict[str, RuleCount]


class Ledger(Section):
    """All corpora, in the order of the configuration."""

    languages: Languages
    corpora: tuple[CorpusCount, ...]

    def kept(self, split: str) -> int:
        """Pairs written to a split, or sentences of monolingual corpora."""
        return sum(each.kept.get(split, 0) for each in self.corpora)

    def dropped(self) -> dict[str, int]:
        """Pairs left out by each rule, over all corpora; rules that dropped none are absent."""
        totals: dict[str, int] = {}
        for each in self.corpora:
            for rule, count in each.rules.items():
                totals[rule] = totals.get(rule, 0) + count.dropped
        return {rule: count for rule, count in totals.items() if count}


@final
class CorpusTally:
    """Adds up what became of the rows of one corpus.

    Args:
        corpus: Its name.
        files: Its files.
        samples: Pairs shown for each rule.
        splits: Where its rows may be kept.
    """

    def __init__(
        self, corpus: str, files: tuple[CorpusFile, ...], samples: int, splits: Sequence[str] = SPLITS
    ) -> None:
        self._corpus, self._files, self._limit = corpus, files, samples
        self.read = 0
        self._kept = dict.fromkeys(splits, 0)
        self._rules: dict[str, RuleCount] = {}

    def keep(self, split: str, count: int = 1) -> None:
        """So many more pairs were written."""
        self._kept[split] += count

    def wanted_samples(self, rule: str) -> int:
        """How many more samples of a rule there is room for."""
        return self._limit - (len(self._rules[rule].samples) if rule in self._rules else 0)

    def apply(self, rule: str, count: RuleCount) -> None:
        """`rule` applied to so many more pairs, all after those before."""
        before = self._rules.get(rule, RuleCount(dropped=0, flagged=0, samples=()))
        self._rules[rule] = RuleCount(
            dropped=before.dropped + count.dropped,
            flagged=before.flagged + count.flagged,
            samples=(*before.samples, *count.samples)[: self._limit],
        )

    def result(self) -> CorpusCount:
        """The corpus's counts.

        Raises:
            WorkError: If they do not add up.
        """
        accounted = sum(self._kept.values()) + sum(count.dropped for count in self._rules.values())
        if accounted != self.read:
            raise WorkError(
                f"every row of corpus {self._corpus!r} must be kept or dropped with a reason, but {self.read:,} were "
                f"read and {accounted:,} accounted for; this is a defect of seq2seq-tfx, please report it"
            )
        rules = dict(sorted(self._rules.items()))
        return CorpusCount(corpus=self._corpus, files=self._files, read=self.read, kept=self._kept, rules=rules)
