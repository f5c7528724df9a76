"""The command `seq2seq`: finds the verb, runs it, turns errors into one sentence and an exit status."""

import argparse
import importlib
import logging
import os
import sys
import traceback
from collections.abc import Sequence

from seq2seq_tfx import __version__
from seq2seq_tfx.schemas.errors import Seq2SeqError

VERBS = ("init", "doctor", "plan", "run", "status", "translate", "evaluate", "models", "clean")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb.

    Args:
        arguments: The words after `seq2seq`; those of the process by default.

    Returns:
        0 done; 1 the work failed; 2 the command line, configuration or input is wrong; 3 the model was refused.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    parsed = _parser(words).parse_args(words)
    _log_to_screen(parsed)
    try:
        return int(parsed.run(parsed))
    except Seq2SeqError as error:
        return _fail(parsed, str(error), error.exit_status)
    except KeyboardInterrupt:
        return _fail(parsed, "interrupted; the same command goes on from what is finished", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(parsed, f"the operating system said: {error}", 1)


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="seq2seq", description="From parallel corpora to a trained, proven, pushed translation model."
    )
    parser.add_argument("--version", action="version", version=f"seq2seq-tfx {__version__}")
    subparsers = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in VERBS:
        module = importlib.import_module(f"seq2seq_tfx.pipeline.commands.{verb}")
        module.add_parser(subparsers)
        subparser = subparsers.choices[verb]
        subparser.set_defaults(run=module.run)
        subparser.add_argument("--quiet", action="store_true", help="errors and results only")
        subparser.add_argument("--verbose", action="store_true", help="more messages, and tracebacks of errors")
    return parser


def _log_to_screen(parsed: argparse.Namespace) -> None:
    logger = logging.getLogger("seq2seq_tfx")
    logger.handlers.clear()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.WARNING if parsed.quiet else logging.DEBUG if parsed.verbose else logging.INFO)


def _fail(parsed: argparse.Namespace, message: str, status: int) -> int:
    if parsed.verbose:
        traceback.print_exc()
    print(f"seq2seq {parsed.verb}: {message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
