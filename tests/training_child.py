"""One process of a training on several replicas, for tests: what each update says, and what each process writes.

Usage: python training_child.py WORK (two | mirrored) [INDEX]    INDEX: of the process; TF_CONFIG describes the cluster
"""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import numpy as np
import tensorflow as tf

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.training.adam import BETA_1, Adam
from seq2seq_tfx.components.training.batches import BatchOrder, Feed, Position, stream_batches
from seq2seq_tfx.components.training.loop import Folders, TrainingData, TrainingLoop
from seq2seq_tfx.components.training.precision import prepare_process
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.step import Moment, StepSettings, Update
from seq2seq_tfx.components.training.strategy import join
from seq2seq_tfx.components.training.token_store import TokenStore

VOCABULARY_SIZE: Final = 20
STEPS: Final = 200
SETTINGS: Final = TrainingSettings.model_validate(
    {
        "languages": {"source": "en", "target": "es"},
        "model": {"family": "transformer", "layers": 1, "width": 16, "feedforward": 32, "heads": 2, "dropout": 0.0},
        "training": {
            "workers": 2, "batch_tokens": 32, "max_length": 16, "max_steps": 3, "warmup_steps": 2,
            "checkpoint_steps": 2, "validation_steps": 2,
        },
        "seed": 1,
    }
)  # fmt: skip
BATCH_TOKENS: Final = 13
"""So few that a batch of the longest pairs is one pair: one of two replicas has nothing then."""


def updates(store: TokenStore) -> dict[str, Any]:
    """The loss of each of many updates, the gradient of the first, and the numbers of pairs in the batches."""
    model = build_model(SETTINGS.model, VOCABULARY_SIZE, seed=1)
    optimizer = Adam(model.trainable_variables)
    update = Update(model, optimizer, StepSettings(seed=1, smoothing=0.1, clip_norm=0.0))
    losses, pairs, gradients = [], [], {}
    stream = stream_batches(Feed(store, BatchOrder(seed=1, batch_tokens=BATCH_TOKENS)), Position(0, 0))
    for step, batch in zip(range(1, STEPS + 1), stream, strict=False):
        losses.append(float(update([(batch.source_BS, batch.target_BT)], Moment(step, 0.005)).loss))
        pairs.append(len(batch.source_BS))
        if step == 1:
            first = {name: slot for name, slot in optimizer.slots.items() if name.startswith("first/")}
            gradients = {name: slot.numpy() / (1.0 - BETA_1) for name, slot in first.items()}
    return {"losses": np.array(losses), "pairs": np.array(pairs), **gradients}


def main(arguments: Sequence[str]) -> None:
    """Write the updates to `WORK/INDEX.npz`, and let a short loop write to a folder of this process alone."""
    work, index = Path(arguments[0]), arguments[2] if len(arguments) > 2 else "mirrored"
    prepare_process()
    with _scope(arguments[1], int(index) if index.isdigit() else 0):
        stores = TokenStore(work / "train"), TokenStore(work / "eval")
        np.savez(work / f"{index}.npz", **updates(stores[0]))
        if arguments[1] == "two":
            model, folder = build_model(SETTINGS.model, VOCABULARY_SIZE, seed=1), work / f"folder-{index}"
            TrainingLoop(model, TrainingData(*stores), SETTINGS, Folders(folder, folder / "logs")).run()


def _scope(kind: str, index: int) -> AbstractContextManager[object]:
    if kind == "two":
        return join(SETTINGS.training, index)
    (processor,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope()


if __name__ == "__main__":
    main(sys.argv[1:])
