"""Runs the pipeline with TFX's LocalDagRunner and says, stage by stage, what happens."""

import logging
import os
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, final

from tfx.orchestration.local import local_dag_runner
from tfx.orchestration.portable import launcher as tfx_launcher
from typing_extensions import override

from seq2seq_tfx.components.progress import clock_time
from seq2seq_tfx.components.versions import current_version
from seq2seq_tfx.pipeline.beam_arguments import argument_environment, beam_arguments
from seq2seq_tfx.pipeline.composition import Composition
from seq2seq_tfx.pipeline.graph import create_pipeline
from seq2seq_tfx.pipeline.heartbeat import heartbeat
from seq2seq_tfx.pipeline.history import History
from seq2seq_tfx.pipeline.machine import cores
from seq2seq_tfx.pipeline.receipts import Receipts, Taken, last_seconds, peak_memory
from seq2seq_tfx.pipeline.stages import DRIFT_BASELINE, RESOLVERS, VERDICTS
from seq2seq_tfx.pipeline.verdicts import refusal
from seq2seq_tfx.schemas.errors import RefusedError, WorkError

logger = logging.getLogger(__name__)

HOLD_VARIABLE = "SEQ2SEQ_TEST_HOLD"
"""For tests: `STAGE:SECONDS` makes that stage wait at its start, so that it can be killed there."""


@dataclass(frozen=True)
class StageOutcome:
    """What happened to one node."""

    name: str
    executed: bool
    seconds: float


@final
class StageFailure(Exception):
    """Carries the name of the stage that an exception came out of; `__cause__` is that exception."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        super().__init__(f"stage {stage} failed")


def run_pipeline(
    composition: Composition, force: Collection[str] = (), until: str | None = None
) -> tuple[StageOutcome, ...]:
    """Run every stage that is not cached.

    Args:
        composition: The configuration, composed.
        force: Stages that run even if nothing changed.
        until: The last stage wanted.

    Returns:
        What happened to each node, in order.

    Raises:
        StageFailure: If a stage fails.
        RefusedError: If the probe or the gate refuses the model; what they wrote stays.
    """
    os.environ.update(argument_environment(beam_arguments(composition.beam, cores())))
    observer = _Observer(composition)
    runner = _ObservedRunner(observer, frozenset(force))
    runner.run(create_pipeline(composition, until))
    return tuple(observer.outcomes)


class _Observer:
    """Says what happens to each node, and ends the run at a refusal."""

    def __init__(self, composition: Composition) -> None:
        self._composition = composition
        self._earlier = self._history()
        self.outcomes: list[StageOutcome] = []

    @contextmanager
    def watching(self, node: str, launcher: "_ObservedLauncher") -> Iterator[None]:
        started = time.monotonic()
        _hold(node)
        try:
            with heartbeat(LABELS.get(node, node), last_seconds(self._earlier, node)), peak_memory() as memory:
                yield
        except Exception as error:
            raise StageFailure(node) from error
        seconds = time.monotonic() - started
        if node in RESOLVERS:
            self._heed_resolver(node)
            return
        if not launcher.executed and not self._history().executions(node)[0].finished:
            raise StageFailure(node) from WorkError(f"TFX could not resolve the inputs of {node}; see the log")
        if launcher.executed:
            self._keep_receipt(node, Taken(round(seconds, 3), memory.bytes))
        self.outcomes.append(StageOutcome(node, launcher.executed, seconds))
        how = f"done in {clock_time(seconds)}" if launcher.executed else "cached"
        logger.info("%-14s %s", LABELS.get(node, node), how)
        self._heed_verdict(node)

    def _keep_receipt(self, node: str, taken: Taken) -> None:
        try:
            receipts = Receipts(self._composition.root.receipts)
            receipts.add(node, self._history().executions(node)[0].identity, taken)
        except OSError as error:  # the work is done; only a forecast will be missing
            logger.warning("what %s took could not be noted: %s", node, error)

    def _history(self) -> History:
        return History(self._composition.root.metadata, self._composition.name)

    def _heed_resolver(self, node: str) -> None:
        """End the run if the earlier data could not be looked up: the validation would take that for a first run.

        The gate looks its baseline up again by itself, and says what is wrong.
        """
        if node == DRIFT_BASELINE and not self._history().executions(node)[0].finished:
            current_version(self._composition.push_directory)  # says it better, where it is this
            raise StageFailure(node) from WorkError("the data of the model in use must be found; the log says why not")

    def _heed_verdict(self, node: str) -> None:
        if node in VERDICTS:
            history = self._history()
            reasons = refusal(history, node, history.executions(node)[0].outputs)
            if reasons is not None:
                raise RefusedError(reasons)


LABELS = {"baseline_translations": "baseline"}
"""Names on the screen of nodes that are no stage of their own."""


def _hold(node: str) -> None:
    stage, _, seconds = os.environ.get(HOLD_VARIABLE, "").partition(":")
    if stage == node:
        logger.info("%s: held for %s seconds", node, seconds)
        time.sleep(float(seconds))


class _ObservedLauncher(tfx_launcher.Launcher):
    """TFX's launcher of one node, which also tells the observer whether the executor really ran."""

    observer: _Observer
    executed = False

    @override
    def _run_executor(self, execution_info: Any) -> Any:
        self.executed = True
        return super()._run_executor(execution_info)

    @override
    def launch(self) -> Any:
        with self.observer.watching(self._pipeline_node.node_info.id, self):
            return super().launch()


class _ObservedRunner(local_dag_runner.LocalDagRunner):
    """LocalDagRunner with our launcher in place of its own: it takes no other hook."""

    def __init__(self, observer: _Observer, force: frozenset[str]) -> None:
        super().__init__()
        self._launcher = type("ObservedLauncher", (_ObservedLauncher,), {"observer": observer})
        self._force = force

    @override
    def run_with_ir(self, pipeline: Any, run_options: Any = None) -> None:
        for node in pipeline.nodes:
            if node.pipeline_node.node_info.id in self._force:
                node.pipeline_node.execution_options.caching_options.enable_cache = False
        original = tfx_launcher.Launcher
        tfx_launcher.Launcher = self._launcher
        try:
            super().run_with_ir(pipeline, run_options)
        finally:
            tfx_launcher.Launcher = original
