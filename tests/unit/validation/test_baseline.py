"""Data are compared with those of the model in use; what is refused or not pushed is never compared with."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ml_metadata import metadata_store
from ml_metadata.proto import metadata_store_pb2 as proto
from pushed_models import record, write_export

from seq2seq_tfx.components.pushing.push import push_version
from seq2seq_tfx.components.validation.baseline import DriftBaseline, drift_baseline
from seq2seq_tfx.components.validation.settings import ValidationSettings
from seq2seq_tfx.schemas.config.validation import ValidationConfig
from seq2seq_tfx.schemas.errors import WorkError

Inputs = dict[str, list[int]]


def parameters(max_drift: float | None = 0.2) -> dict[str, str]:
    settings = ValidationSettings(validation=ValidationConfig(max_drift=max_drift))
    return {"settings": settings.to_json(), "code_version": "1"}


@dataclass
class Root:
    """ML Metadata and a push directory, filled as runs fill them."""

    folder: Path
    store: metadata_store.MetadataStore
    examples: dict[str, int] = field(default_factory=dict)

    def make(self, stage: str, kind: str, inputs: Inputs, given: dict[str, str] | None = None) -> int:
        """A finished execution of a stage; returns the one artifact that it made."""
        execution = proto.Execution(
            type_id=self.store.put_execution_type(proto.ExecutionType(name=stage)),
            last_known_state=proto.Execution.COMPLETE,
        )
        for key, value in (given or {}).items():
            execution.custom_properties[key].string_value = value
        (execution_id,) = self.store.put_executions([execution])
        uri = self.folder / stage / str(execution_id)
        uri.mkdir(parents=True)
        kind_id = self.store.put_artifact_type(proto.ArtifactType(name=kind))
        artifact = proto.Artifact(type_id=kind_id, uri=str(uri), state=proto.Artifact.LIVE)
        if stage == "export":
            artifact.custom_properties["export_id"].string_value = (given or {})["export_id"]
        (made,) = self.store.put_artifacts([artifact])
        events = [(each, key, proto.Event.INPUT) for key, ids in inputs.items() for each in ids]
        for identity, key, event_kind in [*events, (made, stage, proto.Event.OUTPUT)]:
            event = proto.Event(artifact_id=identity, execution_id=execution_id, type=event_kind)
            event.path.steps.add().key = key
            event.path.steps.add().index = 0
            self.store.put_events([event])
        return int(made)

    def count(self, data: str) -> int:
        """Statistics of some data, made anew every time."""
        if data not in self.examples:
            self.examples[data] = self.make("corpus", "Examples", {})
        return self.make("statistics", "ExampleStatistics", {"examples": [self.examples[data]]})

    def push(self, data: str, name: str) -> None:
        """Train on some data, and put the model in use."""
        transformed = self.make("transform", "Examples", {"examples": [self.examples[data]]})
        weights = self.make("training", "Model", {"examples": [transformed]})
        self.make("export", "Model", {"model": [weights]}, {"export_id": name})
        push_version(write_export(self.folder / name, name), self.pushed, record(name))

    def validate(self, statistics: int, max_drift: float | None = 0.2) -> DriftBaseline | None:
        """Look the baseline up, and record a validation that passed against it."""
        found = self.look(statistics, max_drift)
        inputs = {"statistics": [statistics]}
        if found is not None and found.statistics is not None:
            inputs["baseline_statistics"] = [found.statistics]
        self.make("validation", "ExampleAnomalies", inputs, parameters(max_drift))
        return found

    def look(self, statistics: int, max_drift: float | None = 0.2) -> DriftBaseline | None:
        return drift_baseline(self.store, self.pushed, statistics, parameters(max_drift))

    @property
    def pushed(self) -> Path:
        return self.folder / "pushed"


@pytest.fixture
def root(tmp_path: Path) -> Root:
    config = proto.ConnectionConfig()
    config.fake_database.SetInParent()
    store = metadata_store.MetadataStore(config)
    return Root(tmp_path, store)


def statistics_of(found: DriftBaseline | None) -> int | None:
    assert found is not None
    return found.statistics


def test_there_is_no_baseline_and_the_reason_is_said_when_nothing_was_pushed(root: Root) -> None:
    found = root.validate(root.count("A"))
    assert found == DriftBaseline(None, "no model is in use yet, so there are no earlier data")


def test_nothing_is_looked_up_when_drift_is_off(root: Root) -> None:
    first = root.count("A")
    root.push("A", "a")
    assert root.look(root.count("B"), max_drift=None) is None
    assert statistics_of(root.look(root.count("B"))) == first


def test_nothing_changes_when_the_same_data_run_again(root: Root) -> None:
    first = root.count("A")
    assert statistics_of(root.validate(first)) is None
    root.push("A", "a")
    assert statistics_of(root.validate(first)) is None
    second = root.count("B")
    assert statistics_of(root.validate(second)) == first
    root.push("B", "b")
    assert statistics_of(root.validate(second)) == first


def test_data_that_failed_are_never_the_baseline(root: Root) -> None:
    first = root.count("A")
    root.push("A", "a")
    failed = root.count("B")
    assert statistics_of(root.look(failed)) == first
    assert statistics_of(root.look(failed)) == first
    assert statistics_of(root.look(root.count("C"))) == first


def test_data_that_passed_but_whose_model_was_not_pushed_are_not_the_baseline(root: Root) -> None:
    first = root.count("A")
    root.push("A", "a")
    root.validate(root.count("B"))
    assert statistics_of(root.look(root.count("C"))) == first


def test_model_of_other_settings_and_the_same_data_changes_nothing(root: Root) -> None:
    first, second = root.count("A"), root.count("B")
    root.push("A", "a")
    root.validate(second)
    root.push("B", "b")
    root.push("B", "b-other-beam")
    assert statistics_of(root.look(second)) == first
    assert statistics_of(root.look(root.count("C"))) == second


def test_data_in_use_are_compared_with_nothing_when_the_bound_is_put_back(root: Root) -> None:
    first, second = root.count("A"), root.count("B")
    root.push("A", "a")
    assert statistics_of(root.validate(second, max_drift=0.9)) == first
    assert statistics_of(root.look(second)) == first
    root.push("B", "b")
    assert root.validate(second) == DriftBaseline(None, "these are the data of version 2, in use")
    assert statistics_of(root.look(second)) is None
    assert statistics_of(root.look(second, max_drift=0.9)) == first


def test_data_that_were_used_before_are_compared_with_those_in_use(root: Root) -> None:
    first, second = root.count("A"), root.count("B")
    root.validate(first)
    root.push("A", "a")
    root.push("B", "b")
    assert statistics_of(root.look(first)) == second


def test_a_roll_back_makes_the_older_data_the_baseline(root: Root) -> None:
    first, second = root.count("A"), root.count("B")
    root.push("A", "a")
    root.validate(second)
    root.push("B", "b")
    (root.pushed / "current").write_text("1\n")
    assert statistics_of(root.look(second)) == first
    assert statistics_of(root.look(root.count("C"))) == first


def test_the_oldest_statistics_count_when_they_were_made_anew(root: Root) -> None:
    first = root.count("A")
    root.push("A", "a")
    root.count("A")
    assert statistics_of(root.look(root.count("B"))) == first


def test_other_statistics_stand_in_when_the_oldest_are_no_longer_on_disk(root: Root) -> None:
    first, again = root.count("A"), root.count("A")
    root.push("A", "a")
    (artifact,) = root.store.get_artifacts_by_id([first])
    Path(artifact.uri).rmdir()
    assert statistics_of(root.look(root.count("B"))) == again


def test_the_reason_is_said_when_the_metadata_do_not_know_the_model_in_use(root: Root) -> None:
    push_version(write_export(root.folder / "brought", "x"), root.pushed, record("brought"))
    found = root.look(root.count("B"))
    assert found == DriftBaseline(None, "this root's metadata do not hold the statistics of version 1")


def test_missing_version_in_use_is_an_error_not_a_first_model(root: Root) -> None:
    root.count("A")
    root.push("A", "a")
    (root.pushed / "1").rename(root.folder / "moved")
    with pytest.raises(WorkError, match="current must name a version beside it, got 1"):
        root.look(root.count("B"))
