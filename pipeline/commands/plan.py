"""`seq2seq plan`: which stages a run would execute, which are cached, and why. Imports no TFX."""

import argparse
import json
from pathlib import Path

from seq2seq_tfx.pipeline.commands.arguments import add_config, add_stage_options, check_in_pipeline, check_stages


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("plan", help="say which stages would run, which are cached, and why")
    add_config(parser)
    add_stage_options(parser)
    parser.add_argument("--json", action="store_true", help="print the plan as one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Print the plan."""
    from seq2seq_tfx.pipeline.composition import compose
    from seq2seq_tfx.pipeline.history import History
    from seq2seq_tfx.pipeline.planning import plan
    from seq2seq_tfx.pipeline.results import table
    from seq2seq_tfx.schemas.config.loading import load_config

    check_stages(arguments)
    composition = compose(load_config(Path(arguments.config), arguments.set))
    check_in_pipeline(arguments, composition)
    history = History(composition.root.metadata, composition.name)
    planned = plan(composition, history, arguments.force, arguments.to)
    if arguments.json:
        stages = [{"stage": each.name, "action": each.action, "reason": each.reason} for each in planned.stages]
        print(json.dumps({"stages": stages}, ensure_ascii=False, indent=1))
    else:
        print(table(("stage", "would", "because"), [(s.name, s.action, s.reason) for s in planned.stages]))
    return 0
