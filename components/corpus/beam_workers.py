"""The parallel phases of ingestion as Beam jobs, for runners that have other machines or processes."""

from collections.abc import Callable, Iterable
from typing import Any, final

import apache_beam as beam

from seq2seq_tfx.components.corpus.workers import Work


@final
class BeamWorkers:
    """A Beam job a phase, whose elements are tasks: Beam's cost an element does not count.

    Args:
        make_pipeline: Makes an empty pipeline with the options of the runner.
    """

    def __init__(self, make_pipeline: Callable[[], Any]) -> None:
        self._make_pipeline = make_pipeline

    def run(self, work: Work, tasks: Iterable[str]) -> None:
        """Do all tasks in one job.

        Raises:
            RuntimeError: If the job fails.
        """
        listed = list(tasks)
        if not listed:
            return
        with self._make_pipeline() as pipeline:
            (
                pipeline
                | "Tasks" >> beam.Create(listed, reshuffle=False)
                | "One bundle a task" >> beam.Reshuffle()
                | work.__name__ >> beam.Map(work)
            )
