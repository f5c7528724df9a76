"""`seq2seq run`: plan, then run what is not cached, then show the scores and the version in use."""

import argparse
import contextlib
import json
import logging
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq_tfx.pipeline import screen
from seq2seq_tfx.pipeline.commands.arguments import (
    add_config,
    add_stage_options,
    check_in_pipeline,
    check_stages,
)
from seq2seq_tfx.schemas.errors import InputError, RefusedError, Seq2SeqError, WorkError

if TYPE_CHECKING:
    from seq2seq_tfx.pipeline.composition import Composition
    from seq2seq_tfx.pipeline.planning import Plan

logger = logging.getLogger(__name__)

_FULL_BYTES = 64 * 1024
"""A disk with less room than this counts as full."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("run", help="run every stage that is not cached, up to the push")
    add_config(parser)
    add_stage_options(parser)
    parser.add_argument(
        "--accept",
        metavar="REASON",
        help="push the model even if the gate refuses it; the reason is recorded and stands in the model card",
    )
    parser.add_argument("--json", action="store_true", help="print the result as one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Run the pipeline."""
    from seq2seq_tfx.components.gate.acceptance import checked_reason
    from seq2seq_tfx.components.training.cluster import given_cluster
    from seq2seq_tfx.pipeline.composition import compose
    from seq2seq_tfx.pipeline.history import History
    from seq2seq_tfx.pipeline.planning import plan
    from seq2seq_tfx.pipeline.root import Root
    from seq2seq_tfx.schemas.config.loading import load_config

    check_stages(arguments)
    if arguments.accept is not None:
        checked_reason(arguments.accept)
    loaded = load_config(Path(arguments.config), arguments.set)
    given_cluster(loaded.config.training.workers)
    with Root(loaded.root).locked():
        composition = compose(loaded)
        check_in_pipeline(arguments, composition)
        history = History(composition.root.metadata, composition.name)
        planned = plan(composition, history, arguments.force, arguments.to)
        outcomes: tuple[Any, ...] = ()
        if planned.to_run:
            outcomes = _until_refused(composition, arguments, planned)
        else:
            _say_nothing_to_do(planned)
        if arguments.accept is not None:
            outcomes += _accept(composition, arguments)
        return _finish(composition, arguments, outcomes)


def _until_refused(composition: "Composition", arguments: argparse.Namespace, planned: "Plan") -> tuple[Any, ...]:
    """Run what is planned; a refusal ends it here only if `--accept` will look at it."""
    try:
        return _execute(composition, arguments, (*arguments.force, *planned.outdated))
    except RefusedError:
        if arguments.accept is None:
            raise
        return ()


def _accept(composition: "Composition", arguments: argparse.Namespace) -> tuple[Any, ...]:
    """Record that the model may go out if the gate refuses it, and have the gate look again."""
    from seq2seq_tfx.components.gate.acceptance import accept
    from seq2seq_tfx.pipeline.history import History
    from seq2seq_tfx.pipeline.planning import plan
    from seq2seq_tfx.pipeline.stages import GATE

    history = History(composition.root.metadata, composition.name)
    planned = plan(composition, history, to=arguments.to)
    if planned.refused_by is None or planned.judged is None:
        logger.info("--accept: the gate does not refuse this model, so there is nothing to accept")
        return ()
    if planned.refused_by != GATE:
        logger.info("--accept: only what the gate refuses can be accepted, and the %s refuses", planned.refused_by)
        return ()
    accept(composition.push_directory, planned.judged.candidate, planned.judged.baseline, arguments.accept)
    return _execute(composition, arguments, (GATE,))


def _say_nothing_to_do(planned: "Plan") -> None:
    for stage in planned.stages:
        logger.info("%-14s %s: %s", stage.name, stage.action, stage.reason)


def _execute(composition: "Composition", arguments: argparse.Namespace, force: Sequence[str]) -> tuple[Any, ...]:
    log = composition.root.logs / time.strftime("run-%Y%m%d-%H%M%S.log")
    signal.signal(signal.SIGTERM, _interrupt)
    logger.info("starting; what libraries print goes to %s", log)
    screen.quieten()
    with screen.ours_only(log):
        try:
            return _run_pipeline(composition, arguments, force)
        except RefusedError:
            raise
        except Exception as error:
            with contextlib.suppress(OSError):
                traceback.print_exc(file=sys.stderr)
            raise _readable(error, composition.root.directory, log) from error


def _run_pipeline(composition: "Composition", arguments: argparse.Namespace, force: Sequence[str]) -> tuple[Any, ...]:
    from seq2seq_tfx.pipeline.runner import run_pipeline

    return run_pipeline(composition, force, arguments.to)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _readable(error: BaseException, root: Path, log: Path) -> Seq2SeqError:
    """One sentence: our own error from the depth of the chain if there is one, else the last one in it."""
    stage = getattr(error, "stage", None)
    where = f"stage {stage}: " if stage else ""
    if shutil.disk_usage(root).free < _FULL_BYTES:
        return WorkError(f"{where}No space left on the disk of {root}; make room, then the same command goes on")
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, Seq2SeqError):
            return _same_kind(cause, f"{where}{cause} (full trace: {log})")
    summary = str(chain[-1]).strip().splitlines()
    return WorkError(f"{where}{type(chain[-1]).__name__}: {summary[0] if summary else ''} (full trace: {log})")


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _same_kind(error: Seq2SeqError, message: str) -> Seq2SeqError:
    kind = InputError if error.exit_status == InputError.exit_status else WorkError
    return kind(message)


def _finish(composition: "Composition", arguments: argparse.Namespace, outcomes: tuple[Any, ...]) -> int:
    from seq2seq_tfx.pipeline.history import History
    from seq2seq_tfx.pipeline.planning import plan, pushed_path
    from seq2seq_tfx.pipeline.results import read_scores, score_table, time_table
    from seq2seq_tfx.pipeline.verdicts import decision_text, read_decision, refusal

    history = History(composition.root.metadata, composition.name)
    done = plan(composition, history, to=arguments.to)
    outputs = dict(done.outputs or {})
    if done.refused_by is not None:
        raise RefusedError(refusal(history, done.refused_by, outputs[done.refused_by]) or "")
    scores = read_scores(history, outputs["evaluation"]) if "evaluation" in outputs else []
    pushed = pushed_path(done, history)
    decision = read_decision(history, outputs["gate"]) if "gate" in outputs else None
    times = [(each.name, each.executed, each.seconds) for each in outcomes]
    if arguments.json:
        result = {"stages": [{"name": n, "executed": e, "seconds": s} for n, e, s in times], "scores": scores}
        verdict = {key: decision[key] for key in ("verdict", "reasons", "acceptance")} if decision else None
        rest = {"gate": verdict, "pushed": str(pushed) if pushed else None}
        print(json.dumps({**result, **rest}, ensure_ascii=False, indent=1))
        return 0
    blocks = [score_table(scores)] if scores else []
    blocks += [decision_text(decision)] if decision else []
    blocks += [time_table(times)] if times else []
    blocks += [f"pushed: {pushed}"] if pushed else []
    print("\n\n".join(blocks))
    return 0
