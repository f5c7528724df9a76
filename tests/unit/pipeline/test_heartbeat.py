import logging
import time

import pytest

from seq2seq_tfx.pipeline.heartbeat import heartbeat, line


def test_a_silent_stage_is_announced(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("seq2seq_tfx").propagate = True
    started = time.monotonic()
    with caplog.at_level(logging.INFO, "seq2seq_tfx"), heartbeat("statistics", None, silence_seconds=0.05):
        while len(set(caplog.records)) < 2 and time.monotonic() - started < 60.0:
            time.sleep(0.01)
    # Each once: a test before may have made the library's lines go to the root logger by two ways.
    lines = [record.getMessage() for record in dict.fromkeys(caplog.records)]
    assert 2 <= len(lines) <= (time.monotonic() - started) / 0.05
    assert all(each.startswith("statistics: at work for") for each in lines)


def test_nothing_is_said_when_the_stage_speaks_itself(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("seq2seq_tfx.components.demo")
    logging.getLogger("seq2seq_tfx").propagate = True
    with caplog.at_level(logging.INFO, "seq2seq_tfx"), heartbeat("training", None, silence_seconds=0.5):
        for _ in range(8):
            logger.info("a line")
            time.sleep(0.1)
    assert {record.getMessage() for record in caplog.records} == {"a line"}


def test_the_time_left_follows_from_the_last_run() -> None:
    assert line("transform", 20.0, 65.0) == "transform: at work for 0:20, about 0:45 left (it took 1:05 last time)"
    assert "0:00 left" in line("transform", 90.0, 65.0)
    assert "first run" in line("transform", 20.0, None)
