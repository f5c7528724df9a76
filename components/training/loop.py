"""The training loop: batches to updates, with validation points, checkpoints and figures on the way.

All state is in the model's variables, the optimiser's slots and `TrainingProgress`: a run that was killed anywhere and
started again ends with the same weights, to the bit.
"""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, final

import numpy as np
import tensorflow as tf

from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.models.weights import Arrays, write_arrays
from seq2seq_tfx.components.progress import Progress
from seq2seq_tfx.components.training.batches import BackgroundBatches, Batch, BatchOrder, stream_batches
from seq2seq_tfx.components.training.checkpoints import Checkpoints, TrainingProgress
from seq2seq_tfx.components.training.interruption import interruption
from seq2seq_tfx.components.training.journal import Journal
from seq2seq_tfx.components.training.optimizer import Adam
from seq2seq_tfx.components.training.schedules import learning_rate
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.snapshots import Snapshots
from seq2seq_tfx.components.training.step import StepResult, StepSettings, make_loss, make_update
from seq2seq_tfx.components.training.token_store import TokenStore
from seq2seq_tfx.components.training.validation import evaluation_loss
from seq2seq_tfx.schemas.errors import WorkError
from seq2seq_tfx.schemas.features import PAD_ID

logger = logging.getLogger(__name__)

_RECENT_UPDATES = 50
"""The loss on the screen and in the journal is the mean of so many; the journal has a line for each so many."""


class TrainingData(NamedTuple):
    """The splits that training reads."""

    train: TokenStore
    evaluation: TokenStore


class Folders(NamedTuple):
    """Where a run writes."""

    work: Path
    """Checkpoints, snapshots and figures; found again by a restart."""
    logs: Path
    """TensorBoard's event files."""


class TrainingResult(NamedTuple):
    """What a finished run leaves."""

    first_step: int
    """Updates that earlier processes had done."""
    progress: TrainingProgress
    averaged: Arrays
    """The mean of the last validation points' weights."""


@final
class TrainingLoop:
    """Trains one model.

    Args:
        model: With its initial values.
        data: Token ids of both splits.
        settings: The stage's settings.
        folders: Where to write.
    """

    def __init__(self, model: Seq2SeqModel, data: TrainingData, settings: TrainingSettings, folders: Folders) -> None:
        self._model, self._data, self._folders = model, data, folders
        self._config, self._seed = settings.training, settings.seed
        self._optimizer = Adam(model.trainable_variables)
        self._checkpoints = Checkpoints(folders.work / "checkpoints", model, self._optimizer)
        self._snapshots = Snapshots(folders.work / "snapshots", self._config.average)
        self._update = make_update(
            model,
            self._optimizer,
            StepSettings(seed=self._seed, smoothing=self._config.label_smoothing, clip_norm=self._config.clip_norm),
        )
        self._loss = make_loss(model)
        self._recent: deque[float] = deque(maxlen=_RECENT_UPDATES)
        self._progress = TrainingProgress()

    def run(self, interrupted: Callable[[], bool] = lambda: False) -> TrainingResult:
        """Train to the last step, from the newest checkpoint if there is one.

        Ctrl-C and SIGTERM end the run with a checkpoint, too.

        Args:
            interrupted: Asked after each update; once it says yes, the run ends with a checkpoint.

        Raises:
            WorkError: If interrupted, or if a loss is not finite (its batch is then kept on disk).
        """
        self._progress = self._checkpoints.restore()
        first_step = self._progress.step
        if first_step:
            logger.info("training goes on from step %s of %s", f"{first_step:,}", f"{self._config.max_steps:,}")
        order = BatchOrder(seed=self._seed, batch_tokens=self._config.batch_tokens)
        stream = stream_batches(self._data.train, order, self._progress.position)
        journal = Journal(self._folders.work / "metrics.jsonl", self._folders.logs, first_step)
        with closing(journal), BackgroundBatches(stream) as batches, interruption() as signalled:
            self._train(iter(batches), journal, lambda: interrupted() or signalled.is_set())
        return TrainingResult(first_step, self._progress, self._snapshots.mean(self._progress.step))

    def _train(self, batches: Iterator[Batch], journal: Journal, interrupted: Callable[[], bool]) -> None:
        config, progress = self._config, self._progress
        screen: Progress | None = None
        first = progress.seconds, progress.target_tokens
        while progress.step < config.max_steps:
            rate = learning_rate(config, progress.step + 1)
            self._advance(batches, rate)
            # Begun after the first update, which TensorFlow compiles: the time left would be far off.
            screen = screen or Progress("training", total=config.max_steps, unit="steps")
            last = progress.step == config.max_steps
            speed = (progress.target_tokens - first[1]) / max(progress.seconds - first[0], 1e-9)
            loss = sum(self._recent) / len(self._recent)
            screen.advance_to(progress.step, f"loss {loss:.3f}, {speed:,.0f} target tokens/s")
            if progress.step % _RECENT_UPDATES == 0 or last:
                journal.write(progress.step, loss=loss, learning_rate=rate, target_tokens_per_second=speed)
            if progress.step % config.validation_steps == 0 or last:
                self._validate(journal)
            stopping = interrupted()
            if progress.step % config.checkpoint_steps == 0 or last or stopping:
                self._checkpoints.save(progress)
            if stopping and not last:
                raise WorkError(
                    f"training was interrupted after step {progress.step:,} of {config.max_steps:,}; "
                    "the next run goes on from there"
                )

    def _advance(self, batches: Iterator[Batch], rate: float) -> None:
        progress, started = self._progress, time.monotonic()
        batch = next(batches)
        progress.waited_seconds += time.monotonic() - started
        step = progress.step + 1
        result = self._update(
            tf.constant(batch.source_BS), tf.constant(batch.target_BT), tf.constant(step), tf.constant(rate)
        )
        self._recent.append(self._finite(result, batch, step))
        progress.seconds += time.monotonic() - started
        progress.step, progress.position = step, batch.following
        target_tokens = int(np.count_nonzero(batch.target_BT != PAD_ID))
        progress.target_tokens += target_tokens
        progress.real_tokens += target_tokens + int(np.count_nonzero(batch.source_BS != PAD_ID))
        progress.padded_tokens += batch.source_BS.size + batch.target_BT.size

    def _finite(self, result: StepResult, batch: Batch, step: int) -> float:
        loss, norm = float(result.loss), float(result.gradient_norm)
        if math.isfinite(loss) and math.isfinite(norm):
            return loss
        path = self._folders.work / f"batch-of-step-{step:09d}.npz"
        write_arrays(path, {"source_ids": batch.source_BS, "target_ids": batch.target_BT})
        raise WorkError(
            f"the loss and its gradient must be finite, they are {loss} and {norm} in step {step:,}; "
            f"lower training.learning_rate or lengthen training.warmup_steps (the step's batch is kept in {path})"
        )

    def _validate(self, journal: Journal) -> None:
        step = self._progress.step
        self._snapshots.take(self._model, step)
        if len(self._data.evaluation):
            loss = evaluation_loss(self._loss, self._data.evaluation, self._config.batch_tokens)
            self._progress.validations.append((step, loss))
            journal.write(step, eval_loss=loss)
            logger.info("step %s: eval loss %.4f", f"{step:,}", loss)
