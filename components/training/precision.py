"""What the model computes in, and how the process is set up for speed and for equal results."""

import ctypes
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import tensorflow as tf

logger = logging.getLogger(__name__)

ComputeDtype = Literal["float32", "bfloat16"]

Capability = tuple[int, int]
"""NVIDIA's number of a GPU's generation, as in (8, 0)."""

_BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})
_BFLOAT16_CAPABILITY: Capability = (8, 0)
"""Ampere, the first generation with products in bfloat16."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGEST_MMAP_THRESHOLD = 32 << 20


def compute_dtype(precision: str, cpuinfo: str | None = None, gpus: Sequence[Capability] | None = None) -> ComputeDtype:
    """The dtype of computation that a `precision` setting means on this machine.

    Args:
        precision: `auto`, `float32` or `bfloat16`. `auto` is bfloat16 if every GPU has products in it; without a GPU,
            if the processor has.
        cpuinfo: Text of Linux's processor description; by default this machine's.
        gpus: Generations of the GPUs; by default this machine's.
    """
    if precision == "bfloat16":
        return "bfloat16"
    if precision == "float32":
        return "float32"
    gpus = _gpus() if gpus is None else gpus
    if gpus:
        return "bfloat16" if min(gpus) >= _BFLOAT16_CAPABILITY else "float32"
    return "bfloat16" if _BFLOAT16_FLAGS & _processor_flags(cpuinfo) else "float32"


def prepare_process() -> int:
    """Make TensorFlow's kernels deterministic, and keep freed memory for the next step.

    Without the latter, each step maps and clears its large tensors anew: 8 to 12% of its time. A GPU's memory is taken
    as it is needed, so that there is some left for the process that probes the export.

    Returns:
        The number of threads that a kernel is spread over; results depend on it.
    """
    tf.config.experimental.enable_op_determinism()
    _share_gpus()
    try:
        allocator = ctypes.CDLL("libc.so.6")
        allocator.mallopt(_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD)
        allocator.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
    except (OSError, AttributeError):
        logger.debug("no glibc: its allocator was not tuned")
    return tf.config.threading.get_intra_op_parallelism_threads() or len(os.sched_getaffinity(0))


def _gpus() -> list[Capability]:
    details = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
    return [each.get("compute_capability", (0, 0)) for each in details]


def _share_gpus() -> None:
    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:
            logger.debug("%s is in use already: its memory is shared as it was", gpu.name)


def _processor_flags(cpuinfo: str | None) -> frozenset[str]:
    path = Path("/proc/cpuinfo")
    if cpuinfo is None:
        cpuinfo = path.read_text() if path.exists() else ""
    return frozenset(word for line in cpuinfo.splitlines() if line.startswith("flags") for word in line.split())
