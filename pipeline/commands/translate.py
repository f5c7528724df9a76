"""`seq2seq translate`: text in, text out, a line for a line, in order. Imports no TFX."""

import argparse
import logging
import sys
from pathlib import Path

from seq2seq_tfx.pipeline import screen
from seq2seq_tfx.schemas.errors import InputError

logger = logging.getLogger(__name__)

BLOCK_BATCHES = 4
"""Lines are read in blocks of so many batches."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("translate", help="translate text files with a pushed model")
    parser.add_argument(
        "--model", required=True, metavar="MODEL", help="a pushed version, the folder of versions, or an export"
    )
    parser.add_argument(
        "--input", required=True, nargs="+", metavar="PATH", help="text files, plain or .gz; - is standard input"
    )
    parser.add_argument("--output", required=True, metavar="PATH", help="text file, plain or .gz; - is standard output")
    parser.add_argument("--batch-size", type=int, default=512, metavar="N", help="sentences a call (default 512)")


def run(arguments: argparse.Namespace) -> int:
    """Translate."""
    from seq2seq_tfx.components.progress import Progress
    from seq2seq_tfx.components.translation.engine import Engine
    from seq2seq_tfx.components.translation.lines import count_lines, read_lines, translate_lines, writing
    from seq2seq_tfx.components.translation.locating import find_export

    if arguments.batch_size < 1:
        raise InputError(f"--batch-size must be at least 1, got {arguments.batch_size}")
    export = find_export(Path(arguments.model))
    total = count_lines(arguments.input)
    screen.quieten()
    with writing(arguments.output) as stream:
        engine = Engine(export, arguments.batch_size)
        progress = Progress("translating", total=total, unit="lines")
        lines = read_lines(arguments.input)
        written = 0
        for text in translate_lines(engine, lines, BLOCK_BATCHES * arguments.batch_size, progress):
            stream.write(text.encode() + b"\n")
            written += 1
    if total is not None and total != written:
        raise InputError(f"the input must not change while it is translated; it had {total} lines, then {written}")
    logger.info("translated %s lines with %s", f"{written:,}", export)
    sys.stdout.flush()
    return 0
