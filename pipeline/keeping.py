"""Decides what `clean` must leave: whatever is in use, could be used next, or tells where a kept model came from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, final

from seq2seq_tfx.components.versions import Version, list_versions, pending_number
from seq2seq_tfx.pipeline.code_version import code_version
from seq2seq_tfx.pipeline.history import History, Ids, Recorded
from seq2seq_tfx.pipeline.stages import STAGES

_RESULTS: Final = ("probe", "translations", "baseline_translations", "evaluation", "gate", "push")
"""What is known of a model, each of the stages reading the model or one of the others."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What stays."""

    artifacts: frozenset[int]
    """Ids in ML Metadata."""
    interrupted: frozenset[int]
    """Executions that did not finish and that a run would go on with."""
    versions: tuple[int, ...]
    """Numbers of pushed versions."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How much is wanted, beside what must stay anyway."""

    newest: int
    """So many of the newest versions and runs."""
    planned: Iterable[Ids] = field(default_factory=tuple)
    """Outputs that a run of the configuration as it is would take from the cache."""


def decide_kept(history: History, push_directory: Path, wanted: Wanted) -> Kept:
    """Decide what stays.

    That is: the newest versions, the one in use, and what each of these replaced, with the artifacts that each was made
    from and those that say how good it is; the outputs of the newest runs and of the configuration as it is; the
    executions that a run would go on with, and what they read.

    Args:
        history: The metadata of the root.
        push_directory: The folder of the versions.
        wanted: How much is wanted beside that.
    """
    executions = Executions(history)
    versions = kept_versions(push_directory, wanted.newest)
    models = [found for each in versions if (found := _model_of(history, each)) is not None]
    interrupted = list(executions.interrupted())
    roots = [*models, *executions.of_runs(wanted.newest), *_artifacts(wanted.planned)]
    roots += _artifacts(each.inputs for each in interrupted)
    made_from = executions.upstream(roots)
    return Kept(
        artifacts=frozenset({*made_from, *executions.results(models)}),
        interrupted=frozenset(each.identity for each in interrupted),
        versions=tuple(each.number for each in versions),
    )


def kept_versions(push_directory: Path, newest: int) -> list[Version]:
    """The newest versions, the one in use, one whose push was interrupted, and what each of these replaced.

    Args:
        push_directory: The folder of the versions.
        newest: How many of the newest.
    """
    versions = list_versions(push_directory)
    pending = pending_number(push_directory)
    chosen = {each.number for each in versions[-newest:]}
    chosen |= {each.number for each in versions if each.current or each.number == pending}
    replaced = [each.replaced for each in versions if each.number in chosen]
    chosen |= {each.number for each in replaced if each is not None}
    return [each for each in versions if each.number in chosen]


def _model_of(history: History, version: Version) -> int | None:
    """The artifact that comparisons with a version take: the oldest of its exports that is still there."""
    found = history.artifacts_with("export_id", version.identity.export_id)
    return next((each.id for each in found if history.live(each.id)), None)


def _artifacts(grouped: Iterable[Ids]) -> list[int]:
    return [identity for each in grouped for ids in each.values() for identity in ids]


@final
class Executions:
    """All executions of a pipeline's stages, and what made what.

    Args:
        history: The metadata of the root.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._of_stage = {stage.name: history.executions(stage.name) for stage in STAGES}
        self._makers = {
            identity: each
            for executions in self._of_stage.values()
            for each in executions
            if each.state == "COMPLETE"
            for identity in _artifacts([each.outputs])
        }

    def __iter__(self) -> Iterator[Recorded]:
        for executions in self._of_stage.values():
            yield from executions

    def of_stage(self, name: str) -> tuple[Recorded, ...]:
        """A stage's executions, newest first."""
        return self._of_stage[name]

    @property
    def made(self) -> frozenset[int]:
        """Every artifact that a stage of this pipeline made."""
        return frozenset(self._makers)

    def of_runs(self, newest: int) -> list[int]:
        """The outputs of the newest runs."""
        runs = self._history.runs()[:newest]
        return _artifacts(each.outputs for _, nodes in runs for _, each in nodes if each.finished)

    def upstream(self, artifacts: Iterable[int]) -> set[int]:
        """The artifacts, and all that they were made from."""
        found: set[int] = set()
        waiting = list(artifacts)
        while waiting:
            identity = waiting.pop()
            if identity not in found:
                found.add(identity)
                maker = self._makers.get(identity)
                # A stage's outputs belong together: with one of them gone, it would run again.
                waiting += _artifacts([maker.inputs, maker.outputs]) if maker else []
        return found

    def results(self, models: Iterable[int]) -> set[int]:
        """What is known of the models: their probes, translations, scores, decisions."""
        known = set(models)
        for stage in _RESULTS:
            for each in reversed(self._of_stage[stage]):
                first_input = each.inputs.get("model") or each.inputs.get("examples", ())
                if each.finished and known.intersection(first_input):
                    known.update(_artifacts([each.outputs]))
        return known

    def interrupted(self) -> Iterator[Recorded]:
        """Executions that did not finish, of today's code, whose inputs are there: a run would go on with them."""
        for stage in STAGES:
            today = code_version(stage.folder)
            done = [each for each in self._of_stage[stage.name] if each.finished]
            for each in self._of_stage[stage.name]:
                started_anew = any(other.identity > each.identity and _same_work(each, other) for other in done)
                if each.finished or started_anew or each.parameters.get("code_version") != today:
                    continue
                if all(self._history.live(identity) for identity in _artifacts([each.inputs])):
                    yield each


def _same_work(one: Recorded, other: Recorded) -> bool:
    return one.inputs == other.inputs and one.parameters.get("settings") == other.parameters.get("settings")
