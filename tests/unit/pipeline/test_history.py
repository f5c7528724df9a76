"""What is newest is known by its number, not by the clock."""

import sqlite3
from contextlib import closing
from pathlib import Path

from recorded_root import RecordedRoot

from seq2seq_tfx.pipeline.history import History


def test_newest_execution_and_run_are_the_last_ones_when_the_clock_was_put_back(tmp_path: Path) -> None:
    root = RecordedRoot(tmp_path)
    root.execute("before", "gate", {"decision": ""}, settings="[1]")
    root.execute("after", "gate", {"decision": ""}, settings="[2]")
    file = tmp_path / "metadata.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        for table in ("Execution", "Context"):
            connection.execute(f"update {table} set create_time_since_epoch = create_time_since_epoch - 3600000 * id")
    history = History(file, "demo")
    assert [each.parameters["settings"] for each in history.executions("gate")] == ["[2]", "[1]"]
    assert [name for name, _ in history.runs()] == ["after", "before"]
