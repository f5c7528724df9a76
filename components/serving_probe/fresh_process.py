"""Runs the probe's child process, and stops it when it takes too long or too much memory."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Final

import psutil

from seq2seq_tfx.schemas.config.serving_probe import ServingProbeConfig

_CHILD: Final = Path(__file__).with_name("child.py")
_WATCH_SECONDS: Final = 0.1


def run_child(export: Path, files: tuple[Path, Path], config: ServingProbeConfig) -> str | None:
    """Run `child.py` to its end.

    Args:
        export: The folder that holds `saved_model.pb`, or one of CTranslate2.
        files: Where the child reads its sentences and writes its answer; in a folder of their own, into which the
            child's program is copied, so that it finds no other module there.
        config: Time and memory limits.

    Returns:
        Why there is no answer; None if there is one.
    """
    program = shutil.copy(_CHILD, files[0].parent)
    command = [sys.executable, program, str(export.absolute()), *map(str, files)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    with tempfile.TemporaryFile() as errors:
        process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, env=environment, cwd=files[0].parent)
        try:
            failure = _watch(process, config)
        finally:
            if process.is_running():
                process.kill()
            process.wait()
        if failure is None and process.returncode != 0:
            said = _last_line(errors)
            failure = f"the export must load and translate, but the process ended with {process.returncode}{said}"
    return failure


def _watch(process: psutil.Popen, config: ServingProbeConfig) -> str | None:
    started = time.monotonic()
    while process.poll() is None:
        if time.monotonic() - started > config.timeout_seconds:
            return (
                f"the probe must end within {config.timeout_seconds} seconds (serving_probe.timeout_seconds), "
                "but did not"
            )
        memory = _memory_mib(process)
        if memory > config.max_memory_mib:
            return (
                f"the probe must stay within {config.max_memory_mib} MiB (serving_probe.max_memory_mib), "
                f"but took {memory:.0f} MiB"
            )
        time.sleep(_WATCH_SECONDS)
    return None


def _memory_mib(process: psutil.Popen) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.Error:  # it has just ended
        return 0.0


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    return f": {lines[-1]}" if lines else ""
