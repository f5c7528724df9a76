"""A job's tasks as a Beam pipeline, for runners that have other machines or processes. Imported only when asked for."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, final

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.utils.shared import Shared

from seq2seq_tfx.components.translation.engine import Engine
from seq2seq_tfx.components.translation.job.distributing import Runner, answer_task
from seq2seq_tfx.schemas.errors import InputError, WorkError


@final
class AnswerTask(beam.DoFn):
    """Translates tasks; the engine is loaded once a process.

    Args:
        folder: Of the job.
        load: Loads the engine.
    """

    def __init__(self, folder: str, load: Callable[[], Engine]) -> None:
        super().__init__()
        self._folder, self._load, self._shared = folder, load, Shared()
        self._engine: Any = None

    def setup(self) -> None:
        """Load the engine, or take the one that another thread of this process loaded."""
        self._engine = self._shared.acquire(self._load)

    def process(self, name: str) -> None:
        """Answer one task."""
        answer_task(Path(self._folder), name, self._engine)


def run_tasks(names: Sequence[str], folder: Path, load: Callable[[], Engine], runner: Runner) -> None:
    """Have all tasks answered. A task is one element: Beam's cost an element does not count.

    Args:
        names: From `write_tasks`.
        folder: Of the job; the workers must see it under the same name.
        load: Loads the engine, in the workers.
        runner: Who does it.

    Raises:
        InputError: If there is no such runner or option.
        WorkError: If the Beam job fails; the same command goes on from the tasks that are answered.
    """
    if not names:
        return
    try:
        pipeline = beam.Pipeline(options=PipelineOptions([f"--runner={runner.name}", *runner.options]))
    except (ValueError, ImportError, AttributeError, SystemExit) as error:
        raise InputError(
            f"--runner must name a Beam runner in full, as apache_beam.runners.portability.fn_api_runner.FnApiRunner, "
            f"and --runner-option its options, got {' '.join((runner.name, *runner.options))} ({error})"
        ) from error
    try:
        with pipeline:
            (
                pipeline
                | "Tasks" >> beam.Create(list(names), reshuffle=False)
                | "One bundle a task" >> beam.Reshuffle()
                | "Translate" >> beam.ParDo(AnswerTask(str(folder.resolve()), load))
            )
    except Exception as error:  # whatever a runner fails with
        last = str(error).strip().splitlines()[-1:] or [type(error).__name__]
        raise WorkError(
            f"the Beam job must end well, but {runner.name} said: {last[0][:500]}; the same command goes on from what "
            "is finished"
        ) from error
