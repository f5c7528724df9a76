"""`seq2seq status`: runs, stages, times, and the lineage of the pushed model back to the corpus files. No TFX."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq_tfx.pipeline.commands.arguments import add_config

if TYPE_CHECKING:
    from seq2seq_tfx.pipeline.history import History, Recorded


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("status", help="show runs, stages, times, and the lineage of the pushed model")
    add_config(parser)
    parser.add_argument("--json", action="store_true", help="print the status as one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Print the status."""
    from seq2seq_tfx.pipeline.history import History
    from seq2seq_tfx.pipeline.root import Root
    from seq2seq_tfx.schemas.config.loading import load_config

    loaded = load_config(Path(arguments.config), arguments.set)
    root = Root(loaded.root)
    history = History(root.metadata, loaded.config.name)
    status = {
        "name": loaded.config.name,
        "root": str(root.directory),
        "runs": [_run(name, nodes) for name, nodes in history.runs()],
        "pushed": _pushed(history, root.directory / loaded.config.push.directory),
    }
    print(json.dumps(status, ensure_ascii=False, indent=1) if arguments.json else _as_text(status))
    return 0


def _run(name: str, nodes: "tuple[tuple[str, Recorded], ...]") -> dict[str, Any]:
    stages = [
        {
            "stage": node,
            "state": each.state.lower(),
            "seconds": round(each.updated_seconds - each.started_seconds, 1) if each.state == "COMPLETE" else 0.0,
        }
        for node, each in nodes
        if node != "baseline"
    ]
    return {"id": name, "stages": stages}


def _pushed(history: "History", push_directory: Path) -> dict[str, Any] | None:
    from seq2seq_tfx.components.versions import current_version
    from seq2seq_tfx.pipeline.lineage import corpus_files, trace

    version = current_version(push_directory)
    if version is None:
        return None
    steps = trace(history, version.identity.export_id)
    return {
        "version": version.number,
        "path": str(version.path),
        "export_id": version.identity.export_id,
        "lineage": [asdict(step) for step in steps],
        "corpus_files": corpus_files(steps),
    }


def _as_text(status: dict[str, Any]) -> str:
    from seq2seq_tfx.pipeline.results import table

    lines = [f"pipeline {status['name']} in {status['root']}", ""]
    for each in status["runs"][:5]:
        lines.append(f"run {each['id']}")
        lines += [f"  {s['stage']:<22} {s['state']:<9} {s['seconds']:>8.1f} s" for s in each["stages"]]
    if not status["runs"]:
        lines.append("no run yet")
    pushed = status["pushed"]
    if pushed is None:
        return "\n".join([*lines, "", "nothing pushed yet"])
    lines += ["", f"version in use: {pushed['version']} ({pushed['path']})", "made by:"]
    lines += [f"  {s['stage']:<22} execution {s['execution']:<5} {s['output']}" for s in pushed["lineage"]]
    files = [(f["corpus"], f["side"], f["sha256"], f["path"]) for f in pushed["corpus_files"]]
    return "\n".join([*lines, "", "from:", table(("corpus", "side", "sha256", "file"), files)])
