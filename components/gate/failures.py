"""Too many broken translations: what the text checks found, held against the policy's bounds."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from seq2seq_tfx.components.evaluation.scores import POOL, FailureCount
from seq2seq_tfx.schemas.config.gate import GateConfig

WORDS: Final[Mapping[str, str]] = {
    "empty": "are empty",
    "copied_source": "repeat their source",
    "loop": "repeat themselves in a loop",
    "wrong_script": "are in another script",
    "wrong_language": "are in another language",
    "lost_number": "lose or change a number",
    "lost_markup": "lose an address, a placeholder or a tag",
    "truncated": "end at the length limit",
}
"""What a failed check means, after `12 translations`."""


@dataclass(frozen=True, kw_only=True)
class FailureBound:
    """One check on all sentences, and what the policy allows."""

    check: str
    sentences: int
    """Those whose translation can fail it."""
    failed: int
    references_failed: float
    bound: float
    """Allowed share beyond that of the references."""
    p_value: float
    """How likely so many failures, or more, are if the true share is the allowed one."""
    broken: bool


def failure_bounds(counts: Iterable[FailureCount], config: GateConfig) -> tuple[FailureBound, ...]:
    """Hold what was found in all sentences against `gate.max_failures`.

    A bound is broken if more fail than it allows, and by more than chance explains: in a small test set one odd
    sentence must not stop a release.

    Args:
        counts: As the evaluation stored them.
        config: Bounds, and how sure one must be.
    """
    pooled = {count.check: count for count in counts if count.slice == POOL and count.sentences}
    return tuple(
        _bound(pooled[check], share, 1.0 - config.confidence)
        for check, share in config.max_failures.items()
        if check in pooled
    )


def _bound(count: FailureCount, share: float, level: float) -> FailureBound:
    allowed = min(1.0, share + count.references_failed / count.sentences)
    chance = at_least(count.failed, count.sentences, allowed)
    return FailureBound(
        check=count.check,
        sentences=count.sentences,
        failed=count.failed,
        references_failed=count.references_failed,
        bound=share,
        p_value=chance,
        broken=count.failed > allowed * count.sentences and chance <= level,
    )


def at_least(successes: int, trials: int, share: float) -> float:
    """The probability of so many successes, or more, in independent trials (the upper tail of the binomial).

    Example:
        >>> round(at_least(1, 2, 0.5), 3)
        0.75
    """
    if successes <= 0:
        return 1.0
    if share <= 0.0:
        return 0.0
    if share >= 1.0:
        return 1.0
    logs = (_log_probability(count, trials, share) for count in range(successes, trials + 1))
    return min(1.0, math.fsum(map(math.exp, logs)))


def _log_probability(successes: int, trials: int, share: float) -> float:
    failures = trials - successes
    ways = math.lgamma(trials + 1) - math.lgamma(successes + 1) - math.lgamma(failures + 1)
    return ways + successes * math.log(share) + failures * math.log1p(-share)


def in_words(found: FailureBound) -> str:
    """Why a bound is broken."""
    share = found.failed / found.sentences
    references = found.references_failed / found.sentences
    beyond = f" beyond the {references:.1%} of the references" if found.references_failed else ""
    return (
        f"{found.failed:,} of {found.sentences:,} translations ({share:.1%}) {WORDS[found.check]}; "
        f"{found.bound:.1%} are allowed{beyond}"
    )
