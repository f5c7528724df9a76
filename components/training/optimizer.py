"""What every optimiser offers to the update and to checkpoints."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import keras
import tensorflow as tf


class Optimizer(ABC):
    """Moves variables; all of its state is in `slots`.

    Args:
        variables: What is trained; the order and paths name the slots in checkpoints.
    """

    def __init__(self, variables: Sequence[keras.Variable]) -> None:
        self._names = [variable.path for variable in variables]
        self._targets = [variable.value for variable in variables]
        self.slots: dict[str, tf.Variable] = {}
        """All state by name; a checkpoint keeps it."""

    @abstractmethod
    def update(self, gradients: Sequence[tf.Tensor], learning_rate: tf.Tensor, step: tf.Tensor) -> None:
        """Move the variables.

        Args:
            gradients: Dense, one a variable, already clipped.
            learning_rate: float32 scalar.
            step: int32 scalar, the update counted from 1.
        """

    def slot(self, kind: str, name: str, shape: tf.TensorShape | Sequence[int]) -> tf.Variable:
        """A new variable of zeros, known to checkpoints as `<kind>/<name>`."""
        self.slots[f"{kind}/{name}"] = tf.Variable(tf.zeros(shape), trainable=False)
        return self.slots[f"{kind}/{name}"]
