"""How the learning rate moves: linear warm-up, then one of four ways down."""

import math

from seq2seq_tfx.schemas.config.training import TrainingConfig


def learning_rate(config: TrainingConfig, step: int) -> float:
    """The learning rate of an update.

    Args:
        config: Peak, warm-up, shape and number of steps.
        step: The update, counted from 1.

    Returns:
        `learning_rate` * min(step / warmup_steps, fall), where fall is 1 at the end of the warm-up and then follows
        sqrt(warmup_steps / step) (inverse_sqrt, Vaswani 2017), a straight line to 0 (linear), half a cosine to 0
        (cosine, Loshchilov 2017), or stays 1 (constant).
    """
    rising = step / config.warmup_steps
    if rising < 1.0:
        return config.learning_rate * rising
    return config.learning_rate * _fall(config, step)


def _fall(config: TrainingConfig, step: int) -> float:
    if config.schedule == "constant":
        return 1.0
    if config.schedule == "inverse_sqrt":
        return math.sqrt(config.warmup_steps / step)
    # The last update still moves: the straight line and the cosine would reach 0 one update later.
    left = 1.0 - (step - config.warmup_steps) / max(config.max_steps + 1 - config.warmup_steps, 1)
    return left if config.schedule == "linear" else 0.5 * (1.0 - math.cos(math.pi * left))
