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
    parser.add_argument(
        "--ledger",
        nargs="*",
        metavar="RUN",
        help="show what each corpus kept and dropped: in the newest run, in RUN, or what differs between two",
    )
    parser.add_argument("--json", action="store_true", help="print the status as one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Print the status."""
    from seq2seq_tfx.pipeline.history import History
    from seq2seq_tfx.pipeline.root import Root
    from seq2seq_tfx.schemas.config.loading import load_config

    loaded = load_config(Path(arguments.config), arguments.set)
    root = Root(loaded.root)
    history = History(root.metadata, loaded.config.name)
    if arguments.ledger is not None:
        return _show_ledger(history, arguments.ledger, arguments.json)
    status = {
        "name": loaded.config.name,
        "root": str(root.directory),
        "runs": [_run(name, nodes) for name, nodes in history.runs()],
        "gate": _gate(history),
        "pushed": _pushed(history, root.directory / loaded.config.push.directory),
    }
    print(json.dumps(status, ensure_ascii=False, indent=1) if arguments.json else _as_text(status))
    return 0


def _show_ledger(history: "History", runs: list[str], as_json: bool) -> int:
    """Print one ledger, or the difference of two."""
    from seq2seq_tfx.pipeline.ledgers import changes, changes_text, ledger_text, run_ledger
    from seq2seq_tfx.schemas.errors import InputError

    if len(runs) > 2:
        raise InputError(f"--ledger takes at most two runs, got {len(runs)}")
    found = [run_ledger(history, run) for run in runs] or [run_ledger(history, None)]
    document: dict[str, Any]
    if len(found) == 1:
        text = ledger_text(found[0])
        document = {"run": found[0].run, "ledger": found[0].ledger.model_dump(mode="json")}
    else:
        before, after = found
        text = changes_text(before, after)
        listed = [change._asdict() for change in changes(before.ledger, after.ledger)]
        document = {"runs": [before.run, after.run], "changes": listed}
    print(json.dumps(document, ensure_ascii=False, indent=1) if as_json else text)
    return 0


def _run(name: str, nodes: "tuple[tuple[str, Recorded], ...]") -> dict[str, Any]:
    from seq2seq_tfx.pipeline.stages import RESOLVERS

    stages = [
        {
            "stage": node,
            "state": each.state.lower(),
            "seconds": round(each.updated_seconds - each.started_seconds, 1) if each.state == "COMPLETE" else 0.0,
        }
        for node, each in nodes
        if node not in RESOLVERS
    ]
    return {"id": name, "stages": stages}


def _gate(history: "History") -> dict[str, Any] | None:
    """What the gate decided last."""
    from seq2seq_tfx.pipeline.verdicts import read_decision

    finished = [each for each in history.executions("gate") if each.finished]
    decision = read_decision(history, finished[0].outputs) if finished else None
    shown = ("verdict", "reasons", "acceptance", "differences", "failures")
    return None if decision is None else {key: decision[key] for key in shown if key in decision}


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
    from seq2seq_tfx.pipeline.verdicts import decision_text

    lines = [f"pipeline {status['name']} in {status['root']}", ""]
    for each in status["runs"][:5]:
        lines.append(f"run {each['id']}")
        lines += [f"  {s['stage']:<22} {s['state']:<9} {s['seconds']:>8.1f} s" for s in each["stages"]]
    if not status["runs"]:
        lines.append("no run yet")
    if status["gate"] is not None:
        lines += ["", decision_text(status["gate"])]
    pushed = status["pushed"]
    if pushed is None:
        return "\n".join([*lines, "", "nothing pushed yet"])
    lines += ["", f"version in use: {pushed['version']} ({pushed['path']})", "made by:"]
    lines += [f"  {s['stage']:<22} execution {s['execution']:<5} {s['output']}" for s in pushed["lineage"]]
    files = [(f["corpus"], f["side"], f["sha256"], f["path"]) for f in pushed["corpus_files"]]
    return "\n".join([*lines, "", "from:", table(("corpus", "side", "sha256", "file"), files)])
