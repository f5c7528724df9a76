"""Command line options that several verbs share."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seq2seq_tfx.pipeline.composition import Composition


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


def check_in_pipeline(arguments: argparse.Namespace, composition: "Composition") -> None:
    """Refuse stages that this configuration's pipeline does not have.

    Raises:
        InputError: If `--to` or `--force` names one.
    """
    from seq2seq_tfx.schemas.errors import InputError

    present = {stage.name for stage in composition.stages}
    for name in [arguments.to, *arguments.force]:
        if name is not None and name not in present:
            raise InputError(f"stage {name} must be configured to be run, it is not; see the section {name}")
