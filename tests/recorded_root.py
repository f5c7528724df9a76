"""A root with the metadata that TFX would have written, made by hand: executions, artifacts, their folders."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ml_metadata import metadata_store, proto

from seq2seq_tfx.components.files import EXECUTION_FILE
from seq2seq_tfx.pipeline.code_version import code_version
from seq2seq_tfx.pipeline.stages import NAMES, STAGES

FOLDERS = {stage.name: stage.folder for stage in STAGES}
Ids = Mapping[str, Sequence[int]]


class RecordedRoot:
    """Writes executions as TFX does.

    Args:
        directory: The root.
        pipeline: The pipeline's name.
    """

    def __init__(self, directory: Path, pipeline: str = "demo") -> None:
        self.directory, self._pipeline = directory, pipeline
        directory.mkdir(parents=True, exist_ok=True)
        config = proto.ConnectionConfig()
        config.sqlite.filename_uri = str(directory / "metadata.sqlite")
        config.sqlite.connection_mode = proto.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
        self.store = metadata_store.MetadataStore(config)
        self._run_type = self.store.put_context_type(proto.ContextType(name="pipeline_run"))
        self._node_type = self.store.put_context_type(proto.ContextType(name="node"))
        artifact_type = proto.ArtifactType(name="Thing")
        self._artifact_type = self.store.put_artifact_type(artifact_type)

    def execute(
        self, run: str, node: str, outputs: Mapping[str, str], inputs: Ids | None = None, **options: str
    ) -> dict[str, int]:
        """Record one execution and write a file into each of its outputs.

        Args:
            run: Name of the run.
            node: Name of the stage.
            outputs: Output key to the `export_id` of the artifact, "" for none.
            inputs: Input key to artifact ids.
            options: `settings` (text, `{}`), `state` (COMPLETE), `code_version` (today's).

        Returns:
            Output key to artifact id; an execution that did not complete has no artifacts.
        """
        execution = self._put_execution(run, node, options)
        events = [self._event(execution, proto.Event.INPUT, k, i) for k, ids in (inputs or {}).items() for i in ids]
        made = {}
        for key, export_id in outputs.items():
            folder = self.directory / "artifacts" / node / key / str(execution)
            folder.mkdir(parents=True)
            (folder / "content").write_text(f"{node} {execution}")
            if options.get("state", "COMPLETE") == "COMPLETE":
                made[key] = self._put_artifact(folder, export_id)
                events.append(self._event(execution, proto.Event.OUTPUT, key, made[key]))
        if events:
            self.store.put_events(events)
        return made

    def work_folder(self, node: str, key: str, execution: int | None) -> Path:
        """A stage's work folder, marked as that of an execution; unmarked if None."""
        folder = self.directory / "artifacts" / node / ".work" / key
        (folder / "checkpoints").mkdir(parents=True)
        (folder / "checkpoints/step-1.npz").write_text("weights")
        if execution is not None:
            (folder / EXECUTION_FILE).write_text(f"{execution}\n")
        return folder

    def newest_execution(self) -> int:
        """The id of the execution recorded last."""
        return max(int(each.id) for each in self.store.get_executions())

    def folders(self) -> set[str]:
        """Every folder of an output, as `node/execution`."""
        found = (self.directory / "artifacts").glob("*/*/*/content")
        return {f"{path.parents[2].name}/{path.parents[0].name}" for path in found}

    def _put_execution(self, run: str, node: str, options: Mapping[str, str]) -> int:
        state = proto.Execution.State.Value(options.get("state", "COMPLETE"))
        execution = proto.Execution(last_known_state=state)
        kind = proto.ExecutionType(name=f"kind of {node}")
        execution.type_id = self.store.put_execution_type(kind)
        today = code_version(FOLDERS[node]) if node in NAMES else ""
        execution.custom_properties["settings"].string_value = options.get("settings", "{}")
        execution.custom_properties["code_version"].string_value = options.get("code_version", today)
        contexts = [
            proto.Context(type_id=self._run_type, name=run),
            proto.Context(type_id=self._node_type, name=f"{self._pipeline}.{node}"),
        ]
        known = {context.name: context for context in self.store.get_contexts()}
        chosen = [known.get(context.name, context) for context in contexts]
        identity, _, _ = self.store.put_execution(execution, [], chosen, reuse_context_if_already_exist=True)
        return int(identity)

    def _put_artifact(self, folder: Path, export_id: str) -> int:
        artifact = proto.Artifact(uri=str(folder), type_id=self._artifact_type, state=proto.Artifact.LIVE)
        if export_id:
            artifact.custom_properties["export_id"].string_value = export_id
        (identity,) = self.store.put_artifacts([artifact])
        return int(identity)

    def _event(self, execution: int, kind: int, key: str, artifact: int) -> proto.Event:
        event = proto.Event(execution_id=execution, artifact_id=artifact, type=kind)
        event.path.steps.add(key=key)
        event.path.steps.add(index=0)
        return event
