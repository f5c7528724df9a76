"""The training loop: batches to updates, with validation points, checkpoints and figures on the way.

All state is in the model's variables, the slots of optimiser and moving average, and `TrainingProgress`: a run that was
killed anywhere and started again ends with the same weights, to the bit.

Where workers share the batches (`step.py`), each of them runs this loop from the first step to the last: the same
batches, the same state, the same measurements. Only the chief writes.
"""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple, final

import numpy as np
import tensorflow as tf

from seq2seq_tfx.components.interruption import interruption
from seq2seq_tfx.components.models.interface import TrainableModel
from seq2seq_tfx.components.models.weights import Arrays, weights_of, write_arrays
from seq2seq_tfx.components.progress import Progress
from seq2seq_tfx.components.training.agreement import Agreement
from seq2seq_tfx.components.training.batches import (
    BackgroundBatches,
    Batch,
    BatchOrder,
    Feed,
    Resplit,
    Store,
    stream_batches,
)
from seq2seq_tfx.components.training.best import BestWeights
from seq2seq_tfx.components.training.checkpoints import Checkpoints, TrainingProgress
from seq2seq_tfx.components.training.journal import Journal
from seq2seq_tfx.components.training.mixture import Mixture
from seq2seq_tfx.components.training.moving_average import MovingAverage
from seq2seq_tfx.components.training.optimizers import make_optimizer
from seq2seq_tfx.components.training.schedules import learning_rate, own_token_probability
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.snapshots import Snapshots
from seq2seq_tfx.components.training.step import Moment, StepResult, StepSettings, Update, make_loss
from seq2seq_tfx.components.training.validation import evaluation_loss
from seq2seq_tfx.schemas.errors import WorkError
from seq2seq_tfx.schemas.features import PAD_ID

logger = logging.getLogger(__name__)

_RECENT_UPDATES = 50
"""The loss on the screen and in the journal is the mean of so many; the journal has a line for each so many."""


class TrainingData(NamedTuple):
    """What training reads."""

    train: Store
    evaluation: Store
    mixture: Mixture | None = None
    """Which pairs an epoch visits; without one, each once."""
    resplit: Resplit | None = None
    """Subword sampling."""
    score: Callable[[], float] | None = None
    """BLEU or chrF of the model's translations of the eval split, if it decides what is best."""


class Folders(NamedTuple):
    """Where a run writes."""

    work: Path
    """Checkpoints, snapshots, best weights and figures; found again by a restart."""
    logs: Path
    """TensorBoard's event files."""


class TrainingResult(NamedTuple):
    """What a finished run leaves."""

    first_step: int
    """Updates that earlier processes had done."""
    progress: TrainingProgress
    weights: dict[str, Arrays]
    """`last`, `averaged` (over the last validation points), and, where there are such, `best` and `moving_average`.
    A worker that is not the chief has none."""

    def figures(self) -> dict[str, object]:
        """The run's totals, over all its processes."""
        progress = self.progress
        return {
            "first_step": self.first_step,
            "steps": progress.step,
            "epochs": progress.position.epoch,
            "wall_seconds": progress.seconds,
            "target_tokens_per_second": progress.target_tokens / max(progress.seconds, 1e-9),
            "input_wait_share": progress.waited_seconds / max(progress.seconds, 1e-9),
            "padding_share": 1.0 - progress.real_tokens / max(progress.padded_tokens, 1),
            "validations": [{"step": step, "eval_loss": loss} for step, loss in progress.validations],
            "scores": [{"step": step, "score": score} for step, score in progress.scores],
            "best_step": progress.best_step,
            "best_value": progress.best_value,
            "stopped_early": progress.stopped_early,
        }


