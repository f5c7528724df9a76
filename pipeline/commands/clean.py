"""`seq2seq clean`: removes what no kept version, no newest run and no interrupted job needs. No TensorFlow, no TFX."""

import argparse
import json
import logging
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq_tfx.pipeline.commands.arguments import add_config

if TYPE_CHECKING:
    from seq2seq_tfx.pipeline.history import History, Ids
    from seq2seq_tfx.pipeline.keeping import Kept
    from seq2seq_tfx.pipeline.removing import LeftOver
    from seq2seq_tfx.schemas.config.loading import LoadedConfig

logger = logging.getLogger(__name__)

_KEEP = 3


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser(
        "clean",
        help="remove old artifacts, checkpoints, versions and left-over work folders",
        description="Remove what is not needed: never the version in use or the one that it replaced, what a kept "
        "version was made from, what a run of this configuration would take from the cache, or an interrupted job.",
    )
    add_config(parser)
    parser.add_argument(
        "--keep",
        type=int,
        default=_KEEP,
        metavar="N",
        help=f"how many of the newest versions and runs to keep beside those; by default {_KEEP}",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed, and remove nothing")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Remove, and say what.

    Raises:
        InputError: If `--keep` is below 1, or a run uses the root.
    """
    from seq2seq_tfx.pipeline.history import History
    from seq2seq_tfx.pipeline.keeping import Wanted, decide_kept
    from seq2seq_tfx.pipeline.removing import Places, find_left_overs, remove
    from seq2seq_tfx.pipeline.root import Root
    from seq2seq_tfx.schemas.config.loading import load_config
    from seq2seq_tfx.schemas.errors import InputError

    if arguments.keep < 1:
        raise InputError(f"--keep must be 1 or more, got {arguments.keep}")
    loaded = load_config(Path(arguments.config), arguments.set)
    places = Places(root=Root(loaded.root), push_directory=loaded.push_directory)
    if not places.root.directory.is_dir():
        raise InputError(f"there must be a root to clean, but {places.root.directory} does not exist; run first")
    with places.root.locked():
        history = History(places.root.metadata, loaded.config.name)
        wanted = Wanted(newest=arguments.keep, planned=_planned(loaded, history))
        kept = decide_kept(history, places.push_directory, wanted)
        left_overs = find_left_overs(history, places, kept, arguments.keep)
        if not arguments.dry_run:
            left_overs = remove(history, places, kept, left_overs)
    document = _document(arguments, kept, left_overs)
    print(json.dumps(document, ensure_ascii=False, indent=1) if arguments.json else _text(arguments, left_overs))
    return 0


def _planned(loaded: "LoadedConfig", history: "History") -> "tuple[Ids, ...]":
    """What a run of the configuration as it is would take from the cache."""
    from seq2seq_tfx.pipeline.composition import compose
    from seq2seq_tfx.pipeline.planning import plan
    from seq2seq_tfx.schemas.errors import InputError

    try:
        planned = plan(compose(loaded), history)
    except InputError as error:
        logger.warning("what the next run needs is not known, so that only the newest runs are kept: %s", error)
        return ()
    return tuple((planned.outputs or {}).values())


def _document(arguments: argparse.Namespace, kept: "Kept", left_overs: "list[LeftOver]") -> dict[str, Any]:
    return {
        "dry_run": arguments.dry_run,
        "keep": arguments.keep,
        "bytes": sum(each.size_bytes for each in left_overs),
        "removed": [{"kind": each.kind, "path": str(each.path), "bytes": each.size_bytes} for each in left_overs],
        "kept": {"versions": list(kept.versions), "interrupted_executions": sorted(kept.interrupted)},
    }


def _text(arguments: argparse.Namespace, left_overs: "list[LeftOver]") -> str:
    from seq2seq_tfx.pipeline.results import table

    if not left_overs:
        return "nothing to remove"
    counts, sizes = Counter(each.kind for each in left_overs), Counter[str]()
    for each in left_overs:
        sizes[each.kind] += each.size_bytes
        logger.info("%s: %s", each.kind, each.path)
    rows = [(kind, f"{count:,}", f"{sizes[kind] / 1e6:,.1f}") for kind, count in counts.items()]
    total = f"{sum(sizes.values()) / 1e6:,.1f} MB {'would be' if arguments.dry_run else 'were'} removed"
    return f"{table(('what', 'number', 'MB'), rows)}\n\n{total}"
