"""What a killed run goes on from: all state in one file, written atomically, the newest two kept."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import final

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from seq2seq_tfx.components.models.interface import TokenModel
from seq2seq_tfx.components.models.weights import read_arrays, set_weights, weights_of, write_arrays
from seq2seq_tfx.components.training.batches import Position
from seq2seq_tfx.schemas.errors import WorkError

logger = logging.getLogger(__name__)

_KEPT = 2
_PROGRESS = "progress"


@dataclass
class TrainingProgress:
    """Where training stands; with the variables and the slots, all of its state."""

    step: int = 0
    """Updates done."""
    position: Position = Position(0, 0)
    """The next batch."""
    seconds: float = 0.0
    """Wall time of all updates, over all processes."""
    waited_seconds: float = 0.0
    """How much of it was spent waiting for a batch."""
    target_tokens: int = 0
    """Real target tokens trained on."""
    real_tokens: int = 0
    """Real tokens of both sides."""
    padded_tokens: int = 0
    """Positions of both sides, padding counted."""
    validations: list[tuple[int, float]] = field(default_factory=list)
    """(step, eval loss) of each validation point."""
    scores: list[tuple[int, float]] = field(default_factory=list)
    """(step, BLEU or chrF) of each validation point, if one is measured."""
    best_step: int | None = None
    """The validation point with the best loss or score, the first of equal ones."""
    best_value: float | None = None
    """That loss or score."""
    worse_in_a_row: int = 0
    """Validation points since then: what patience is compared with."""
    stopped_early: bool = False
    """Whether patience has ended: no update follows."""

    def to_json(self) -> str:
        """The inverse of `from_json`."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "TrainingProgress":
        """Read what `to_json` wrote."""
        values = json.loads(text)
        values["position"] = Position(*values["position"])
        for name in ("validations", "scores"):
            values[name] = [(step, value) for step, value in values[name]]
        return cls(**values)


@final
class Checkpoints:
    """The checkpoints of one run, in `folder`.

    Args:
        folder: Of this run alone, found again by a restart.
        model: Its variables are saved and restored.
        slots: So are these, by name: the optimiser's, and the moving average's.
    """

    def __init__(self, folder: Path, model: TokenModel, slots: Mapping[str, tf.Variable]) -> None:
        self._folder, self._model, self._slots = folder, model, slots
        folder.mkdir(parents=True, exist_ok=True)

    def save(self, progress: TrainingProgress) -> None:
        """Write a checkpoint, then remove all but the newest two."""
        arrays: dict[str, npt.NDArray[np.generic]] = {
            **{f"model/{name}": array for name, array in weights_of(self._model).items()},
            **{f"slots/{name}": slot.numpy() for name, slot in self._slots.items()},
            _PROGRESS: np.frombuffer(progress.to_json().encode(), np.uint8),
        }
        write_arrays(self._folder / f"step-{progress.step:09d}.npz", arrays)
        for old in self._paths()[:-_KEPT]:
            old.unlink()

    def restore(self) -> TrainingProgress:
        """Give model and slots the newest readable checkpoint's values; a fresh start without one.

        Raises:
            WorkError: If a checkpoint is of another model.
        """
        for path in reversed(self._paths()):
            try:
                arrays = read_arrays(path)
            except WorkError as error:
                logger.warning("%s; going on from the checkpoint before it", error)
                continue
            set_weights(self._model, _below("model/", arrays), str(path))
            _set_slots(self._slots, _below("slots/", arrays), path)
            return TrainingProgress.from_json(arrays[_PROGRESS].tobytes().decode())
        return TrainingProgress()

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("step-*.npz"))


def _below(prefix: str, arrays: Mapping[str, npt.NDArray[np.generic]]) -> dict[str, npt.NDArray[np.float32]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _set_slots(slots: Mapping[str, tf.Variable], arrays: Mapping[str, npt.NDArray[np.float32]], path: Path) -> None:
    if slots.keys() != arrays.keys():
        raise WorkError(
            f"{path} must hold the {len(slots)} slots of optimiser and moving average, it holds {len(arrays)}; "
            "delete it"
        )
    for name, slot in slots.items():
        slot.assign(arrays[name])