@final
class TrainingLoop:
    """Trains one model, as one of the workers where it is made in a strategy's scope.

    Args:
        model: With its initial values, made in the same scope.
        data: Token ids of both splits, and what is made of them.
        settings: The stage's settings.
        folders: Where to write.
    """

    def __init__(self, model: TrainableModel, data: TrainingData, settings: TrainingSettings, folders: Folders) -> None:
        self._model, self._data, self._folders = model, data, folders
        self._config, self._seed = settings.training, settings.seed
        self._width = int(model.output_embedding.shape[-1])
        optimizer = make_optimizer(self._config, model.trainable_variables)
        self._average = MovingAverage(model, self._config.moving_average) if self._config.moving_average else None
        self._publishes = tf.distribute.get_strategy().extended.should_checkpoint
        self._agreement = Agreement()
        self._update = Update(model, optimizer, self._step_settings(), self._average)
        self._loss = make_loss(model)
        slots = {f"optimizer/{name}": slot for name, slot in optimizer.slots.items()}
        if self._average is not None:
            slots |= {f"moving_average/{name}": slot for name, slot in self._average.slots.items()}
        self._checkpoints = Checkpoints(folders.work / "checkpoints", model, slots)
        self._snapshots = Snapshots(folders.work / "snapshots", self._config.average)
        self._best = BestWeights(folders.work / "best", higher_is_better=data.score is not None)
        self._recent: deque[float] = deque(maxlen=_RECENT_UPDATES)
        self._progress = TrainingProgress()
        self._journal: Journal | None = None

    def _step_settings(self) -> StepSettings:
        config = self._config
        return StepSettings(
            seed=self._seed,
            smoothing=config.label_smoothing,
            clip_norm=config.clip_norm,
            accumulate=config.accumulate,
            word_dropout=config.word_dropout,
            scheduled_sampling=config.scheduled_sampling.highest > 0.0,
            source_loss=config.source_loss,
        )

    @property
    def progress(self) -> TrainingProgress:
        """Where training stands."""
        return self._progress

    def run(self, interrupted: Callable[[], bool] = lambda: False) -> TrainingResult:
        """Train to the last step, from the newest checkpoint if there is one.

        Ctrl-C and SIGTERM end the run with a checkpoint, too.

        Args:
            interrupted: Asked after each update; once it says yes, the run ends with a checkpoint.

        Raises:
            WorkError: If interrupted, or if a loss is not finite (its batches are then kept on disk).
        """
        self._progress = self._checkpoints.restore()
        first_step = self._progress.step
        self._agreement.require_same("checkpoint", first_step)
        if first_step:
            logger.info("training goes on from step %s of %s", f"{first_step:,}", f"{self._config.max_steps:,}")
        feed = Feed(
            store=self._data.train,
            order=BatchOrder(seed=self._seed, batch_tokens=self._config.batch_tokens),
            visits=self._data.mixture.visits if self._data.mixture else None,
            resplit=self._data.resplit,
        )
        stream = stream_batches(feed, self._progress.position)
        with ExitStack() as stack:
            if self._publishes:
                journal = Journal(self._folders.work / "metrics.jsonl", self._folders.logs, first_step)
                self._journal = stack.enter_context(closing(journal))
            batches, signalled = stack.enter_context(BackgroundBatches(stream)), stack.enter_context(interruption())
            self._train(iter(batches), lambda: interrupted() or signalled.is_set())
        return TrainingResult(first_step, self._progress, self._weights() if self._publishes else {})

    def _train(self, batches: Iterator[Batch], interrupted: Callable[[], bool]) -> None:
        config, progress = self._config, self._progress
        screen: Progress | None = None
        first = progress.seconds, progress.target_tokens
        while progress.step < config.max_steps and not progress.stopped_early:
            rate = learning_rate(config, progress.step + 1, self._width)
            self._advance(batches, rate)
            # Begun after the first update, which TensorFlow compiles: the time left would be far off.
            screen = screen or Progress("training", total=config.max_steps, unit="steps")
            last = progress.step == config.max_steps
            speed = (progress.target_tokens - first[1]) / max(progress.seconds - first[0], 1e-9)
            loss = sum(self._recent) / len(self._recent)
            screen.advance_to(progress.step, f"loss {loss:.3f}, {speed:,.0f} target tokens/s")
            if progress.step % _RECENT_UPDATES == 0 or last:
                self._note(progress.step, loss=loss, learning_rate=rate, target_tokens_per_second=speed)
            if progress.step % config.validation_steps == 0 or last:
                self._validate()
            progress.stopped_early, stopping = self._agreement.any(progress.stopped_early, interrupted())
            ended = last or progress.stopped_early
            if self._publishes and (progress.step % config.checkpoint_steps == 0 or ended or stopping):
                self._checkpoints.save(progress)
            if stopping and not ended:
                raise WorkError(
                    f"training was interrupted after step {progress.step:,} of {config.max_steps:,}; "
                    "the next run goes on from there"
                )

    def _advance(self, batches: Iterator[Batch], rate: float) -> None:
        progress, started = self._progress, time.monotonic()
        taken = [next(batches) for _ in range(self._config.accumulate)]
        progress.waited_seconds += time.monotonic() - started
        step = progress.step + 1
        moment = Moment(step, rate, own_token_probability(self._config.scheduled_sampling, step))
        result = self._update([(batch.source_BS, batch.target_BT) for batch in taken], moment)
        self._recent.append(self._finite(result, taken, step))
        progress.seconds += time.monotonic() - started
        progress.step, progress.position = step, taken[-1].following
        for batch in taken:
            target_tokens = int(np.count_nonzero(batch.target_BT != PAD_ID))
            progress.target_tokens += target_tokens
            progress.real_tokens += target_tokens + int(np.count_nonzero(batch.source_BS != PAD_ID))
            progress.padded_tokens += batch.source_BS.size + batch.target_BT.size

    def _finite(self, result: StepResult, batches: list[Batch], step: int) -> float:
        loss, norm = float(result.loss), float(result.gradient_norm)
        if math.isfinite(loss) and math.isfinite(norm):
            return loss
        path = self._folders.work / f"batch-of-step-{step:09d}.npz"
        if self._publishes:
            self._keep(path, batches)
        raise WorkError(
            f"the loss and its gradient must be finite, they are {loss} and {norm} in step {step:,}; "
            f"lower training.learning_rate or lengthen training.warmup_steps (the step's batch is kept in {path})"
        )

    @staticmethod
    def _keep(path: Path, batches: list[Batch]) -> None:
        marks = ["", *(f"_{number}" for number in range(2, len(batches) + 1))]
        write_arrays(
            path,
            {f"source_ids{mark}": batch.source_BS for mark, batch in zip(marks, batches, strict=True)}
            | {f"target_ids{mark}": batch.target_BT for mark, batch in zip(marks, batches, strict=True)},
        )

    def _note(self, step: int, **figures: float) -> None:
        if self._journal is not None:
            self._journal.write(step, **figures)

    def _validate(self) -> None:
        """Every worker measures by itself: all come to the same, and none waits for another."""
        progress, config = self._progress, self._config
        step = progress.step
        self._agreement.require_same_weights(self._model)
        if self._publishes:
            self._snapshots.take(self._model, step)
        if not len(self._data.evaluation):
            return
        value = evaluation_loss(self._loss, self._data.evaluation, config.batch_tokens)
        progress.validations.append((step, value))
        figures, text = {"eval_loss": value}, f"eval loss {value:.4f}"
        if self._data.score is not None:
            value = figures[f"eval_{config.validation.metric}"] = self._data.score()
            progress.scores.append((step, value))
            text += f", {config.validation.metric} {value:.2f}"
        if self._best.consider(value, progress):
            text += ", the best so far"
            if self._publishes:
                self._best.keep(self._model, step)
        self._note(step, **figures)
        logger.info("step %s: %s", f"{step:,}", text)
        if progress.worse_in_a_row >= config.validation.patience > 0:
            progress.stopped_early = True
            logger.info("training ends here: nothing better since step %s", f"{progress.best_step:,}")

    def _weights(self) -> dict[str, Arrays]:
        best = self._best.arrays(self._progress)
        return {
            "last": weights_of(self._model),
            "averaged": self._snapshots.mean(self._progress.step),
            **({"best": best} if best is not None else {}),
            **({"moving_average": self._average.arrays()} if self._average is not None else {}),
        }
