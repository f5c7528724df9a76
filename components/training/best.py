"""The best weights so far, and how long they have been the best."""

from pathlib import Path
from typing import final

from seq2seq_tfx.components.models.interface import TokenModel
from seq2seq_tfx.components.models.weights import Arrays, read_arrays, weights_of, write_arrays
from seq2seq_tfx.components.training.checkpoints import TrainingProgress


@final
class BestWeights:
    """Keeps one file of weights, named by its step, in `folder`.

    Which step is the best stands in `TrainingProgress`, hence in the checkpoint. A run that goes on from an earlier
    checkpoint comes by the same validation points, and writes the same file again.

    Args:
        folder: Of this run alone, found again by a restart.
        higher_is_better: Of the value that is compared.
    """

    def __init__(self, folder: Path, *, higher_is_better: bool) -> None:
        self._folder, self._sign = folder, 1.0 if higher_is_better else -1.0

    def consider(self, value: float, progress: TrainingProgress) -> bool:
        """Take in the value of a validation point; returns whether it is better than all before it.

        Args:
            value: Loss or score of the weights.
            progress: Is told.
        """
        if progress.best_value is not None and self._sign * value <= self._sign * progress.best_value:
            progress.worse_in_a_row += 1
            return False
        progress.best_step, progress.best_value, progress.worse_in_a_row = progress.step, value, 0
        return True

    def keep(self, model: TokenModel, step: int) -> None:
        """Write the weights of the validation point at `step`, the best, and remove those of an earlier one."""
        write_arrays(self._path(step), weights_of(model))
        for path in self._folder.glob("step-*.npz"):
            if path != self._path(step):
                path.unlink()

    def arrays(self, progress: TrainingProgress) -> Arrays | None:
        """The best weights; None if nothing was ever measured."""
        return None if progress.best_step is None else read_arrays(self._path(progress.best_step))

    def _path(self, step: int) -> Path:
        return self._folder / f"step-{step:09d}.npz"
