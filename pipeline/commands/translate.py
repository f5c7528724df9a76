"""`seq2seq translate`: files in, files out, a record for a record, in order, exactly once. Imports no TFX."""

import argparse
import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from seq2seq_tfx.components.text_checks.checking import TextCheckSettings
    from seq2seq_tfx.components.translation.job.distributing import Runner
    from seq2seq_tfx.components.translation.job.translating import Model, Request

logger = logging.getLogger(__name__)

_FORMATS = ("text", "tsv", "csv", "jsonl", "parquet")
_MEBIBYTE = 1 << 20


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser(
        "translate",
        help="translate files with a pushed model",
        description="Translate files of text, TSV, CSV, JSON Lines or Parquet, plain or .gz, .bz2, .xz, .zst: one "
        "record out for each record in, in order. The same command goes on after an interruption.",
    )
    parser.add_argument(
        "--model", required=True, metavar="MODEL", help="a pushed version, the folder of versions, or an export"
    )
    parser.add_argument(
        "--input", required=True, nargs="+", metavar="PATH", help="files, globs or folders; - is standard input"
    )
    parser.add_argument(
        "--output",
        metavar="PATH",
        help="a file, which appears when it is complete, compressed as its name says; with --shard-records a folder; "
        "- is standard output",
    )
    _add_format(parser)
    _add_answers(parser)
    _add_work(parser)
    _add_engine(parser)
    _add_reporting(parser)


