"""Timed translations by OpenNMT-tf, in its own environment: a child process of `opennmt_inference.py`.

Usage: python benchmarks/decoding_speed_opennmt.py < request.json     (prints one line of JSON)
"""

import json
import logging
import re
import sys
from pathlib import Path
from typing import Any

import opennmt
import tensorflow as tf
from training_speed_opennmt import configuration, model_of


def main() -> int:
    """Train if nothing was trained, then translate the sample with every batch size."""
    request = json.load(sys.stdin)
    times = Times()
    tf.get_logger().addHandler(times)
    tf.get_logger().setLevel(logging.INFO)
    work = Path(request["work"])
    if not (work / "opennmt/checkpoint").exists():
        runner_of(request, 1, 1).train()
    runs = []
    for size, length in request["lengths"].items():
        output = work / f"opennmt.{size}.txt"
        runner_of(request, int(size), length).infer(
            str(work / "sample.en"), predictions_file=str(output), log_time=True
        )
        tokens = sum(len(line.split()) for line in output.read_text(encoding="utf-8").splitlines())
        runs.append({"batch_size": int(size), "length": length, "seconds": times.found.pop(), "tokens": tokens})
    print(json.dumps({"runs": runs}))
    return 0


def runner_of(request: dict[str, Any], batch_size: int, length: int) -> opennmt.Runner:
    """OpenNMT-tf with the model, the search, this batch size, and translations of this length."""
    config = configuration(request, str(Path(request["work"]) / "opennmt"))
    config["params"]["maximum_decoding_length"] = config["params"]["minimum_decoding_length"] = length
    config["train"]["save_checkpoints_steps"] = request["steps"]
    config["infer"] = {
        "batch_size": batch_size,
        "batch_type": "examples",
        "length_bucket_width": request["bucket_width"],
    }
    return opennmt.Runner(model_of(request), config, auto_config=False, seed=1)


class Times(logging.Handler):
    """Collects what OpenNMT-tf says of its time: from the first batch to the last, after tracing."""

    _LINE = re.compile(r"Total prediction time \(s\): ([\d.]+)")

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.found: list[float] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one line of its log."""
        line = self._LINE.search(record.getMessage())
        if line:
            self.found.append(float(line[1]))


if __name__ == "__main__":
    sys.exit(main())
