"""What the workers of a training tell each other between updates: a handful of numbers, summed over all of them.

Every worker goes through the same updates with the same weights, so there is little to tell: whether one of them was
asked to stop, and that all began alike.
"""

import functools
import zlib
from typing import Final, final

import tensorflow as tf
from typing_extensions import Buffer

from seq2seq_tfx.components.models.interface import TokenModel
from seq2seq_tfx.components.models.weights import weights_of
from seq2seq_tfx.schemas.errors import WorkError

_CHECKSUMS: Final = 1 << 16


def checksum(*parts: Buffer) -> int:
    """A number that `require_same` can compare."""
    return functools.reduce(lambda before, part: zlib.crc32(part, before), parts, 0) % _CHECKSUMS


@final
class Agreement:
    """Between the replicas of the strategy in whose scope it is made; without one, nobody has to be asked."""

    def __init__(self) -> None:
        self._strategy = tf.distribute.get_strategy()
        self._replicas = self._strategy.num_replicas_in_sync

    def any(self, *flags: bool) -> list[bool]:
        """For each flag, whether it is raised anywhere. Everybody gets the same answer, after everybody has asked."""
        if self._replicas == 1:
            return list(flags)
        return [total > 0.0 for total in self._sum(tf.constant(flags, tf.float32)).numpy().tolist()]

    def require_same(self, what: str, *numbers: int) -> None:
        """Hold the workers to have begun alike.

        Args:
            what: What the numbers describe, as in `checkpoint`.
            numbers: At most 2 ** 24 / workers, so that float32 has their sums.

        Raises:
            WorkError: If another worker has others; then at least one worker raises it.
        """
        if self._replicas == 1:
            return
        totals = self._sum(tf.constant(numbers, tf.float32)).numpy().tolist()
        if totals != [float(number * self._replicas) for number in numbers]:
            raise WorkError(
                f"all workers of a training must begin with the same {what}, here it is {list(numbers)} and on average "
                f"{[total / self._replicas for total in totals]}; give them the same files, settings and versions"
            )

    def require_same_weights(self, model: TokenModel) -> None:
        """Hold the workers to have the same weights, to the bit, as equal updates of equal weights must leave them.

        Raises:
            WorkError: If they differ: processors of another kind round otherwise.
        """
        if self._replicas > 1:
            weights = [array for _, array in sorted(weights_of(model).items())]
            self.require_same("weights (as a checksum; use machines of one kind)", checksum(*weights))

    @tf.function(input_signature=(tf.TensorSpec([None], tf.float32),), autograph=False)
    def _sum(self, numbers: tf.Tensor) -> tf.Tensor:
        def reduced() -> tf.Tensor:
            placed = tf.identity(numbers)  # an argument is on no device yet, and the sum must be on one
            return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, placed)

        return self._strategy.experimental_local_results(self._strategy.run(reduced))[0]
