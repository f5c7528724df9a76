"""Who takes part in a training on several workers, and the `tf.distribute` strategy that joins them.

The cluster is described as TensorFlow wants it, by the environment variable `TF_CONFIG`:

    {"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}

`chief` is allowed beside `worker`, as tools write it. The chief, or worker 0 without one, is the only one that writes.
"""

import json
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, NamedTuple

import tensorflow as tf

from seq2seq_tfx.schemas.config.training import TrainingConfig
from seq2seq_tfx.schemas.errors import InputError

logger = logging.getLogger(__name__)

VARIABLE: Final = "TF_CONFIG"
MESSAGE_SECONDS: Final = 60
"""Longest wait for a message from another worker. It covers what only the chief does between two updates: writing."""
_JOBS: Final = ("chief", "worker")


class Cluster(NamedTuple):
    """All workers, the chief first, and which of them this process is."""

    addresses: tuple[str, ...]
    """`host:port` each."""
    index: int

    @property
    def is_chief(self) -> bool:
        """Whether this worker writes."""
        return self.index == 0


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


def devices_of(config: TrainingConfig, place: int, gpus: int) -> list[int]:
    """The GPUs that a worker computes on, by number; none if the machine has none.

    Args:
        config: Says how many each worker has.
        place: How many workers of the same machine come before it.
        gpus: How many the machine has.

    Raises:
        InputError: If there are too few for `training.gpus`, or for each worker to have its own.
    """
    first, end = place * config.gpus, (place + 1) * config.gpus
    if (gpus or config.gpus > 1) and end > gpus:
        raise InputError(
            f"training.gpus must be at most what each worker has, it is {config.gpus}; this worker would have GPU "
            f"{first} to {end - 1} of {gpus} on this machine; lower it, or training.workers"
        )
    return list(range(first, end)) if gpus else []


def join(config: TrainingConfig, place: int = 0) -> AbstractContextManager[object]:
    """The scope in which this process trains; all workers must have come to this point for it to return.

    Must be called before TensorFlow has computed anything in this process, if it has several workers or GPUs.

    Args:
        config: How many workers and GPUs there are.
        place: How many workers of the same machine come before this one.
    """
    gpus = tf.config.list_physical_devices("GPU")
    chosen = [gpus[number] for number in devices_of(config, place, len(gpus))]
    if config.workers == 1:
        names = [f"GPU:{number}" for number in range(config.gpus)]
        return tf.distribute.MirroredStrategy(names).scope() if config.gpus > 1 else nullcontext()
    if chosen:
        tf.config.set_visible_devices(chosen, "GPU")
    cluster = cluster_of(os.environ)
    if cluster is None:
        raise InputError(f"{VARIABLE} must be set in a worker, it is not")
    check_size(cluster, config.workers)
    logger.info("worker %s of %s waits for the others", cluster.index, config.workers)
    options = tf.distribute.experimental.CommunicationOptions(timeout_seconds=MESSAGE_SECONDS)
    return tf.distribute.MultiWorkerMirroredStrategy(communication_options=options).scope()
