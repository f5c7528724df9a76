"""What stages took when they last ran: seconds are in ML Metadata, peak memory is in a file of receipts under the root.

A root of an older version has no such file: then how long its stages took is known, and their memory is not.
"""

import json
import os
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, final

import psutil

from seq2seq_tfx.pipeline.history import History

_LOOK_SECONDS: Final = 1.0
"""Between two looks at the memory of this process and those that it started."""
_RESET_PEAK: Final = "5"
_CLEAR: Final = Path("/proc/self/clear_refs")
_STATUS: Final = Path("/proc/self/status")
_PEAK: Final = "VmHWM:"


class Taken(NamedTuple):
    """What one stage, or several one after the other, took."""

    seconds: float | None = None
    """None where nobody knows."""
    peak_memory_bytes: int | None = None
    """The most that the process and those that it started had; None where nobody knows."""


class Expected(NamedTuple):
    """What stages that would run are expected to take, by their last runs."""

    stages: dict[str, Taken]
    together: Taken
    """The sum of the seconds, and the largest memory, of those that are known."""
    unknown: tuple[str, ...]
    """Stages that have never finished."""


class Receipts:
    """The file of receipts.

    Args:
        path: It; what cannot be read there counts as unknown.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, stage: str, execution: int, taken: Taken) -> None:
        """Append what an execution took.

        Raises:
            OSError: If the file cannot be written.
        """
        line = json.dumps({"stage": stage, "execution": execution, **taken._asdict()})
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(f"{line}\n")

    def peaks(self) -> dict[str, int]:
        """Peak memory of each stage's last execution that has a receipt (bytes)."""
        found: dict[str, int] = {}
        with suppress(OSError):
            for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
                with suppress(ValueError, KeyError, TypeError):  # a line that a kill cut off
                    receipt = json.loads(line)
                    found[str(receipt["stage"])] = int(receipt["peak_memory_bytes"])
        return found


def last_seconds(history: History, stage: str) -> float | None:
    """How long a stage took when it last finished; None if it never did."""
    done = [each for each in history.executions(stage) if each.state == "COMPLETE"]
    return done[0].updated_seconds - done[0].started_seconds if done else None


def expected(history: History, receipts: Receipts, stages: Collection[str]) -> Expected:
    """What stages are expected to take.

    Args:
        history: What ML Metadata remembers.
        receipts: What it does not.
        stages: Those that would run.
    """
    peaks = receipts.peaks()
    found = {stage: Taken(last_seconds(history, stage), peaks.get(stage)) for stage in stages}
    seconds = [each.seconds for each in found.values() if each.seconds is not None]
    memory = [each.peak_memory_bytes for each in found.values() if each.peak_memory_bytes is not None]
    together = Taken(sum(seconds) if seconds else None, max(memory, default=None))
    return Expected(found, together, tuple(stage for stage, each in found.items() if each.seconds is None))


@final
class PeakMemory:
    """The most memory that was seen."""

    def __init__(self) -> None:
        self.bytes = 0


@contextmanager
def peak_memory() -> Iterator[PeakMemory]:
    """While it lasts, look at the memory of this process and of those that it started.

    This process's own peak is the system's where it can be reset (Linux), so that a short one counts too; memory that
    processes share is counted for each of them.
    """
    peak, stop = PeakMemory(), threading.Event()
    exact = _reset_peak()
    thread = threading.Thread(target=_watch, args=(peak, stop), daemon=True, name="memory")
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()
        if exact:
            peak.bytes = max(peak.bytes, _own_peak())


def _watch(peak: PeakMemory, stop: threading.Event) -> None:
    this = psutil.Process()
    while True:
        peak.bytes = max(peak.bytes, _resident(this))
        if stop.wait(_LOOK_SECONDS):
            return


def _resident(this: Any) -> int:
    total = int(this.memory_info().rss)
    for child in this.children(recursive=True):
        with suppress(psutil.Error):  # it has just ended
            total += int(child.memory_info().rss)
    return total


def _reset_peak() -> bool:
    try:
        with _CLEAR.open("w") as stream:
            stream.write(_RESET_PEAK)
    except OSError:
        return False
    return os.access(_STATUS, os.R_OK)


def _own_peak() -> int:
    with suppress(OSError, ValueError, IndexError):
        line = next((line for line in _STATUS.read_text().splitlines() if line.startswith(_PEAK)), "")
        return int(line.split()[1]) << 10
    return 0
