"""Who takes part in a training on several workers. Light: no TensorFlow.

The cluster is described as TensorFlow wants it, by the environment variable `TF_CONFIG`:

    {"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}

`chief` is allowed beside `worker`, as tools write it. The chief, or worker 0 without one, is the only one that writes.
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from seq2seq_tfx.schemas.errors import InputError

VARIABLE: Final = "TF_CONFIG"
WORKER_MODULE: Final = "seq2seq_tfx.components.training.worker"
"""What a worker runs."""
LOST: Final = "lost"
"""How a worker names an error that follows from another worker's end."""
_JOBS: Final = ("chief", "worker")


class Cluster(NamedTuple):
    """All workers, the chief first, and which of them this process is."""

    addresses: tuple[str, ...]
    """`host:port` each."""
    number: int
    """This process's place among them."""

    @property
    def is_chief(self) -> bool:
        """Whether this worker writes."""
        return self.number == 0


def cluster_of(environment: Mapping[str, str]) -> Cluster | None:
    """The cluster that an environment's `TF_CONFIG` describes; None without one.

    Raises:
        InputError: If it does not describe workers.
    """
    text = environment.get(VARIABLE, "").strip()
    if not text:
        return None
    try:
        given: dict[str, Any] = json.loads(text)
        jobs: dict[str, Sequence[str]] = given["cluster"]
        kind, index = given["task"]["type"], int(given["task"]["index"])
        unknown = sorted(jobs.keys() - set(_JOBS))
        addresses = tuple(str(address) for job in _JOBS for address in jobs.get(job, ()))
        place = _JOBS.index(kind) and len(jobs.get("chief", ()))
        known = 0 <= index < len(jobs[kind])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            'TF_CONFIG must be {"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}, '
            f"got {text[:200]} ({type(error).__name__}: {error})"
        ) from error
    if unknown or not known or len(jobs.get("chief", ())) > 1:
        raise InputError(
            "TF_CONFIG must name workers, at most one chief, and one of them as the task; "
            f"got jobs {sorted(jobs)} and the task {kind} {index}"
        )
    return Cluster(addresses, place + index)


def tf_config(addresses: Sequence[str], index: int) -> str:
    """`TF_CONFIG` of one of several workers, worker 0 being the chief."""
    return json.dumps({"cluster": {"worker": list(addresses)}, "task": {"type": "worker", "index": index}})


def check_size(cluster: Cluster, workers: int) -> None:
    """Hold a given cluster to the setting.

    Raises:
        InputError: If it has another number of workers.
    """
    if len(cluster.addresses) != workers:
        raise InputError(
            f"training.workers must be the number of workers in TF_CONFIG, {len(cluster.addresses)}, it is {workers}; "
            "set it (the result depends on it in its last digits), or unset TF_CONFIG"
        )


def given_cluster(workers: int) -> Cluster | None:
    """The cluster of this process's environment, of which it must be the chief; None without one.

    Args:
        workers: `training.workers`.

    Raises:
        InputError: If `TF_CONFIG` does not fit, or says that this is another worker's place.
    """
    cluster = cluster_of(os.environ)
    if cluster is None:
        return None
    check_size(cluster, workers)
    if not cluster.is_chief:
        raise InputError(
            f"a pipeline must run where TF_CONFIG says chief, or worker 0, this is worker {cluster.number}; "
            f"here start `python -m {WORKER_MODULE} ROOT`, which waits for the chief's training"
        )
    return cluster
