"""Work that fails, in a module that a worker process can import."""

import os
import signal


def die(task: str) -> None:
    """End the worker as the system does for lack of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def fill_the_disk(task: str) -> None:
    """Fail as a full disk does, at the third task."""
    if task == "3":
        raise OSError(28, "No space left on device")
