"""`seq2seq models`: what was pushed, how good it is, and which version is in use. No TensorFlow, no TFX."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq_tfx.pipeline.commands.arguments import add_config

if TYPE_CHECKING:
    from seq2seq_tfx.components.versions import Version


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("models", help="list the pushed versions, or show one")
    add_config(parser)
    parser.add_argument(
        "action", nargs="?", choices=("list", "show"), default="list", help="all versions (default), or one of them"
    )
    parser.add_argument("version", nargs="?", type=int, metavar="VERSION", help="for show; by default the one in use")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Print the versions."""
    from seq2seq_tfx.components.versions import list_versions
    from seq2seq_tfx.schemas.config.loading import load_config
    from seq2seq_tfx.schemas.errors import InputError

    push_directory = load_config(Path(arguments.config), arguments.set).push_directory
    versions = list_versions(push_directory)
    if arguments.action == "list":
        if arguments.version is not None:
            raise InputError(f"a version goes with show, got list {arguments.version}; give `show {arguments.version}`")
        print(_document({"models": [_entry(each) for each in versions]}) if arguments.json else _table(versions))
        return 0
    shown = _chosen(versions, arguments.version, push_directory)
    print(_document({**_entry(shown), "provenance": shown.provenance}) if arguments.json else _page(shown))
    return 0


def _chosen(versions: "list[Version]", number: int | None, push_directory: Path) -> "Version":
    from seq2seq_tfx.components.versions import current_version
    from seq2seq_tfx.schemas.errors import InputError

    wanted = current_version(push_directory) if number is None else None
    found = wanted or next((each for each in versions if each.number == number), None)
    if found is None:
        asked = "the one in use, and none is" if number is None else str(number)
        have = ", ".join(str(each.number) for each in versions) or "no version"
        raise InputError(f"the version to show must be in {push_directory}, which has {have}; got {asked}")
    return found


def _entry(version: "Version") -> dict[str, Any]:
    replaced = version.replaced
    return {
        "version": version.number,
        "path": str(version.path),
        "current": version.current,
        "export_id": version.identity.export_id,
        "pushed_at": version.provenance["pushed_at"],
        "replaced": None if replaced is None else replaced.number,
        "scores": {
            score["metric"]: {"value": score["value"], "signature": score["signature"]}
            for score in version.provenance["decision"]["candidate"]["scores"]
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
