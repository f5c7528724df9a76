"""How often corpora and their pairs are seen."""

from collections import Counter

import numpy as np
import pytest

from seq2seq_tfx.components.training.mixture import Mixture

CORPORA = {"large": range(0, 90), "small": range(90, 100), "empty": range(100, 100)}


def seen(mixture: Mixture, epochs: int) -> Counter[int]:
    """How often each pair comes in so many epochs."""
    return Counter((np.concatenate([mixture.visits(epoch) for epoch in range(epochs)]) % 100).tolist())


def of_small(counts: Counter[int]) -> int:
    return sum(count for pair, count in counts.items() if pair >= 90)


@pytest.mark.parametrize(
    ("weights", "temperature", "share"),
    [
        ({}, 1.0, 10.0),
        ({"small": 3.0}, 1.0, 100 * 30 / 120),
        ({"small": 0.2, "large": 2.0}, 1.0, 100 * 2 / 182),
        ({}, 5.0, 100 * 10**0.2 / (10**0.2 + 90**0.2)),
        ({"large": 0.5}, 2.0, 100 * 10**0.5 / (10**0.5 + 0.5 * 90**0.5)),
    ],
)
def test_corpora_are_seen_in_proportion_to_within_one_pair(
    weights: dict[str, float], temperature: float, share: float
) -> None:
    mixture = Mixture(CORPORA, weights, temperature, seed=1)
    assert mixture.shares["small"] == pytest.approx(share)
    assert sum(mixture.shares.values()) == pytest.approx(100)
    for epochs in (1, 2, 3, 7, 40):
        counts = seen(mixture, epochs)
        assert abs(of_small(counts) - epochs * share) <= 1
        assert abs(counts.total() - epochs * 100) <= 1
        for pairs in (CORPORA["large"], CORPORA["small"]):
            each = [counts[pair] for pair in pairs]
            assert max(each) - min(each) <= 1, "no pair is seen twice more often than another"


def test_a_visit_counts_how_often_its_pair_was_seen_before() -> None:
    mixture = Mixture(CORPORA, {"small": 3.0}, 1.0, seed=1)
    visits = np.concatenate([mixture.visits(epoch) for epoch in range(6)])
    before: Counter[int] = Counter()
    for visit in visits.tolist():
        assert visit // 100 == before[visit % 100]
        before[visit % 100] += 1


def test_an_epoch_follows_from_its_number_and_the_seed_alone() -> None:
    def epoch(seed: int, number: int) -> list[int]:
        return list(Mixture(CORPORA, {"small": 0.5}, 1.0, seed).visits(number))

    assert epoch(1, 5) == epoch(1, 5)
    assert sorted(np.array(epoch(1, 5)) % 100) != sorted(np.array(epoch(1, 6)) % 100)
    assert epoch(1, 5) != epoch(2, 5)


def test_a_corpus_s_passes_do_not_depend_on_other_corpora() -> None:
    alone = Mixture({"small": range(0, 10)}, {}, 1.0, seed=1).visits(0) % 10
    beside = Mixture(CORPORA, {}, 1.0, seed=1).visits(0)
    assert list(alone) == [visit % 100 - 90 for visit in beside if visit % 100 >= 90]


def test_a_corpus_of_weight_0_is_never_seen() -> None:
    mixture = Mixture(CORPORA, {"large": 0.0}, 1.0, seed=1)
    assert of_small(seen(mixture, 3)) == 300
    with pytest.raises(ValueError, match="must have pairs of a corpus whose weight is above 0"):
        Mixture(CORPORA, {"large": 0.0, "small": 0.0}, 1.0, seed=1)
