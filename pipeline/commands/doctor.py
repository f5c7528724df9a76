"""`seq2seq doctor`: what is wrong with the machine, the installation or a configuration, and what to do. No TFX."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seq2seq_tfx.pipeline.checks import Check


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("doctor", help="look for what would stop a run, and say what to do")
    parser.add_argument(
        "config", metavar="CONFIG", nargs="?", help="a pipeline's YAML file, to look at its corpora too"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="replace one setting (with CONFIG)"
    )
    parser.add_argument("--json", action="store_true", help="print the answers as one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each check; 2 if one of them says that something is wrong."""
    checks = [*_machine(), *_pipeline(arguments)]
    healthy = all(check.ok for check in checks)
    if arguments.json:
        entries = [
            {"name": check.name, "ok": check.ok, "found": check.found, "advice": check.advice or None}
            for check in checks
        ]
        print(json.dumps({"ok": healthy, "checks": entries}, ensure_ascii=False, indent=1))
    else:
        print("\n".join(_line(check) for check in checks))
    return 0 if healthy else 2


def _machine() -> "list[Check]":
    from seq2seq_tfx.pipeline.checks import check_machine

    return list(check_machine())


def _pipeline(arguments: argparse.Namespace) -> "list[Check]":
    from seq2seq_tfx.pipeline.checks import Check, check_pipeline
    from seq2seq_tfx.pipeline.cluster_checks import check_runner
    from seq2seq_tfx.schemas.config.loading import load_config
    from seq2seq_tfx.schemas.errors import ConfigError, InputError

    if arguments.config is None:
        if arguments.set:
            raise InputError("--set must come with CONFIG, the file whose setting it replaces, got none")
        return []
    try:
        loaded = load_config(Path(arguments.config), arguments.set)
        return [*check_pipeline(loaded), *check_runner(loaded)]
    except ConfigError as error:
        return [Check("configuration", problem, "correct the configuration") for problem in error.problems]
    except InputError as error:
        return [Check("configuration", str(error), "name a configuration file")]


def _line(check: "Check") -> str:
    state = "ok     " if check.ok else "PROBLEM"
    return f"{state}  {check.name:<16}  {check.found}" + (f": {check.advice}" if check.advice else "")
