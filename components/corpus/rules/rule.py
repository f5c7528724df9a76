"""What a rule is: a score of a pair, held against a threshold that its setting gives."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from seq2seq_tfx.components.corpus.rules.batch import Batch
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.languages import Languages

Scores: TypeAlias = float | tuple[float, float]
"""Of the pair, or of its source and its target; the worse side decides."""
Score: TypeAlias = Callable[[str, str], Scores]
Suspects: TypeAlias = Callable[[Batch, float], npt.NDArray[np.bool_]]
"""The rows of a batch that may break the rule at a threshold: all that do, and few others."""


class Check(NamedTuple):
    """How a rule looks at pairs."""

    score: Score
    suspects: Suspects | None = None
    """None if each pair must be scored."""


class Rule(NamedTuple):
    """A rule that is on."""

    name: str
    """The setting's: `max_...` is broken by a score above it, `min_...` by one below it, others by any above 0."""
    threshold: float
    check: Check

    def is_broken(self, source: str, target: str) -> bool:
        """Whether a pair is to be dropped."""
        scores = self.check.score(source, target)
        if self.name.startswith("min_"):
            return (scores if isinstance(scores, int | float) else min(scores)) < self.threshold
        return (scores if isinstance(scores, int | float) else max(scores)) > self.threshold

    def suspects(self, batch: Batch) -> npt.NDArray[np.intp]:
        """The rows of a batch that must be scored, ascending."""
        if self.check.suspects is None:
            return np.arange(len(batch.source.texts))
        return np.flatnonzero(self.check.suspects(batch, self.threshold))


Prepare: TypeAlias = Callable[[CleaningConfig, Languages], Check]
"""Makes the check of a rule that looks at more than its own setting."""


def each_side(of_text: Callable[[str], float]) -> Score:
    """The same score for both sides."""
    return lambda source, target: (of_text(source), of_text(target))
