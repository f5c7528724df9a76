"""What was read, kept and dropped, corpus by corpus and rule by rule; the sums are checked."""

from typing import final

from seq2seq_tfx.components.corpus.settings import CorpusFile
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.errors import WorkError
from seq2seq_tfx.schemas.features import SPLITS, pair_id

SAMPLES = 5
"""Samples kept a rule: the first ones in the order of the files, so the same every time."""
SAMPLE_CHARACTERS = 200


class Sample(Section):
    """A pair that a rule applied to."""

    pair_id: str
    split: str | None
    """Where it stands, or would have stood; None if it could not be read."""
    texts: tuple[str, ...]
    """Source and targets, cut to `SAMPLE_CHARACTERS`; for an unreadable row the problem and its content."""


class RuleCount(Section):
    """What one rule did in one corpus."""

    dropped: int
    """Pairs left out (training only)."""
    flagged: int
    """Eval and test pairs that the rule would have dropped; they are kept."""
    samples: tuple[Sample, ...]


class CorpusCount(Section):
    """One corpus: read = the sum of kept + the sum of dropped."""

    corpus: str
    files: tuple[CorpusFile, ...]
    read: int
    kept: dict[str, int]
    """Split to pairs written."""
    rules: dict[str, RuleCount]


class Ledger(Section):
    """All corpora, in the order of the configuration."""

    languages: Languages
    corpora: tuple[CorpusCount, ...]

    def kept(self, split: str) -> int:
        """Pairs written to a split."""
        return sum(each.kept[split] for each in self.corpora)

    def dropped(self) -> dict[str, int]:
        """Pairs left out by each rule, over all corpora; rules that dropped none are absent."""
        totals: dict[str, int] = {}
        for each in self.corpora:
            for rule, count in each.rules.items():
                totals[rule] = totals.get(rule, 0) + count.dropped
        return {rule: count for rule, count in totals.items() if count}


@final
class CorpusTally:
    """Counts one corpus while it is read."""

    def __init__(self, corpus: str, files: tuple[CorpusFile, ...]) -> None:
        self._corpus, self._files = corpus, files
        self.read = 0
        self._kept = dict.fromkeys(SPLITS, 0)
        self._dropped: dict[str, int] = {}
        self._flagged: dict[str, int] = {}
        self._samples: dict[str, list[Sample]] = {}

    def keep(self, split: str) -> None:
        """One more pair was written."""
        self._kept[split] += 1

    def drop(self, rule: str, number: int, split: str | None, texts: tuple[str, ...]) -> None:
        """One more pair was left out, because of `rule`."""
        self._dropped[rule] = self._dropped.get(rule, 0) + 1
        self._sample(rule, number, split, texts)

    def flag(self, rule: str, number: int, split: str, texts: tuple[str, ...]) -> None:
        """`rule` applies to a pair that is kept all the same."""
        self._flagged[rule] = self._flagged.get(rule, 0) + 1
        self._sample(rule, number, split, texts)

    def _sample(self, rule: str, number: int, split: str | None, texts: tuple[str, ...]) -> None:
        samples = self._samples.setdefault(rule, [])
        if len(samples) < SAMPLES:
            cut = tuple(text[:SAMPLE_CHARACTERS] for text in texts)
            samples.append(Sample(pair_id=pair_id(self._corpus, number), split=split, texts=cut))

    def result(self) -> CorpusCount:
        """The corpus's counts.

        Raises:
            WorkError: If they do not add up.
        """
        accounted = sum(self._kept.values()) + sum(self._dropped.values())
        if accounted != self.read:
            raise WorkError(
                f"every row of corpus {self._corpus!r} must be kept or dropped with a reason, but {self.read:,} were "
                f"read and {accounted:,} accounted for; this is a defect of seq2seq-tfx, please report it"
            )
        rules = {
            rule: RuleCount(
                dropped=self._dropped.get(rule, 0), flagged=self._flagged.get(rule, 0), samples=tuple(samples)
            )
            for rule, samples in sorted(self._samples.items())
        }
        return CorpusCount(corpus=self._corpus, files=self._files, read=self.read, kept=self._kept, rules=rules)
