"""An exponential moving average of the weights (Polyak and Juditsky 1992), updated with every step."""

from typing import final

import keras
import numpy as np
import tensorflow as tf

from seq2seq_tfx.components.models.interface import TokenModel
from seq2seq_tfx.components.models.weights import Arrays


@final
class MovingAverage:
    """w <- w - (1 - d) (w - weights), with d = min(decay, (1 + step) / (10 + step)).

    The smaller decay of the first updates keeps the initial values from staying in the mean for 1 / (1 - decay) steps.

    Args:
        model: Its present weights are the first mean.
        decay: d after the first updates.
    """

    def __init__(self, model: TokenModel, decay: float) -> None:
        self._decay = decay
        self._variables: list[keras.Variable] = list(model.variables)
        self.slots = {each.path: tf.Variable(each.value, trainable=False) for each in self._variables}
        """The means by variable path; a checkpoint keeps them."""

    def update(self, step: tf.Tensor) -> None:
        """Take the weights after an update in.

        Args:
            step: int32 scalar, the update counted from 1.
        """
        count = tf.cast(step, tf.float32)
        taken = 1.0 - tf.minimum(self._decay, (1.0 + count) / (10.0 + count))
        for variable in self._variables:
            mean = self.slots[variable.path]
            mean.assign_sub(taken * (mean - variable.value))

    def arrays(self) -> Arrays:
        """A copy of the means."""
        return {path: np.array(mean, np.float32) for path, mean in self.slots.items()}
