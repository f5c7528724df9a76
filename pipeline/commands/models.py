"""`seq2seq models`: what was pushed, how good it is, which version is in use, and another one put in use.

No TensorFlow, no TFX.
"""

import argparse
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq_tfx.pipeline.commands.arguments import add_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from seq2seq_tfx.components.versions import Version
    from seq2seq_tfx.schemas.config.loading import LoadedConfig


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("models", help="list the pushed versions, show one, or put another one in use")
    add_config(parser)
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "show", "use", "rollback"),
        default="list",
        help="list all versions (default); show one; use one; rollback: use the one that the one in use replaced",
    )
    parser.add_argument(
        "version", nargs="?", type=int, metavar="VERSION", help="for show (by default the one in use) and for use"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Print the versions, or change which is in use."""
    from seq2seq_tfx.components.versions import list_versions
    from seq2seq_tfx.schemas.config.loading import load_config
    from seq2seq_tfx.schemas.errors import InputError

    loaded = load_config(Path(arguments.config), arguments.set)
    action, number = arguments.action, arguments.version
    if action in ("list", "rollback") and number is not None:
        instead = f"`show {number}`" if action == "list" else f"`use {number}`"
        raise InputError(f"a version goes with show and use, got {action} {number}; give {instead}")
    if action in ("use", "rollback"):
        _change(loaded, partial(_to_use, number=number) if action == "use" else _before)
    versions = list_versions(loaded.push_directory)
    if action == "list":
        print(_document({"models": [_entry(each) for each in versions]}) if arguments.json else _table(versions))
        return 0
    shown = _chosen(loaded.push_directory, number if action == "show" else None)
    if action == "show":
        print(_document({**_entry(shown), "provenance": shown.provenance}) if arguments.json else _page(shown))
    else:
        print(_document(_entry(shown)) if arguments.json else f"version {shown.number} is in use: {shown.path}")
    return 0


def _chosen(push_directory: Path, number: int | None) -> "Version":
    """The version of that number, or the one in use."""
    from seq2seq_tfx.components.versions import current_version, list_versions
    from seq2seq_tfx.schemas.errors import InputError

    wanted = current_version(push_directory) if number is None else None
    found = wanted or next((each for each in list_versions(push_directory) if each.number == number), None)
    if found is None:
        asked = "the one in use, and none is" if number is None else str(number)
        raise InputError(
            f"the version must be one in {push_directory}, which has {_numbers(push_directory)}; got {asked}"
        )
    return found


def _to_use(push_directory: Path, number: int | None) -> "Version":
    from seq2seq_tfx.schemas.errors import InputError

    if number is None:
        raise InputError(f"use must name a version; {push_directory} has {_numbers(push_directory)}")
    return _chosen(push_directory, number)


def _before(push_directory: Path) -> "Version":
    """The version that the one in use replaced."""
    from seq2seq_tfx.components.versions import find_version
    from seq2seq_tfx.schemas.errors import InputError

    in_use = _chosen(push_directory, None)
    replaced = in_use.replaced
    found = None if replaced is None else find_version(push_directory, replaced.export_id)
    if found is None:
        reason = "replaced none" if replaced is None else f"replaced version {replaced.number}, which is gone"
        raise InputError(
            f"there must be a version to roll back to, but version {in_use.number}, which is in use, {reason}; "
            f"put one of {_numbers(push_directory)} in use with `use VERSION`"
        )
    return found


def _numbers(push_directory: Path) -> str:
    from seq2seq_tfx.components.versions import list_versions

    return ", ".join(str(each.number) for each in list_versions(push_directory)) or "no version"


def _change(loaded: "LoadedConfig", choose: "Callable[[Path], Version]") -> None:
    """Put a version in use, unless it lacks what the push wrote."""
    from seq2seq_tfx.components.pushing.destination import copy_to_destination
    from seq2seq_tfx.components.pushing.in_use import changing, put_in_use
    from seq2seq_tfx.components.translation.locating import find_export

    choose(loaded.push_directory)  # where there is no folder to lock, this says so
    with changing(loaded.push_directory):
        version = choose(loaded.push_directory)  # a push or a `clean` may have come first
        find_export(version.path)
        put_in_use(loaded.push_directory, version.number, loaded.config.name)
        if loaded.config.push.destination is not None:
            copy_to_destination(loaded.push_directory, loaded.config.push.destination, loaded.config.name)


def _entry(version: "Version") -> dict[str, Any]:
    replaced, decision = version.replaced, version.provenance.get("decision", {})
    return {
        "version": version.number,
        "path": str(version.path),
        "current": version.current,
        "export_id": version.identity.export_id,
        "pushed_at": version.provenance.get("pushed_at", ""),
        "replaced": None if replaced is None else replaced.number,
        "scores": {
            score["metric"]: {"value": score["value"], "signature": score["signature"]}
            for score in decision.get("candidate", {}).get("scores", ())
            if score["slice"] == "all"
        },
    }


def _document(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)


def _table(versions: "list[Version]") -> str:
    entries = [_entry(version) for version in versions]
    if not entries:
        return "no version is pushed yet; `seq2seq run` pushes the first model that passes the gate"
    metrics = list(dict.fromkeys(metric for entry in entries for metric in entry["scores"]))
    rows = [["version", "pushed", *metrics, ""]]
    for entry in entries:
        values = [f"{entry['scores'][name]['value']:.2f}" if name in entry["scores"] else "" for name in metrics]
        rows.append([str(entry["version"]), entry["pushed_at"], *values, "in use" if entry["current"] else ""])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _page(version: "Version") -> str:
    from seq2seq_tfx.components.versions import MODEL_CARD_FILE

    card = (version.path / MODEL_CARD_FILE).read_text(encoding="utf-8")
    state = "in use" if version.current else "not in use"
    return f"{version.path} ({state})\n\n{card}".rstrip()
