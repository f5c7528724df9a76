"""Command line options that several verbs share."""

import argparse


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add CONFIG and `--set`."""
    parser.add_argument("config", metavar="CONFIG", help="the pipeline's YAML file")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="SECTION.KEY=VALUE",
        help="replace one setting; may be given any number of times",
    )


def add_stage_options(parser: argparse.ArgumentParser) -> None:
    """Add `--to` and `--force`; their values are checked when the verb runs."""
    parser.add_argument("--to", metavar="STAGE", help="the last stage to run")
    parser.add_argument(
        "--force", action="append", default=[], metavar="STAGE", help="run this stage even if nothing changed"
    )


def check_stages(arguments: argparse.Namespace) -> None:
    """Refuse names that are no stage.

    Raises:
        InputError: If `--to` or `--force` names no stage.
    """
    from seq2seq_tfx.pipeline.planning import SUPPORT
    from seq2seq_tfx.pipeline.stages import NAMES
    from seq2seq_tfx.schemas.errors import InputError

    known = [name for name in NAMES if name not in SUPPORT]
    for name in [arguments.to, *arguments.force]:
        if name is not None and name not in known:
            raise InputError(f"a stage must be one of {', '.join(known)}, got {name!r}")
