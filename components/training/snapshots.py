"""Weights at validation points, and the mean of the last few: what is exported."""

from pathlib import Path
from typing import final

import numpy as np
import numpy.typing as npt

from seq2seq_tfx.components.models.interface import TokenModel
from seq2seq_tfx.components.models.weights import Arrays, read_arrays, weights_of, write_arrays


@final
class Snapshots:
    """The weights of the last `kept` validation points, on disk.

    A run that goes on from an earlier checkpoint writes the same snapshots again, so nothing of them needs to stand in
    the checkpoint.

    Args:
        folder: Of this run alone, found again by a restart.
        kept: Validation points that the mean is over.
    """

    def __init__(self, folder: Path, kept: int) -> None:
        self._folder, self._kept = folder, kept

    def take(self, model: TokenModel, step: int) -> None:
        """Write the model's weights after `step`, and remove those that no mean will need."""
        write_arrays(self._folder / f"step-{step:09d}.npz", weights_of(model))
        for path in self._until(step)[: -self._kept]:
            path.unlink()

    def mean(self, step: int) -> Arrays:
        """The mean of the last snapshots up to `step`, added in order of their steps in float64."""
        paths = self._until(step)[-self._kept :]
        sums: dict[str, npt.NDArray[np.float64]] = {}
        for path in paths:
            for name, array in read_arrays(path).items():
                sums[name] = sums.get(name, 0.0) + array.astype(np.float64)
        return {name: (total / len(paths)).astype(np.float32) for name, total in sums.items()}

    def _until(self, step: int) -> list[Path]:
        return sorted(path for path in self._folder.glob("step-*.npz") if int(path.stem.removeprefix("step-")) <= step)
