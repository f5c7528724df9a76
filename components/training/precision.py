"""What the model computes in, and how the process is set up for speed and for equal results."""

import ctypes
import logging
import os
from pathlib import Path
from typing import Literal

import tensorflow as tf

logger = logging.getLogger(__name__)

ComputeDtype = Literal["float32", "bfloat16"]

_BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGEST_MMAP_THRESHOLD = 32 << 20


def compute_dtype(precision: str, cpuinfo: str | None = None) -> ComputeDtype:
    """The dtype of computation that a `precision` setting means on this processor.

    Args:
        precision: `auto`, `float32` or `bfloat16`.
        cpuinfo: Text of Linux's processor description; by default this machine's.
    """
    if precision == "bfloat16":
        return "bfloat16"
    if precision == "float32":
        return "float32"
    return "bfloat16" if _BFLOAT16_FLAGS & _processor_flags(cpuinfo) else "float32"


def prepare_process() -> int:
    """Make TensorFlow's kernels deterministic, and keep freed memory for the next step.

    Without the latter, each step maps and clears its large tensors anew: 8 to 12% of its time.

    Returns:
        The number of threads that a kernel is spread over; results depend on it.
    """
    tf.config.experimental.enable_op_determinism()
    try:
        allocator = ctypes.CDLL("libc.so.6")
        allocator.mallopt(_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD)
        allocator.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
    except (OSError, AttributeError):
        logger.debug("no glibc: its allocator was not tuned")
    return tf.config.threading.get_intra_op_parallelism_threads() or len(os.sched_getaffinity(0))


def _processor_flags(cpuinfo: str | None) -> frozenset[str]:
    path = Path("/proc/cpuinfo")
    if cpuinfo is None:
        cpuinfo = path.read_text() if path.exists() else ""
    return frozenset(word for line in cpuinfo.splitlines() if line.startswith("flags") for word in line.split())
