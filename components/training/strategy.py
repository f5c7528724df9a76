"""The `tf.distribute` strategy that joins the workers, and the GPUs of each."""

import logging
import os
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import tensorflow as tf

from seq2seq_tfx.components.training.cluster import VARIABLE, check_size, cluster_of
from seq2seq_tfx.schemas.config.training import TrainingConfig
from seq2seq_tfx.schemas.errors import InputError

logger = logging.getLogger(__name__)

MESSAGE_SECONDS: Final = 45
"""Longest wait for a message from another worker. It covers what only the chief does between two updates: writing."""


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
    logger.info("worker %s of %s waits for the others", cluster.number, config.workers)
    options = tf.distribute.experimental.CommunicationOptions(timeout_seconds=MESSAGE_SECONDS)
    return tf.distribute.MultiWorkerMirroredStrategy(communication_options=options).scope()
