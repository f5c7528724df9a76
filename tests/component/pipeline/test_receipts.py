"""`seq2seq plan` says what stages took when they last ran, as far as that was noted."""

import json
import re
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ml_metadata import proto
from recorded_root import RecordedRoot

from seq2seq_tfx.pipeline.cli import main
from seq2seq_tfx.pipeline.receipts import Receipts, Taken, peak_memory
from seq2seq_tfx.pipeline.root import Root
from seq2seq_tfx.pipeline.runner import _Observer

CONFIG = """\
name: demo
languages: {source: en, target: de}
corpora:
  - {name: all, split: auto, path: all.tsv}
"""
MEBIBYTES_200 = 200 << 20


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "all.tsv").write_text("a house\tein Haus\n")
    path = tmp_path / "pipeline.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def root(tmp_path: Path) -> RecordedRoot:
    """Where corpus and vocabulary ran once, for a fifth of a second, with other settings."""
    recorded = RecordedRoot(tmp_path / "work")
    for stage, output in (("corpus", "examples"), ("vocabulary", "vocabulary")):
        recorded.execute("first", stage, {output: ""}, settings='{"n": "first"}')
    time.sleep(0.2)
    executions = recorded.store.get_executions()
    for each in executions:
        each.custom_properties["touched"].string_value = "as TFX does at the end"
        assert each.last_known_state == proto.Execution.COMPLETE
    recorded.store.put_executions(executions)
    return recorded


def planned(config: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    capsys.readouterr()
    assert main(["plan", str(config), "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def text_of(config: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    capsys.readouterr()
    assert main(["plan", str(config), *options]) == 0
    return capsys.readouterr().out


def test_nothing_is_known_before_the_first_run(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = planned(config, capsys, "--to", "statistics")
    assert [each["seconds"] for each in document["stages"]] == [None, None, None]
    stages = ["corpus", "vocabulary", "statistics"]
    assert document["expected"] == {"seconds": None, "peak_memory_bytes": None, "unknown": stages}
    text = text_of(config, capsys, "--to", "statistics")
    assert text.count("unknown") == 6
    assert "known after the first run" in text


def test_a_root_without_receipts_has_seconds_and_no_memory(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, vocabulary, statistics = planned(config, capsys, "--to", "statistics")["stages"]
    assert 0.2 <= corpus["seconds"] < 60.0
    assert 0.2 <= vocabulary["seconds"] < 60.0
    assert (corpus["peak_memory_bytes"], statistics["seconds"]) == (None, None)
    last = text_of(config, capsys).splitlines()[-1]
    assert re.match(r"In all: 0:\d\d, memory unknown, as when each ran last; unknown: statistics, ", last)


def test_seconds_are_summed_and_the_largest_memory_counts(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    receipts = Receipts(Root(root.directory).receipts)
    receipts.add("corpus", 1, Taken(5.0, 9 << 30))
    receipts.add("corpus", 3, Taken(5.0, 2 << 30))
    receipts.add("vocabulary", 2, Taken(1.0, 1 << 30))
    with Root(root.directory).receipts.open("a") as stream:
        stream.write('{"stage": "vocabulary", "exec')  # a kill came
    document = planned(config, capsys, "--to", "statistics")
    corpus, vocabulary, _ = document["stages"]
    assert (corpus["peak_memory_bytes"], vocabulary["peak_memory_bytes"]) == (2 << 30, 1 << 30)
    assert document["expected"]["seconds"] == pytest.approx(corpus["seconds"] + vocabulary["seconds"])
    assert document["expected"]["peak_memory_bytes"] == 2 << 30
    assert document["expected"]["unknown"] == ["statistics"]
    assert "memory 2.0 GiB, as when each ran last; unknown: statistics." in text_of(
        config, capsys, "--to", "statistics"
    )


def test_a_run_notes_the_peak_memory_of_each_stage_that_executes(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    composition: Any = SimpleNamespace(root=Root(root.directory), name="demo")
    observer = _Observer(composition)
    with observer.watching("corpus", _launcher(executed=True)):
        large = bytearray(MEBIBYTES_200)
        large[::4096] = b"x" * len(large[::4096])
        del large
    with observer.watching("vocabulary", _launcher(executed=False)):
        pass
    corpus, vocabulary = planned(config, capsys, "--to", "vocabulary")["stages"]
    assert corpus["peak_memory_bytes"] > MEBIBYTES_200
    assert vocabulary["peak_memory_bytes"] is None


def _launcher(executed: bool) -> Any:
    return SimpleNamespace(executed=executed)


def test_an_earlier_peak_does_not_count() -> None:
    with peak_memory() as before:
        large = bytearray(MEBIBYTES_200)
        large[::4096] = b"x" * len(large[::4096])
        del large
    with peak_memory() as after:
        pass
    assert 0 < after.bytes < before.bytes - MEBIBYTES_200 // 2
