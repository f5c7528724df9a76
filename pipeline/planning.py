"""Foretells which stages a run would execute, and says why; the same rule as TFX's cache, without importing TFX.

A stage is cached when a finished execution of its node has the same parameters (settings, code version) and the same
input artifacts, and its outputs are still there. A test holds this against what a run then does.
"""

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from seq2seq_tfx.components.gate.acceptance import acceptance_of
from seq2seq_tfx.components.gate.baseline import baseline_export_id
from seq2seq_tfx.components.validation.baseline import drift_baseline
from seq2seq_tfx.pipeline.composition import Composition
from seq2seq_tfx.pipeline.history import History, Ids, Recorded
from seq2seq_tfx.pipeline.stages import BASELINE, DRIFT_BASELINE, GATE, VERDICTS, Stage

SUPPORT = ("baseline_translations",)
"""Nodes that serve a stage and are not shown as one."""


@dataclass(frozen=True)
class PlannedStage:
    """What a run would do with a stage."""

    name: str
    action: Literal["run", "cached", "not reached"]
    reason: str


@dataclass(frozen=True)
class Judgement:
    """Which model is held against which."""

    candidate: str
    """The candidate's `export_id`."""
    baseline: str | None
    """That of the model it is judged against; None for a first model."""


@dataclass(frozen=True)
class Plan:
    """All stages in order."""

    stages: tuple[PlannedStage, ...]
    refused_by: str | None = None
    """The stage whose remembered refusal ends the run."""
    outputs: Mapping[str, Ids] | None = None
    """Remembered outputs of the cached nodes."""
    judged: Judgement | None = None
    """Of a refused model: what is held against what."""
    outdated: tuple[str, ...] = ()
    """Stages that TFX's cache takes for done, and that run nevertheless: a refusal that was accepted since."""
    support: tuple[str, ...] = ()
    """Nodes that would execute for a stage's sake, and are not shown as one."""

    @property
    def to_run(self) -> tuple[str, ...]:
        """Names of the stages that would execute."""
        return tuple(stage.name for stage in self.stages if stage.action == "run")


def plan(composition: Composition, history: History, force: Collection[str] = (), to: str | None = None) -> Plan:
    """Decide for every stage up to `to` whether it would run, as TFX's cache would.

    Args:
        composition: The configuration, composed.
        history: What earlier runs left.
        force: Stages that run even if nothing changed.
        to: The last stage asked for.
    """
    planner = _Planner(composition, history, force)
    for stage in composition.stages:
        planner.visit(stage)
        if stage.name == to:
            break
    shown = tuple(planned for planned in planner.planned if planned.name not in SUPPORT)
    judged = planner.judgement() if planner.refused_by else None
    support = tuple(each.name for each in planner.planned if each.name in SUPPORT and each.action == "run")
    return Plan(shown, planner.refused_by, planner.outputs, judged, tuple(planner.outdated), support)


