"""How numbers move with the step: the learning rate, and the probability of scheduled sampling."""

import math

from seq2seq_tfx.schemas.config.training import ScheduledSamplingConfig, TrainingConfig

_NEARLY = 0.99
_BISECTIONS = 60


def learning_rate(config: TrainingConfig, step: int, width: int) -> float:
    """The learning rate of an update.

    Args:
        config: Peak, warm-up, shape, offset and number of steps.
        step: The update, counted from 1; the schedule sees `step + schedule_offset`.
        width: Size of the model's vectors; only noam depends on it.

    Returns:
        `learning_rate` * min(step / warmup_steps, fall), where fall is 1 at the end of the warm-up and then follows
        sqrt(warmup_steps / step) (inverse_sqrt), a straight line to 0 (linear), half a cosine to 0 (cosine,
        Loshchilov 2017), or stays 1 (constant). noam (Vaswani 2017, equation 3) is `learning_rate` * width ** -0.5 *
        min(step ** -0.5, step * warmup_steps ** -1.5): inverse_sqrt with the peak `learning_rate` / sqrt(width *
        warmup_steps).
    """
    step += config.schedule_offset
    peak = config.learning_rate
    if config.schedule == "noam":
        peak /= math.sqrt(width * config.warmup_steps)
    rising = step / config.warmup_steps
    return peak * (rising if rising < 1.0 else _fall(config, step))


def _fall(config: TrainingConfig, step: int) -> float:
    if config.schedule == "constant":
        return 1.0
    if config.schedule in ("inverse_sqrt", "noam"):
        return math.sqrt(config.warmup_steps / step)
    # The last update still moves: the straight line and the cosine would reach 0 one update later.
    last = config.max_steps + config.schedule_offset
    left = 1.0 - (step - config.warmup_steps) / max(last + 1 - config.warmup_steps, 1)
    return left if config.schedule == "linear" else 0.5 * (1.0 - math.cos(math.pi * left))


def own_token_probability(config: ScheduledSamplingConfig, step: int) -> float:
    """How likely the decoder is fed its own prediction in an update (1 - epsilon in Bengio 2015, section 2.4).

    Args:
        config: Shape, length, end value.
        step: The update, counted from 1.

    Returns:
        `highest` times a share that grows from 0: step / steps (linear), 1 - k ** step with 99% at `steps`
        (exponential), or 1 - k / (k + exp(step / k)) with half of it at `steps` / 2 (inverse_sigmoid).
    """
    if config.shape == "linear":
        return config.highest * min(step / config.steps, 1.0)
    if config.shape == "exponential":
        return config.highest * (1.0 - (1.0 - _NEARLY) ** (step / config.steps))
    k = _sigmoid_constant(config.steps / 2)
    # k / (k + exp(x)) = 1 / (1 + exp(x - log k)), which cannot overflow before `exp` of a large number would.
    return config.highest * (1.0 - 1.0 / (1.0 + math.exp(min(step / k - math.log(k), 700.0))))


def _sigmoid_constant(half: float) -> float:
    """The k >= 1 with k log k = half, where k / (k + exp(half / k)) is one half."""
    low, high = 1.0, 2.0 + half
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if middle * math.log(middle) < half else (low, middle)
    return high
