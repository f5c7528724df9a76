"""The learning rate, by hand."""

import pytest

from seq2seq_tfx.components.training.schedules import learning_rate
from seq2seq_tfx.schemas.config.training import TrainingConfig


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
        assert learning_rate(config, step) == pytest.approx(2.0 * share), step


def test_cosine_is_halfway_down_when_half_the_steps_are_done() -> None:
    config = TrainingConfig(max_steps=999, warmup_steps=100, learning_rate=2.0, schedule="cosine")
    assert learning_rate(config, 550) == pytest.approx(1.0)
    assert learning_rate(config, 100) == pytest.approx(2.0)
    assert 0.0 < learning_rate(config, 999) < 1e-4


@pytest.mark.parametrize("schedule", ["inverse_sqrt", "linear", "cosine", "constant"])
def test_rate_is_positive_when_the_warm_up_is_longer_than_the_run(schedule: str) -> None:
    config = TrainingConfig.model_validate({"max_steps": 10, "warmup_steps": 100, "schedule": schedule})
    assert all(0 < learning_rate(config, step) <= 1e-3 for step in range(1, 11))
