"""`seq2seq plan`: which stages a run would execute, which are cached, and why; what they last took. Imports no TFX."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from seq2seq_tfx.pipeline.commands.arguments import add_config, add_stage_options, check_in_pipeline, check_stages

if TYPE_CHECKING:
    from seq2seq_tfx.pipeline.planning import Plan
    from seq2seq_tfx.pipeline.receipts import Expected, Taken

_GIBIBYTE: Final = 1 << 30


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser(
        "plan", help="say which stages would run, which are cached, why, and what it took last"
    )
    add_config(parser)
    add_stage_options(parser)
    parser.add_argument("--json", action="store_true", help="print the plan as one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Print the plan."""
    from seq2seq_tfx.pipeline.composition import compose
    from seq2seq_tfx.pipeline.history import History
    from seq2seq_tfx.pipeline.planning import plan
    from seq2seq_tfx.pipeline.receipts import Receipts, expected
    from seq2seq_tfx.schemas.config.loading import load_config

    check_stages(arguments)
    composition = compose(load_config(Path(arguments.config), arguments.set))
    check_in_pipeline(arguments, composition)
    history = History(composition.root.metadata, composition.name)
    planned = plan(composition, history, arguments.force, arguments.to)
    would_take = expected(history, Receipts(composition.root.receipts), (*planned.to_run, *planned.support))
    print(_as_json(planned, would_take) if arguments.json else _as_text(planned, would_take))
    return 0


def _as_json(planned: "Plan", would_take: "Expected") -> str:
    from seq2seq_tfx.pipeline.receipts import Taken

    stages = [
        {
            "stage": each.name,
            "action": each.action,
            "reason": each.reason,
            **would_take.stages.get(each.name, Taken())._asdict(),
        }
        for each in planned.stages
    ]
    together = {**would_take.together._asdict(), "unknown": list(would_take.unknown)}
    return json.dumps({"stages": stages, "expected": together}, ensure_ascii=False, indent=1)


def _as_text(planned: "Plan", would_take: "Expected") -> str:
    from seq2seq_tfx.pipeline.results import table

    body = []
    for each in planned.stages:
        taken = would_take.stages.get(each.name)
        shown = (_time(taken), _memory(taken)) if taken is not None else ("", "")
        body.append((each.name, each.action, *shown, each.reason))
    text = table(("stage", "would", "took", "memory", "because"), body, right=(2, 3))
    return f"{text}\n\n{_sum(would_take)}" if would_take.stages else text


def _sum(would_take: "Expected") -> str:
    if would_take.together.seconds is None:
        return "What it takes is known after the first run."
    known = f"In all: {_time(would_take.together)}, memory {_memory(would_take.together)}, as when each ran last"
    return f"{known}; unknown: {', '.join(would_take.unknown)}." if would_take.unknown else f"{known}."


def _time(taken: "Taken") -> str:
    from seq2seq_tfx.components.progress import clock_time

    return "unknown" if taken.seconds is None else clock_time(taken.seconds)


def _memory(taken: "Taken") -> str:
    return "unknown" if taken.peak_memory_bytes is None else f"{taken.peak_memory_bytes / _GIBIBYTE:.1f} GiB"
