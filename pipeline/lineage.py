"""Traces a pushed model back, step by step, to the sha256 of every corpus file that it was made from."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seq2seq_tfx.pipeline.history import History, Recorded
from seq2seq_tfx.pipeline.stages import NAMES


@dataclass(frozen=True)
class Step:
    """One execution on the way from the corpora to the model."""

    stage: str
    execution: int
    output: str
    """Folder of what it made."""
    code_version: str
    settings: dict[str, Any]


def trace(history: History, export_id: str) -> tuple[Step, ...]:
    """The executions that an exported model was made by, from the corpus on.

    Args:
        history: The metadata of the root that made the model.
        export_id: The exported model's identity.

    Returns:
        The steps in the stages' order; empty if this root did not make the model.
    """
    producers = _producers(history)
    waiting = [artifact.id for artifact in history.artifacts_with("export_id", export_id)]
    steps: dict[int, Step] = {}
    while waiting:
        identity = waiting.pop()
        if identity not in producers:
            continue
        stage, recorded = producers[identity]
        if recorded.identity not in steps:
            steps[recorded.identity] = _step(history, stage, recorded, identity)
            waiting += [each for ids in recorded.inputs.values() for each in ids]
    return tuple(sorted(steps.values(), key=lambda step: (NAMES.index(step.stage), step.execution)))


def corpus_files(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    """Corpus, side, path and sha256 of every file that the corpus step read."""
    return [each for step in steps if step.stage == "corpus" for each in step.settings["files"]]


def _producers(history: History) -> dict[int, tuple[str, Recorded]]:
    return {
        identity: (stage, recorded)
        for stage in NAMES
        for recorded in history.executions(stage)
        if recorded.state == "COMPLETE"
        for ids in recorded.outputs.values()
        for identity in ids
    }


def _step(history: History, stage: str, recorded: Recorded, output: int) -> Step:
    return Step(
        stage=stage,
        execution=recorded.identity,
        output=str(Path(history.artifact(output).uri)),
        code_version=recorded.parameters.get("code_version", ""),
        settings=json.loads(recorded.parameters.get("settings", "{}")),
    )
