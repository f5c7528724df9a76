"""Who takes part in a training: TF_CONFIG, the settings that go with it, GPUs."""

import json
from typing import Any

import numpy as np
import pytest

from seq2seq_tfx.components.training.cluster import Cluster, check_size, cluster_of, given_cluster, tf_config
from seq2seq_tfx.components.training.step import rows_for_all
from seq2seq_tfx.components.training.strategy import devices_of, join
from seq2seq_tfx.schemas.config.training import TrainingConfig
from seq2seq_tfx.schemas.errors import InputError

WORKERS = ["a:1", "b:2"]


def environment(jobs: dict[str, list[str]], kind: str, index: int) -> dict[str, str]:
    return {"TF_CONFIG": json.dumps({"cluster": jobs, "task": {"type": kind, "index": index}})}


def test_there_is_no_cluster_without_tf_config() -> None:
    assert cluster_of({}) is None
    assert cluster_of({"TF_CONFIG": " "}) is None


@pytest.mark.parametrize(
    ("jobs", "kind", "index", "expected"),
    [
        ({"worker": WORKERS}, "worker", 1, Cluster(("a:1", "b:2"), 1)),
        ({"worker": WORKERS, "chief": ["c:3"]}, "chief", 0, Cluster(("c:3", "a:1", "b:2"), 0)),
        ({"worker": WORKERS, "chief": ["c:3"]}, "worker", 0, Cluster(("c:3", "a:1", "b:2"), 1)),
    ],
)
def test_the_chief_is_the_first_worker(jobs: dict[str, list[str]], kind: str, index: int, expected: Cluster) -> None:
    found = cluster_of(environment(jobs, kind, index))
    assert found == expected
    assert found is not None
    assert found.is_chief is (expected.number == 0)


def test_what_is_written_for_a_local_worker_is_read_again() -> None:
    assert cluster_of({"TF_CONFIG": tf_config(WORKERS, 1)}) == Cluster(("a:1", "b:2"), 1)


@pytest.mark.parametrize(
    ("jobs", "kind", "index"),
    [
        ({"worker": WORKERS}, "worker", 2),
        ({"worker": WORKERS}, "worker", -1),
        ({"worker": WORKERS, "chief": WORKERS}, "chief", 0),
        ({"worker": WORKERS, "ps": ["c:3"]}, "worker", 0),
    ],
)
def test_a_cluster_of_others_than_workers_is_refused(jobs: dict[str, list[str]], kind: str, index: int) -> None:
    with pytest.raises(InputError, match="TF_CONFIG must name workers, at most one chief, and one of them as the task"):
        cluster_of(environment(jobs, kind, index))


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"cluster": {"worker": []}}', '{"cluster": {}, "task": "worker"}'])
def test_a_tf_config_that_cannot_be_read_is_refused_with_its_form(text: str) -> None:
    with pytest.raises(InputError, match=r'TF_CONFIG must be \{"cluster"'):
        cluster_of({"TF_CONFIG": text})


def test_a_cluster_must_have_the_size_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    check_size(Cluster(("a:1", "b:2"), 1), 2)
    with pytest.raises(InputError, match="training.workers must be the number of workers in TF_CONFIG, 2, it is 3"):
        check_size(Cluster(("a:1", "b:2"), 1), 3)
    monkeypatch.setenv("TF_CONFIG", tf_config(WORKERS, 0))
    assert given_cluster(2) == Cluster(("a:1", "b:2"), 0)
    with pytest.raises(InputError, match="training.workers must be the number of workers in TF_CONFIG, 2, it is 1"):
        given_cluster(1)
    monkeypatch.setenv("TF_CONFIG", tf_config(WORKERS, 1))
    with pytest.raises(InputError, match=r"this is worker 1; here start `python -m .*worker ROOT`"):
        given_cluster(2)
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert given_cluster(2) is None
    with pytest.raises(InputError, match="TF_CONFIG must be set in a worker"):
        join(TrainingConfig(workers=2))


@pytest.mark.parametrize(
    ("gpus", "place", "on_machine", "expected"),
    [(1, 0, 0, []), (1, 1, 0, []), (1, 1, 2, [1]), (2, 0, 4, [0, 1]), (2, 1, 4, [2, 3])],
)
def test_each_worker_of_a_machine_has_gpus_of_its_own(
    gpus: int, place: int, on_machine: int, expected: list[int]
) -> None:
    assert devices_of(TrainingConfig(gpus=gpus), place, on_machine) == expected


@pytest.mark.parametrize(("gpus", "place", "on_machine"), [(2, 0, 0), (2, 0, 1), (1, 1, 1), (2, 1, 3)])
def test_too_few_gpus_are_refused(gpus: int, place: int, on_machine: int) -> None:
    with pytest.raises(InputError, match=rf"training.gpus must be at most .* of {on_machine} on this machine"):
        devices_of(TrainingConfig(gpus=gpus), place, on_machine)


@pytest.mark.parametrize("changes", [{"workers": 17}, {"gpus": 17}, {"workers": 4, "gpus": 5}])
def test_a_batch_must_have_a_pair_of_the_greatest_length_for_each(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"batch_tokens must be at least workers \* gpus \* max_length .*it is 4,096"):
        TrainingConfig(**changes)
    assert TrainingConfig(**{**changes, "batch_tokens": 6000}).batch_tokens == 6000


def test_rows_are_added_in_which_nothing_is_predicted_until_all_have_as_many() -> None:
    source, target = np.array([[7, 3], [8, 3], [9, 3]], np.int32), np.array([[5, 3], [6, 3], [7, 3]], np.int32)
    same = rows_for_all(source, target, 3)
    assert same[0] is source
    assert same[1] is target
    wide_source, wide_target = rows_for_all(source, target, 5)
    assert wide_source.tolist() == [*source.tolist(), [3, 0], [3, 0]]
    assert wide_target.tolist() == [*target.tolist(), [0, 0], [0, 0]]
    assert wide_source.dtype == wide_target.dtype == np.int32
