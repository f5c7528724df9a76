"""What ML Metadata remembers of earlier runs, read without TFX."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ml_metadata import metadata_store, proto

from seq2seq_tfx.schemas.errors import WorkError

_INPUT_EVENTS = (proto.Event.INPUT, proto.Event.DECLARED_INPUT)
_OUTPUT_EVENTS = (proto.Event.OUTPUT, proto.Event.DECLARED_OUTPUT)

Ids = dict[str, tuple[int, ...]]
"""Input or output key to artifact ids."""


@dataclass(frozen=True)
class Recorded:
    """One execution of a node."""

    identity: int
    state: str
    """`COMPLETE`, `CACHED`, `FAILED`, `RUNNING` ..."""
    parameters: Mapping[str, str]
    inputs: Ids
    outputs: Ids
    started_seconds: float
    updated_seconds: float

    @property
    def finished(self) -> bool:
        """Whether its outputs may be used."""
        return self.state in ("COMPLETE", "CACHED")


class History:
    """The executions and artifacts of one pipeline.

    Args:
        path: ML Metadata's SQLite file; nothing is remembered where it does not exist.
        pipeline: The pipeline's name.
    """

    def __init__(self, path: Path, pipeline: str) -> None:
        self._path, self._pipeline = path, pipeline
        self._store = _connect(path) if path.exists() else None

    @property
    def store(self) -> Any:
        """ML Metadata's own store.

        Raises:
            LookupError: If nothing is remembered.
        """
        if self._store is None:
            raise LookupError("no metadata file")
        return self._store

    def executions(self, node: str) -> tuple[Recorded, ...]:
        """All executions of `node`, newest first."""
        if self._store is None:
            return ()
        context = self._store.get_context_by_type_and_name("node", f"{self._pipeline}.{node}")
        return self._recorded(self._store.get_executions_by_context(context.id)) if context else ()

    def artifact(self, identity: int) -> proto.Artifact:
        """An artifact by its id."""
        return self._artifacts[identity]

    def live(self, identity: int) -> bool:
        """Whether an artifact may be used: recorded as complete, and still there on disk."""
        artifact = self._artifacts.get(identity)
        return artifact is not None and artifact.state == proto.Artifact.LIVE and Path(artifact.uri).exists()

    def artifacts_with(self, key: str, value: str) -> tuple[proto.Artifact, ...]:
        """Artifacts whose text property `key` is `value`, oldest first."""
        found = [a for a in self._artifacts.values() if _text(a.custom_properties.get(key)) == value]
        return tuple(sorted(found, key=lambda artifact: artifact.id))

    def uris(self) -> dict[int, Path]:
        """Where each artifact is that is recorded as complete, by its id."""
        return {i: Path(each.uri) for i, each in self._artifacts.items() if each.state == proto.Artifact.LIVE}

    def mark_deleted(self, identities: Collection[int]) -> None:
        """Record that artifacts are gone, so that neither TFX's cache nor a plan counts on them.

        Raises:
            WorkError: If the metadata cannot be written.
        """
        there = [self._artifacts[each] for each in sorted(identities) if each in self._artifacts]
        gone = [each for each in there if each.state != proto.Artifact.DELETED]
        for artifact in gone:
            artifact.state = proto.Artifact.DELETED
        store = _connect(self._path, writing=True) if gone else None
        if gone and store is None:
            raise WorkError(f"{self._path} must be writable, and it is not; give it its rights back, then repeat")
        if store is not None:
            store.put_artifacts(gone)

    def runs(self) -> tuple[tuple[str, tuple[tuple[str, Recorded], ...]], ...]:
        """Every run of this pipeline, newest first: its id, and its nodes' executions in the order they started."""
        if self._store is None:
            return ()
        contexts = sorted(self._store.get_contexts_by_type("pipeline_run"), key=lambda c: c.id, reverse=True)
        result = []
        for context in contexts:
            recorded = self._recorded(self._store.get_executions_by_context(context.id))
            nodes = [(self._node_of(each.identity), each) for each in reversed(recorded)]
            ours = tuple((node, each) for node, each in nodes if node is not None)
            if ours:
                result.append((context.name, ours))
        return tuple(result)

    def _node_of(self, execution: int) -> str | None:
        prefix = f"{self._pipeline}."
        store = self.store
        for context in store.get_contexts_by_execution(execution):
            if context.name.startswith(prefix) and context.type == "node":
                return str(context.name.removeprefix(prefix))
        return None

    @cached_property
    def _artifacts(self) -> dict[int, proto.Artifact]:
        return {} if self._store is None else {artifact.id: artifact for artifact in self._store.get_artifacts()}

    def _recorded(self, executions: list[proto.Execution]) -> tuple[Recorded, ...]:
        events = defaultdict(list)
        if executions:
            for event in self.store.get_events_by_execution_ids([e.id for e in executions]):
                events[event.execution_id].append(event)
        newest_first = sorted(executions, key=lambda e: e.id, reverse=True)  # clocks go back, numbers do not
        return tuple(
            Recorded(
                identity=each.id,
                state=proto.Execution.State.Name(each.last_known_state),
                parameters=_parameters(each),
                inputs=_ids(events[each.id], _INPUT_EVENTS),
                outputs=_ids(events[each.id], _OUTPUT_EVENTS),
                started_seconds=each.create_time_since_epoch / 1000,
                updated_seconds=each.last_update_time_since_epoch / 1000,
            )
            for each in newest_first
        )


def _connect(path: Path, *, writing: bool = False) -> Any:
    """Open the file, read-only unless it is to be written; None if a killed run left it without its tables.

    Raises:
        WorkError: If it is no metadata file.
    """
    config = proto.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    modes = proto.SqliteMetadataSourceConfig
    config.sqlite.connection_mode = modes.READWRITE if writing else modes.READONLY
    try:
        return metadata_store.MetadataStore(config)
    except RuntimeError as error:
        if "readonly database" in str(error):
            return None
        said = str(error).splitlines()[0][:120]
        raise WorkError(
            f"{path} must be the ML Metadata of this pipeline, but it cannot be read ({said}); "
            "bring back a copy, or move it away: everything then runs anew"
        ) from error


def _parameters(execution: proto.Execution) -> dict[str, str]:
    values = {**execution.properties, **execution.custom_properties}
    return {key: text for key, value in values.items() if (text := _text(value)) is not None}


def _text(value: Any) -> str | None:
    return str(value.string_value) if value is not None and value.HasField("string_value") else None


def _ids(events: list[proto.Event], kinds: tuple[int, ...]) -> Ids:
    grouped: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for event in events:
        if event.type in kinds and len(event.path.steps) >= 2:
            grouped[event.path.steps[0].key].append((event.path.steps[1].index, event.artifact_id))
    return {key: tuple(identity for _, identity in sorted(found)) for key, found in grouped.items()}
