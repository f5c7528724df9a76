"""Bounds on broken translations, and the tail of the binomial."""

import pytest

from seq2seq_tfx.components.evaluation.scores import FailureCount
from seq2seq_tfx.components.gate.failures import at_least, failure_bounds, in_words
from seq2seq_tfx.schemas.config.gate import GateConfig


def count(failed: int, sentences: int, references_failed: float = 0.0, place: str = "all") -> FailureCount:
    return FailureCount(
        split="test",
        slice=place,
        check="loop",
        sentences=sentences,
        failed=failed,
        references_failed=references_failed,
    )


@pytest.mark.parametrize(
    ("found", "broken"),
    [
        (count(0, 100), False),
        (count(1, 100), False),  # 1 in 100 at a true share of 1 %: more likely than not
        (count(3, 100), False),  # 8 %
        (count(4, 100), True),  # 1.8 %
        (count(4, 100, 2.0), False),  # two references do the same
        (count(1, 2), True),  # 2.0 %
        (count(2, 1000), False),
    ],
)
def test_a_bound_is_broken_when_chance_does_not_explain_it(found: FailureCount, broken: bool) -> None:
    (bound,) = failure_bounds([found, count(50, 50, place="corpus=a")], GateConfig(max_failures={"loop": 0.01}))
    assert bound.broken is broken


def test_what_was_not_looked_for_is_not_judged() -> None:
    config = GateConfig(max_failures={"loop": 0.01, "empty": 0.0})
    assert [bound.check for bound in failure_bounds([count(1, 2)], config)] == ["loop"]
    assert failure_bounds([], config) == ()
    assert failure_bounds([count(9, 10)], GateConfig(max_failures={})) == ()


def test_nothing_may_fail_when_the_bound_is_zero() -> None:
    (bound,) = failure_bounds([count(1, 1000)], GateConfig(max_failures={"loop": 0.0}))
    assert bound.broken


def test_the_reason_names_counts_shares_and_what_is_allowed() -> None:
    (bound,) = failure_bounds([count(40, 400, 2.0)], GateConfig(max_failures={"loop": 0.01}))
    words = (
        "40 of 400 translations (10.0%) repeat themselves in a loop; 1.0% are allowed beyond the 0.5% of the references"
    )
    assert in_words(bound) == words


@pytest.mark.parametrize(
    ("successes", "trials", "share", "expected"),
    [
        (0, 5, 0.3, 1.0),
        (5, 5, 0.5, 1 / 32),
        (1, 3, 0.5, 7 / 8),
        (2, 3, 0.1, 0.028),
        (1, 3, 0.0, 0.0),
        (3, 3, 1.0, 1.0),
    ],
)
def test_tail_of_the_binomial(successes: int, trials: int, share: float, expected: float) -> None:
    assert at_least(successes, trials, share) == pytest.approx(expected)