class _Planner:
    def __init__(self, composition: Composition, history: History, force: Collection[str]) -> None:
        self._composition, self._history, self._force = composition, history, force
        self.planned: list[PlannedStage] = []
        self.outputs: dict[str, Ids] = {}
        self.refused_by: str | None = None
        self.outdated: list[str] = []

    def judgement(self) -> Judgement | None:
        """The candidate and what it is judged against, where the export is remembered."""
        if "export" not in self.outputs:
            return None
        candidate = self._history.artifact(self.outputs["export"]["exported_model"][0])
        export_id = candidate.custom_properties["export_id"].string_value
        return Judgement(export_id, baseline_export_id(self._composition.push_directory, export_id))

    def visit(self, stage: Stage) -> None:
        if self.refused_by is not None:
            self._add(stage, "not reached", f"the {self.refused_by} refused this model")
            return
        changing = [node for node, _ in stage.inputs.values() if self._runs(node)]
        if stage.name in self._force:
            self._add(stage, "run", "asked for by --force")
        elif changing:
            fed_by = ", ".join(node for node in dict.fromkeys(changing) if node not in SUPPORT)
            self._add(stage, "run", f"what it reads is made anew, by {fed_by}")
        else:
            self._look_up(stage)

    def _look_up(self, stage: Stage) -> None:
        parameters = self._composition.parameters[stage.name]
        inputs = {key: self._artifact_ids(node, output) for key, (node, output) in stage.inputs.items()}
        finished = [each for each in self._history.executions(stage.name) if each.finished]
        for recorded in finished:
            if _same(recorded, parameters, inputs) and self._outputs_live(recorded):
                if self._was_accepted(stage, recorded):
                    self.outdated.append(stage.name)
                    self._add(stage, "run", "its refusal was accepted since")
                    return
                self.outputs[stage.name] = recorded.outputs
                since = time.strftime("%Y-%m-%d %H:%M", time.localtime(recorded.started_seconds))
                self._add(stage, "cached", f"same settings, code and input as on {since}")
                self._heed_verdict(stage, recorded)
                return
        self._add(stage, "run", self._why(finished, parameters, inputs))

    def _runs(self, node: str) -> bool:
        if node == BASELINE:
            return self._runs("export")
        if node == DRIFT_BASELINE:
            return self._runs("statistics")
        return any(planned.name == node and planned.action == "run" for planned in self.planned)

    def _artifact_ids(self, node: str, output: str) -> tuple[int, ...]:
        if node == BASELINE:
            return self._baseline_ids()
        if node == DRIFT_BASELINE:
            return self._drift_baseline_ids()
        return self.outputs.get(node, {}).get(output, ())

    def _baseline_ids(self) -> tuple[int, ...]:
        judgement = self.judgement()
        baseline = None if judgement is None else judgement.baseline
        if baseline is None:
            return ()
        found = [a for a in self._history.artifacts_with("export_id", baseline) if self._history.live(a.id)]
        return (found[0].id,) if found else ()

    def _drift_baseline_ids(self) -> tuple[int, ...]:
        (statistics,) = self.outputs["statistics"]["statistics"]
        composition = self._composition
        found = drift_baseline(
            self._history.store, composition.push_directory, statistics, composition.parameters["validation"]
        )
        return () if found is None or found.statistics is None else (found.statistics,)

    def _outputs_live(self, recorded: Recorded) -> bool:
        return all(self._history.live(identity) for ids in recorded.outputs.values() for identity in ids)

    def _heed_verdict(self, stage: Stage, recorded: Recorded) -> None:
        if self._refuses(stage, recorded):
            self.refused_by = stage.name

    def _refuses(self, stage: Stage, recorded: Recorded) -> bool:
        if stage.name not in VERDICTS:
            return False
        blessing = self._history.artifact(recorded.outputs[VERDICTS[stage.name]][0])
        return bool(blessing.custom_properties["blessed"].int_value != 1)

    def _was_accepted(self, stage: Stage, recorded: Recorded) -> bool:
        """Whether a person has accepted since what the gate refused: only the gate's refusals can be."""
        judgement = self.judgement()
        if stage.name != GATE or judgement is None or not self._refuses(stage, recorded):
            return False
        push_directory = self._composition.push_directory
        return acceptance_of(push_directory, judgement.candidate, judgement.baseline) is not None

    def _why(self, finished: list[Recorded], parameters: Mapping[str, str], inputs: Ids) -> str:
        if not finished:
            return "it has never finished"
        newest = finished[0]
        if newest.parameters.get("settings") != parameters["settings"]:
            changed = changed_keys(newest.parameters.get("settings", "{}"), parameters["settings"])
            return f"its settings changed: {', '.join(changed)}"
        if newest.parameters.get("code_version") != parameters["code_version"]:
            return "its code changed"
        if _given(newest.inputs) != _given(inputs):
            return "its input is another one than last time"
        if not self._outputs_live(newest):
            return "its output is no longer on disk"
        return "its surroundings changed"

    def _add(self, stage: Stage, action: Literal["run", "cached", "not reached"], reason: str) -> None:
        self.planned.append(PlannedStage(stage.name, action, reason))


def _same(recorded: Recorded, parameters: Mapping[str, str], inputs: Ids) -> bool:
    return all(recorded.parameters.get(key) == value for key, value in parameters.items()) and _given(
        recorded.inputs
    ) == _given(inputs)


def _given(inputs: Ids) -> Ids:
    return {key: ids for key, ids in inputs.items() if ids}


def changed_keys(before: str, after: str) -> list[str]:
    """Dotted names of the settings that differ between two JSON texts.

    Example:
        >>> changed_keys('{"a": {"b": 1, "c": 2}}', '{"a": {"b": 1, "c": 3}}')
        ['a.c']
    """
    old, new = _flat(json.loads(before)), _flat(json.loads(after))
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        return {prefix: value}
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        flat.update(_flat(inner, f"{prefix}.{key}" if prefix else key))
    return flat


def pushed_path(plan_made: Plan, history: History) -> Path | None:
    """Where the remembered push put its model, if the push is cached."""
    ids = (plan_made.outputs or {}).get("push", {}).get("pushed_model", ())
    if not ids:
        return None
    destination = history.artifact(ids[0]).custom_properties["pushed_destination"].string_value
    return Path(destination) if destination else None
