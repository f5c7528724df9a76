"""Which earlier data a run's data are compared with: those of the model in use. Light: no TFX.

The store is ML Metadata's, however it was opened; `plan` asks it through this module, and so does the resolver.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seq2seq_tfx.components.validation.settings import ValidationSettings
from seq2seq_tfx.components.versions import current_version

STATISTICS_KEY = "statistics"
BASELINE_KEY = "baseline_statistics"
"""The validation's input channels."""


@dataclass(frozen=True)
class DriftBaseline:
    """What a run's statistics are compared with."""

    statistics: int | None
    """Artifact id; None if there is nothing to compare with."""
    reason: str
    """Why it is this one, or none."""


def drift_baseline(
    store: Any, push_directory: Path, statistics: int, parameters: Mapping[str, str]
) -> DriftBaseline | None:
    """The statistics that this run's are compared with.

    Those of the data that the model in use was made of. So what the check refused never becomes the baseline, nor what
    was not pushed. If the model in use was made of this run's own data, nothing has drifted: a validation that let them
    pass with these very parameters is repeated as it was, and so stays cached; with others there is nothing to compare.

    Args:
        store: `ml_metadata.MetadataStore`.
        push_directory: The folder of the pushed versions.
        statistics: Artifact id of this run's statistics.
        parameters: `settings` (`ValidationSettings` as JSON) and `code_version` of the validation.

    Returns:
        The baseline; None if `validation.max_drift` is not set.

    Raises:
        WorkError: If the version in use is not there, or its record cannot be read.
    """
    if ValidationSettings.from_json(parameters["settings"]).validation.max_drift is None:
        return None
    version = current_version(push_directory)
    if version is None:
        return DriftBaseline(None, "no model is in use yet, so there are no earlier data")
    lineage = _Lineage(store)
    ancestors = lineage.ancestors(lineage.models(version.identity.export_id))
    own = lineage.executions_around([statistics], "outputs")[0]
    if ancestors.issuperset(lineage.artifacts_of([own.id], "inputs")):
        kept = _as_it_passed(lineage, statistics, parameters)
        return kept or DriftBaseline(None, f"these are the data of version {version.number}, in use")
    used = _oldest_live(lineage, own, ancestors)
    if used is None:
        return DriftBaseline(None, f"this root's metadata do not hold the statistics of version {version.number}")
    return DriftBaseline(used, f"the data of version {version.number}, in use")


def _oldest_live(lineage: "_Lineage", own: Any, ancestors: Iterable[int]) -> int | None:
    """The first statistics of a model's data that are still there: made anew, they must change nothing."""
    same_kind = [each.id for each in lineage.executions_around(ancestors, "inputs") if each.type_id == own.type_id]
    return min(filter(lineage.live, lineage.artifacts_of(same_kind, "outputs")), default=None)


def _as_it_passed(lineage: "_Lineage", statistics: int, parameters: Mapping[str, str]) -> DriftBaseline | None:
    """What the newest validation of these statistics with these parameters compared them with, if it is still there."""
    for each in reversed(lineage.executions_around([statistics], "inputs", STATISTICS_KEY)):
        recorded = {**each.properties, **each.custom_properties}
        if all(name in recorded and recorded[name].string_value == text for name, text in parameters.items()):
            before = lineage.artifacts_of([each.id], "inputs", BASELINE_KEY)
            if all(lineage.live(identity) for identity in before):
                how = "are compared as then" if before else "had nothing to be compared with then"
                return DriftBaseline(next(iter(before), None), f"these data passed before, and {how}")
            return None
    return None


class _Lineage:
    """Steps from artifacts to executions and back, finished executions only."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def models(self, export_id: str) -> list[int]:
        """Artifacts that are this export."""
        found = self._store.get_artifacts_by_type("Model")
        return [each.id for each in found if each.custom_properties["export_id"].string_value == export_id]

    def live(self, identity: int) -> bool:
        """Whether an artifact may be used: recorded as complete, and still there on disk."""
        (artifact,) = self._store.get_artifacts_by_id([identity])
        return bool(artifact.state == artifact.LIVE) and Path(artifact.uri).exists()

    def ancestors(self, artifacts: Iterable[int]) -> set[int]:
        """Artifacts that these were made of, however many steps back."""
        found: set[int] = set()
        waiting = set(artifacts)
        while waiting:
            makers = [each.id for each in self.executions_around(waiting, "outputs")]
            waiting = self.artifacts_of(makers, "inputs") - found
            found |= waiting
        return found

    def executions_around(self, artifacts: Iterable[int], side: str, key: str | None = None) -> list[Any]:
        """Finished executions that have one of these among their inputs or outputs, oldest first."""
        given = sorted(artifacts)
        events = self._store.get_events_by_artifact_ids(given) if given else []
        identities = sorted({each.execution_id for each in events if _is(each, side, key)})
        found = self._store.get_executions_by_id(identities) if identities else []
        finished = [each for each in found if each.last_known_state in (each.COMPLETE, each.CACHED)]
        return sorted(finished, key=lambda each: int(each.id))

    def artifacts_of(self, executions: Iterable[int], side: str, key: str | None = None) -> set[int]:
        """Inputs or outputs of executions."""
        identities = sorted(executions)
        events = self._store.get_events_by_execution_ids(identities) if identities else []
        return {each.artifact_id for each in events if _is(each, side, key)}


def _is(event: Any, side: str, key: str | None) -> bool:
    """Whether an event stands for an input or an output (of that key); what a resolver found is no output."""
    kinds = (event.INPUT, event.DECLARED_INPUT) if side == "inputs" else (event.OUTPUT, event.DECLARED_OUTPUT)
    return event.type in kinds and (key is None or event.path.steps[0].key == key)
