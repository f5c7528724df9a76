"""The figures of a run: one JSON object a line, and TensorBoard scalars; a resumed run has each step once."""

import json
from pathlib import Path
from typing import final

import tensorflow as tf

from seq2seq_tfx.components.files import write_atomically

FILE = "metrics.jsonl"


@final
class Journal:
    """Writes figures by step.

    Args:
        kept: The file that a restart goes on with.
        logs: Folder for TensorBoard's event files, new in each process: earlier figures are written there again.
        step: Figures of later steps are dropped: the run goes on from here.
    """

    def __init__(self, kept: Path, logs: Path, step: int) -> None:
        self._kept, self._logs = kept, logs
        self._writer = tf.summary.create_file_writer(str(logs))
        lines = kept.read_text().splitlines(keepends=True) if kept.exists() else []
        # A kill can leave half a line, always the last.
        earlier = [figures for figures in map(json.loads, filter(_is_whole, lines)) if figures["step"] <= step]
        write_atomically(kept, "".join(map(_line, earlier)).encode())
        for figures in earlier:
            self._show(**figures)

    def write(self, step: int, **figures: float) -> None:
        """Record figures of a step."""
        with self._kept.open("a") as stream:
            stream.write(_line({"step": step, **figures}))
        self._show(step, **figures)

    def _show(self, step: int, **figures: float) -> None:
        with self._writer.as_default(step=step):
            for name, value in figures.items():
                tf.summary.scalar(name, value)

    def close(self) -> None:
        """Flush, and put a copy of the file beside TensorBoard's."""
        self._writer.close()
        (self._logs / FILE).write_bytes(self._kept.read_bytes())


def _is_whole(line: str) -> bool:
    return line.endswith("\n")


def _line(figures: dict[str, float]) -> str:
    return json.dumps(figures) + "\n"
