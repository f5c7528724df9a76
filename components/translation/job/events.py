"""A file of events for schedulers: a JSON object a line, appended as things happen."""

import json
import time
from pathlib import Path
from typing import Any, final


@final
class Events:
    """Writes events.

    Args:
        path: The file, appended to; None writes none.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def emit(self, event: str, **details: Any) -> None:
        """Append one: `time` (seconds since the epoch), `event`, and details.

        Raises:
            OSError: If the file cannot be written.
        """
        if self._path is None:
            return
        line = json.dumps({"time": round(time.time(), 3), "event": event, **details}, ensure_ascii=False)
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(f"{line}\n")
