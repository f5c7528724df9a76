"""The learning rate, by hand."""

import pytest

from seq2seq_tfx.components.training.schedules import learning_rate, own_token_probability
from seq2seq_tfx.schemas.config.training import ScheduledSamplingConfig, TrainingConfig

WIDTH = 64


@pytest.mark.parametrize(
    ("schedule", "at_400", "at_700", "at_1000"),
    [
        ("inverse_sqrt", 0.5, (100 / 700) ** 0.5, 0.1**0.5),
        ("linear", 601 / 901, 301 / 901, 1 / 901),
        ("constant", 1.0, 1.0, 1.0),
    ],
)
def test_rate_rises_and_falls_as_the_schedule_says(schedule: str, at_400: float, at_700: float, at_1000: float) -> None:
    config = TrainingConfig.model_validate(
        {"max_steps": 1000, "warmup_steps": 100, "learning_rate": 2.0, "schedule": schedule}
    )
    expected = {1: 0.01, 50: 0.5, 100: 1.0, 400: at_400, 700: at_700, 1000: at_1000}
    for step, share in expected.items():
        assert learning_rate(config, step, WIDTH) == pytest.approx(2.0 * share), step


def test_cosine_is_halfway_down_when_half_the_steps_are_done() -> None:
    config = TrainingConfig(max_steps=999, warmup_steps=100, learning_rate=2.0, schedule="cosine")
    assert learning_rate(config, 550, WIDTH) == pytest.approx(1.0)
    assert learning_rate(config, 100, WIDTH) == pytest.approx(2.0)
    assert 0.0 < learning_rate(config, 999, WIDTH) < 1e-4


@pytest.mark.parametrize("schedule", ["inverse_sqrt", "linear", "cosine", "constant"])
def test_rate_is_positive_when_the_warm_up_is_longer_than_the_run(schedule: str) -> None:
    config = TrainingConfig.model_validate({"max_steps": 10, "warmup_steps": 100, "schedule": schedule})
    assert all(0 < learning_rate(config, step, WIDTH) <= 1e-3 for step in range(1, 11))


def test_noam_is_the_papers_and_inverse_sqrt_with_another_peak() -> None:
    noam = TrainingConfig(learning_rate=2.0, warmup_steps=400, schedule="noam")
    peak = 2.0 / (WIDTH * 400) ** 0.5
    same = TrainingConfig(learning_rate=peak, warmup_steps=400, schedule="inverse_sqrt")
    for step in (1, 37, 400, 401, 9000):
        papers = 2.0 * WIDTH**-0.5 * min(step**-0.5, step * 400**-1.5)
        assert learning_rate(noam, step, WIDTH) == pytest.approx(papers)
        assert learning_rate(same, step, WIDTH) == pytest.approx(papers)


def test_noam_refuses_a_peak_where_it_takes_a_factor() -> None:
    with pytest.raises(ValueError, match=r"learning_rate must be a factor from 0.05 to 50 where schedule is noam"):
        TrainingConfig(schedule="noam")


@pytest.mark.parametrize("schedule", ["inverse_sqrt", "linear", "cosine", "constant"])
def test_a_schedule_goes_on_where_it_ended_when_it_has_an_offset(schedule: str) -> None:
    given = {"warmup_steps": 10, "schedule": schedule}
    whole = TrainingConfig.model_validate({**given, "max_steps": 100})
    rest = TrainingConfig.model_validate({**given, "max_steps": 40, "schedule_offset": 60})
    assert [learning_rate(rest, step, WIDTH) for step in (1, 20, 40)] == pytest.approx(
        [learning_rate(whole, step, WIDTH) for step in (61, 80, 100)]
    )


@pytest.mark.parametrize(
    ("shape", "at_half", "at_end"),
    [("linear", 0.5, 1.0), ("exponential", 0.9, 0.99), ("inverse_sigmoid", 0.5, 1.0)],
)
def test_own_tokens_become_likelier_as_the_shape_says(shape: str, at_half: float, at_end: float) -> None:
    config = ScheduledSamplingConfig.model_validate({"highest": 0.8, "shape": shape, "steps": 1000})
    probabilities = [own_token_probability(config, step) for step in range(1, 3000, 7)]
    assert probabilities == sorted(probabilities)
    assert probabilities[0] < 0.01
    assert own_token_probability(config, 500) == pytest.approx(0.8 * at_half, abs=1e-6)
    assert own_token_probability(config, 1000) == pytest.approx(0.8 * at_end, rel=0.01)
    assert own_token_probability(config, 10**6) == pytest.approx(0.8)
    assert own_token_probability(ScheduledSamplingConfig(), 500) == 0.0
