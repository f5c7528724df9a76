"""From the configuration's `training` section to the optimiser that it names."""

from collections.abc import Sequence

import keras

from seq2seq_tfx.components.training.adafactor import Adafactor
from seq2seq_tfx.components.training.adam import Adam
from seq2seq_tfx.components.training.optimizer import Optimizer
from seq2seq_tfx.schemas.config.training import TrainingConfig


def make_optimizer(config: TrainingConfig, variables: Sequence[keras.Variable]) -> Optimizer:
    """The optimiser with its slots, all zero.

    Args:
        config: Which one, and AdamW's decay.
        variables: What is trained.
    """
    if config.optimizer == "adafactor":
        return Adafactor(variables)
    return Adam(variables, config.weight_decay if config.optimizer == "adamw" else 0.0)