def _add_answers(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is written beside a translation")
    group.add_argument("--scores", action="store_true", help="add a column `score`: log-probability for the length")
    group.add_argument(
        "--n-best", type=_count, default=1, metavar="N", help="add the N best translations, at most as many as beams"
    )
    group.add_argument(
        "--alignments", action="store_true", help="add the subwords of both sides, and which belong together"
    )
    group.add_argument(
        "--flags",
        choices=("none", "side", "column"),
        default="side",
        help="what the configuration's translation.checks find wrong with a translation: in a file beside the output "
        "(side), in a column `flags` too (column), or nowhere, unchecked (none)",
    )


def _add_format(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("format")
    group.add_argument("--format", choices=_FORMATS, help="of inputs and output; by default their names tell")
    group.add_argument(
        "--column",
        metavar="C",
        help="what is translated: a column's number, from 0, where files have no header, or a name (default: 0 in TSV "
        "and CSV, source in JSON Lines and Parquet)",
    )
    group.add_argument("--translation-column", default="translation", metavar="NAME", help="where it goes")
    group.add_argument(
        "--shard-records", type=_count, default=0, metavar="N", help="write a folder of files of at least N records"
    )


def _add_work(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("work")
    group.add_argument("--restart", action="store_true", help="start over, and replace what is there")
    group.add_argument("--strict", action="store_true", help="stop at the first record that cannot be translated")
    group.add_argument(
        "--max-characters", type=_count, default=100_000, metavar="N", help="a longer text is not translated (100000)"
    )
    store = group.add_mutually_exclusive_group()
    store.add_argument(
        "--store",
        metavar="FILE",
        help="use and fill this store of translations (by default, a store in the user's cache where a sentence's "
        "translation does not depend on its neighbours; none for CTranslate2)",
    )
    store.add_argument("--no-store", action="store_true", help="use none")
    group.add_argument("--store-mebibytes", type=_count, default=1024, metavar="N", help="its largest size (1024)")


def _add_engine(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("who translates")
    group.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        help="where to compute (default: the model's translation.device)",
    )
    group.add_argument(
        "--invariant",
        action="store_true",
        help="let no translation depend on its neighbours: CTranslate2 computes each sentence alone, which takes "
        "longer (--estimate says how much); the SavedModel's never do",
    )
    group.add_argument("--workers", type=_count, default=2, metavar="N", help="blocks translated at a time (2)")
    group.add_argument(
        "--beam",
        metavar="CONFIG",
        help="let the Beam runner of this configuration's section `beam` translate; its workers must see the output's "
        "folder and the model; no store is used",
    )
    group.add_argument(
        "--runner",
        metavar="CLASS",
        help="the same with a runner's class, as apache_beam.runners.portability.fn_api_runner.FnApiRunner",
    )
    group.add_argument(
        "--runner-option",
        action="append",
        default=[],
        metavar="OPTION",
        help="one of its options, as --runner-option=--direct_num_workers=4; may be given any number of times",
    )


def _add_reporting(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("reporting")
    group.add_argument("--estimate", action="store_true", help="say what the job would take, and do not begin it")
    group.add_argument("--json", action="store_true", help="print the manifest, or the estimate, as one JSON document")
    group.add_argument("--events", metavar="FILE", help="append events to this file, a JSON object a line")
    group.add_argument(
        "--on-failure",
        metavar="COMMAND",
        help="a shell command that is run if the job fails; SEQ2SEQ_ERROR and SEQ2SEQ_OUTPUT say what failed",
    )


def _count(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number above 0, got {text!r}")
    return value


def run(arguments: argparse.Namespace) -> int:
    """Translate.

    Raises:
        InputError: If the model, an input or the output cannot be used.
        WorkError: If the job was stopped, or a part of it failed.
    """
    from seq2seq_tfx.components.translation.job.events import Events
    from seq2seq_tfx.components.translation.job.inputs import STANDARD
    from seq2seq_tfx.pipeline.screen import ours_only, quieten
    from seq2seq_tfx.schemas.errors import InputError

    if arguments.output == "" or (arguments.output is None and not arguments.estimate):
        raise InputError("--output must name a file, a folder or -, got none; give one, or --estimate")
    if arguments.json and arguments.output == STANDARD:
        raise InputError("--json must not share standard output with the translations; name a file by --output")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _interrupt)  # where the job itself does not heed it, as when it publishes
    screen = contextlib.nullcontext() if arguments.verbose else ours_only(Path(os.devnull))
    quieten()
    events = Events(Path(arguments.events) if arguments.events else None)
    # Standard output is taken before the screen is kept clear of what libraries print.
    with _standard_output() as stream:
        try:
            with screen:
                document = _translated(arguments, events, stream)
        except BaseException as error:
            _tell_failure(arguments, error)
            with contextlib.suppress(OSError):  # a full disk is told by the error itself
                events.emit("failed", error=str(error) or type(error).__name__)
            raise
    if arguments.json:
        print(json.dumps(document, indent=1, ensure_ascii=False))
    elif arguments.estimate:
        for name, value in document.items():
            print(f"{name.replace('_', ' ')}: {value:,}" if value is not None else f"{name}: unknown")
    return 0


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as stream:
        yield stream


def _translated(arguments: argparse.Namespace, events: Any, stream: BinaryIO) -> dict[str, Any]:
    from seq2seq_tfx.components.translation.job.estimating import estimate
    from seq2seq_tfx.components.translation.job.model import Asked, open_model
    from seq2seq_tfx.components.translation.job.translating import translate_job
    from seq2seq_tfx.pipeline.code_version import code_version
    from seq2seq_tfx.pipeline.machine import instruction_set

    asked = Asked(arguments.n_best, arguments.alignments, arguments.invariant, arguments.device)
    model = open_model(Path(arguments.model), code_version("translation"), instruction_set(), asked=asked)
    request = _request(arguments, model)
    if arguments.estimate:
        return estimate(request, model)
    manifest = translate_job(request, model, events, sys.stdin.buffer, stream)
    counts = manifest["counts"]
    logger.info(
        "translated %s records with %s (%s): %s by the model, %s reused, %s dead, %s split; %s distinct sentences",
        f"{counts['read']:,}",
        model.export,
        model.making.engine,
        *(f"{counts[name]:,}" for name in ("translated", "reused", "dead", "split", "distinct_sentences")),
    )
    if counts["truncated"]:
        logger.info(
            "%s records have a translation that stopped at its longest length, so its end is missing "
            "(section decoding of the model's configuration)",
            f"{counts['truncated']:,}",
        )
    flags = [f"{name} {count:,}" for name, count in counts["flags"].items() if count and name != "truncated"]
    if flags:
        logger.info("flagged: %s; the records stand in %s", ", ".join(flags), _beside(arguments))
    return manifest


def _beside(arguments: argparse.Namespace) -> str:
    from seq2seq_tfx.components.translation.job.inputs import STANDARD

    if arguments.output == STANDARD:
        return "no file, because the output is none"
    joint = os.sep if arguments.shard_records else "."
    return f"{arguments.output.rstrip(os.sep)}{joint}flags.jsonl"


def _request(arguments: argparse.Namespace, model: "Model") -> "Request":
    from seq2seq_tfx.components.translation.formats.choosing import default_column, format_name
    from seq2seq_tfx.components.translation.formats.record import Columns
    from seq2seq_tfx.components.translation.job.inputs import STANDARD, find_inputs
    from seq2seq_tfx.components.translation.job.running import Pace
    from seq2seq_tfx.components.translation.job.store import default_store
    from seq2seq_tfx.components.translation.job.translating import Request

    name = format_name(find_inputs(arguments.input), arguments.format)
    column: int | str = default_column(name) if arguments.column is None else arguments.column
    if isinstance(column, str) and column.isascii() and column.isdigit():
        column = int(column)
    store = Path(arguments.store) if arguments.store else default_store() if model.making.batch_invariant else None
    return Request(
        inputs=arguments.input,
        output=arguments.output or STANDARD,
        format=name,
        columns=Columns(
            column,
            arguments.translation_column,
            "score" if arguments.scores else "",
            n_best=arguments.n_best,
            alignments=arguments.alignments,
            flags="flags" if arguments.flags == "column" else "",
        ),
        max_characters=arguments.max_characters,
        shard_records=arguments.shard_records,
        restart=arguments.restart,
        store=None if arguments.no_store else store,
        store_bytes=arguments.store_mebibytes * _MEBIBYTE,
        pace=Pace(workers=arguments.workers, strict=arguments.strict),
        checks=None if arguments.flags == "none" else _checks(model),
        runner=_runner(arguments),
    )


def _runner(arguments: argparse.Namespace) -> "Runner | None":
    from seq2seq_tfx.components.translation.job.distributing import Runner
    from seq2seq_tfx.schemas.errors import InputError

    if arguments.beam is not None:
        return _configured_runner(arguments)
    if arguments.runner is None and not arguments.runner_option:
        return None
    if arguments.runner in (None, "DirectRunner"):
        raise InputError(
            "--runner must name a runner in full, as apache_beam.runners.portability.fn_api_runner.FnApiRunner, got "
            f"{arguments.runner}: what the short name stands for changes with Beam's version"
        )
    _refuse_store(arguments, "--runner")
    return Runner(arguments.runner, tuple(arguments.runner_option))


def _configured_runner(arguments: argparse.Namespace) -> "Runner | None":
    from seq2seq_tfx.components.translation.job.distributing import Runner
    from seq2seq_tfx.pipeline.beam_arguments import beam_arguments
    from seq2seq_tfx.pipeline.machine import cores
    from seq2seq_tfx.schemas.config.loading import load_config
    from seq2seq_tfx.schemas.errors import InputError

    if arguments.runner is not None or arguments.runner_option:
        raise InputError("--beam must not go with --runner and --runner-option, which it stands for; leave one out")
    beam = load_config(Path(arguments.beam)).config.beam
    if beam.runner == "local":
        return None  # this process is what that means, and the faster one
    _refuse_store(arguments, "--beam")
    name, *options = beam_arguments(beam, cores())
    return Runner(name.removeprefix("--runner="), tuple(options))


def _refuse_store(arguments: argparse.Namespace, option: str) -> None:
    from seq2seq_tfx.schemas.errors import InputError

    if arguments.store:
        raise InputError(f"{option} must not go with --store, whose file its workers cannot share; leave one out")


def _checks(model: "Model") -> "TextCheckSettings":
    from seq2seq_tfx.components.text_checks.checking import TextCheckSettings

    config, languages = model.config, model.record["languages"]
    return TextCheckSettings(
        checks=config.checks,
        source=languages["source"],
        target=languages["target"],
        other_languages=config.other_languages,
        thresholds=config.thresholds,
    )


def _tell_failure(arguments: argparse.Namespace, error: BaseException) -> None:
    if arguments.on_failure:
        told = {"SEQ2SEQ_ERROR": str(error) or type(error).__name__, "SEQ2SEQ_OUTPUT": arguments.output or ""}
        subprocess.run(arguments.on_failure, shell=True, check=False, env={**os.environ, **told}, stdout=sys.stderr)
