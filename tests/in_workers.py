"""What tests let a Beam worker do; a pool of `beam_services` finds this module."""

import multiprocessing
import os
import sys
import time
from pathlib import Path

from seq2seq_tfx.pipeline.forking_pool import PRELOADED


def modules_at_hand(_: object) -> list[str]:
    """What the worker had imported before it was asked for anything."""
    return sorted({*PRELOADED} & {*sys.modules})


def wait(path: str) -> None:
    """Say in a file which process is the pool and which the worker; then wait."""
    pool = multiprocessing.parent_process()
    assert pool is not None
    part = Path(path).with_suffix(".part")
    part.write_text(f"{pool.pid} {os.getpid()}")
    part.rename(path)
    time.sleep(600)
