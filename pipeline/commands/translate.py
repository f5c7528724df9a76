"""`seq2seq translate`: text in, text out, a line for a line, in order. Imports no TFX."""

import argparse
import contextlib
import logging
import os
from pathlib import Path

logger = logging.getLogger(__name__)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser(
        "translate",
        help="translate text files with a pushed model",
        description="Translate text files: one line out for each line in, in order. A line ends at a line feed; "
        "one carriage return before it is dropped.",
    )
    parser.add_argument(
        "--model", required=True, metavar="MODEL", help="a pushed version, the folder of versions, or an export"
    )
    parser.add_argument(
        "--input", required=True, nargs="+", metavar="PATH", help="UTF-8 text files, plain or .gz; - is standard input"
    )
    parser.add_argument(
        "--output",
        required=True,
        metavar="PATH",
        help="a text file, plain or .gz, which appears when it is complete; - is standard output",
    )


def run(arguments: argparse.Namespace) -> int:
    """Translate.

    Raises:
        InputError: If the model, an input or the output cannot be used.
    """
    from seq2seq_tfx.components.progress import Progress
    from seq2seq_tfx.components.translation.engine import load_engine
    from seq2seq_tfx.components.translation.lines import count_lines, read_lines, translate_lines, writing
    from seq2seq_tfx.components.translation.locating import find_export, read_export_record, translation_settings
    from seq2seq_tfx.pipeline.screen import ours_only, quieten
    from seq2seq_tfx.schemas.errors import InputError

    export = find_export(Path(arguments.model))
    total = count_lines(arguments.input)
    record, defaults = read_export_record(export), translation_settings(export)
    written = 0
    screen = contextlib.nullcontext() if arguments.verbose else ours_only(Path(os.devnull))
    quieten()
    # `writing` first: it takes standard output before the screen is kept clear of what libraries print.
    with writing(arguments.output, arguments.input) as stream, screen:
        engine = load_engine(export, record, defaults.engine, defaults.batch_size)
        progress = Progress("translating", total=total, unit="lines")
        for text in translate_lines(engine, read_lines(arguments.input), engine.block, progress):
            stream.write(text.encode() + b"\n")
            written += 1
        if total not in (None, written):
            raise InputError(f"the input must not change while it is read; it had {total:,} lines, then {written:,}")
    logger.info("translated %s lines with %s", f"{written:,}", export)
    return 0
