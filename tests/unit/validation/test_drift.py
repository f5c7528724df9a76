"""Drift of the train split: which measures moved, how far, and what is said about it."""

import math

import numpy as np
import pytest
from measured_pairs import drawn, measures, schema, statistics

from seq2seq_tfx.components.validation.drift import Drift, drift, problem, record

NEAR = statistics(drawn(seed=1, mean=4.0))


def moved(max_drift: float, mean: float = 5.0) -> Drift:
    """The lengths of this mean after those of mean 4 (of their logarithms)."""
    return drift(statistics(drawn(seed=2, mean=mean)), NEAR, schema(), max_drift)


def test_same_data_are_at_distance_zero() -> None:
    found = drift(NEAR, NEAR, schema(), 0.001)
    assert {each.feature: each.divergence for each in found.distances} == {
        "digit_share": 0.0,
        "length_ratio": 0.0,
        "source_latin_share": 0.0,
        "source_length": 0.0,
        "target_latin_share": 0.0,
        "target_length": 0.0,
    }
    assert problem(found, "before") is None


def test_another_sample_of_the_same_kind_passes() -> None:
    assert moved(0.1, mean=4.0).too_far == ()


def test_lengths_that_have_nothing_in_common_are_at_distance_one() -> None:
    before, now = (statistics(measures(np.full(500, length))) for length in (10, 1000))
    found = {each.feature: each for each in drift(now, before, schema(), 0.1).distances}
    assert found["source_length"].divergence == pytest.approx(1.0, abs=1e-6)
    assert (found["source_length"].mean_before, found["source_length"].mean_now) == (10.0, 1000.0)
    assert found["digit_share"].divergence == 0.0


def test_one_foreign_letter_or_one_endless_sentence_is_no_drift() -> None:
    before = measures(np.full(1000, 10))
    now = before.copy()
    now.loc[0, "source_latin_share"] = 0.9
    now.loc[0, "digit_share"] = 0.5
    now.loc[0, "source_length"] = 100_000
    for first, second in (before, now), (now, before):
        found = drift(statistics(first), statistics(second), schema(), 0.5).distances
        assert max(each.divergence for each in found) < 0.03


def test_samples_of_one_kind_are_near_and_the_measure_hardly_feels_the_longest_sentence() -> None:
    sample, longest = drawn(seed=5, mean=4.0), drawn(seed=5, mean=4.0)
    longest.loc[0, "source_length"] = 50_000
    for each in sample, longest:
        found = {d.feature: d.divergence for d in drift(statistics(each), NEAR, schema(), 0.5).distances}
        assert 0 < found["source_length"] < 0.02


def test_divergence_is_that_of_the_formula_when_both_have_two_values() -> None:
    before, now = (statistics(measures(np.repeat([10, 1000], counts))) for counts in ([300, 100], [100, 300]))
    (found,) = [each for each in drift(now, before, schema(), 0.1).distances if each.feature == "source_length"]
    p, q = (0.75, 0.25), (0.25, 0.75)
    by_hand = sum(a / 2 * math.log2(a / 0.5) for a in (*p, *q))
    assert found.divergence == pytest.approx(by_hand, abs=0.02)


def test_one_message_names_every_measure_its_figures_the_bound_and_what_to_do() -> None:
    found = moved(0.2)
    text = problem(found, "artifacts/statistics/3")
    assert text is not None
    first, *measured, last = text.splitlines()
    assert "validation.max_drift, 0.2" in first
    assert [line.split(":")[0].strip() for line in measured] == ["source_length", "target_length"]
    for each, line in zip(found.too_far, measured, strict=True):
        assert each.divergence > 0.2
        assert f"{each.divergence:.4f}, mean {each.mean_before:.4g} before and {each.mean_now:.4g} now" in line
    assert "artifacts/statistics/3" in last


def test_the_bound_that_the_message_names_lets_the_data_pass() -> None:
    text = problem(moved(0.2), "before")
    assert text is not None
    bound = float(text.partition("validation.max_drift=")[2].partition(";")[0])
    assert moved(bound).too_far == ()
    assert moved(bound - 0.01).too_far != ()


def test_a_measure_that_earlier_data_do_not_have_is_passed_over() -> None:
    before = statistics(drawn(seed=1, mean=4.0).drop(columns="source_length"))
    found = drift(statistics(drawn(seed=2, mean=5.0)), before, schema(), 0.2)
    assert [each.feature for each in found.too_far] == ["target_length"]


def test_record_says_what_was_found_in_words_and_figures() -> None:
    found = moved(0.2)
    document = record(found, "before", 0.2)
    assert document["verdict"] == "moved too far: source_length, target_length"
    assert {each["feature"] for each in document["measures"]} >= {"source_length", "digit_share"}
    assert record(moved(0.9), "before", 0.9)["verdict"] == "no measure moved too far"


def test_record_says_so_when_there_was_nothing_to_compare_with() -> None:
    document = record(None, None, 0.2)
    assert document["verdict"] == "there was nothing to compare with"
    assert document["measures"] == []
