"""Facts about the machine that a process runs on."""

import os
import shutil
from pathlib import Path
from typing import Final

import psutil

_WIDEST_FIRST: Final = ("amx_bf16", "avx512_bf16", "avx512f", "avx2", "avx", "sse4_2")
_CONTROL_GROUP: Final = Path("/sys/fs/cgroup")


def instruction_set(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The widest vector instructions of this processor, as Linux names them; `unknown` on other systems.

    Example:
        >>> instruction_set() != ""
        True
    """
    try:
        text = cpuinfo.read_text()
    except OSError:
        return "unknown"
    flags = next((line.split(":")[1].split() for line in text.splitlines() if line.startswith("flags")), [])
    return next((name for name in _WIDEST_FIRST if name in flags), "unknown")


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes(control_group: Path = _CONTROL_GROUP) -> int:
    """Memory that this process may use in all: the machine's, or its container's where that is less."""
    try:
        limit = (control_group / "memory.max").read_text().strip()
    except OSError:
        limit = "max"
    total = int(psutil.virtual_memory().total)
    return min(total, int(limit)) if limit.isdecimal() else total


def free_bytes(path: Path) -> int:
    """Free space where a path is, or would be made."""
    return shutil.disk_usage(nearest_folder(path)).free


def nearest_folder(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())
