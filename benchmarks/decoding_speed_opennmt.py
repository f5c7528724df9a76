"""Timed translations by OpenNMT-tf, in its own environment: a child process of `decoding_speed.py`.

Usage: python benchmarks/decoding_speed_opennmt.py < request.json     (prints one line of JSON)
"""

import json
import logging
import re
import sys
from pathlib import Path
from typing import Any, Final

import opennmt
import tensorflow as tf
from training_speed_opennmt import model_of

BUCKET_WIDTH: Final = 2
"""Tokens by which the sentences of a batch may differ."""


def main() -> int:
    """Train if nothing was trained, then translate the sample with every batch size."""
    request = json.load(sys.stdin)
    times = Times()
    tf.get_logger().addHandler(times)
    tf.get_logger().setLevel(logging.INFO)
    work = Path(request["work"])
    if not (work / "opennmt/checkpoint").exists():
        runner_of(request, 1).train()
    runs = []
    for size in request["batch_sizes"]:
        output = work / f"opennmt.{size}.txt"
        runner_of(request, size).infer(str(work / "sample.en"), predictions_file=str(output), log_time=True)
        tokens = sum(len(line.split()) for line in output.read_text(encoding="utf-8").splitlines())
        runs.append({"batch_size": size, "seconds": times.found.pop(), "tokens": tokens})
    print(json.dumps({"runs": runs}))
    return 0


def runner_of(request: dict[str, Any], batch_size: int) -> opennmt.Runner:
    """OpenNMT-tf with the model, the search and this batch size."""
    work = Path(request["work"])
    config = {
        "model_dir": str(work / "opennmt"),
        "data": {
            "source_vocabulary": str(work / "pieces.txt"),
            "target_vocabulary": str(work / "pieces.txt"),
            "train_features_file": str(work / "train.en"),
            "train_labels_file": str(work / "train.de"),
        },
        "params": {
            "optimizer": "Adam",
            "optimizer_params": {"beta_1": 0.9, "beta_2": 0.98},
            "learning_rate": 0.0005,
            "label_smoothing": 0.1,
            "max_grad_norm": 1.0,
            "beam_width": request["beams"],
            "length_penalty": 1.0,
            "maximum_decoding_length": request["max_length"],
        },
        "train": {
            "batch_size": request["batch_tokens"],
            "batch_type": "tokens",
            "length_bucket_width": 1,
            "maximum_features_length": 256,
            "maximum_labels_length": 256,
            "sample_buffer_size": 32768,
            "max_step": request["updates"],
            "save_checkpoints_steps": request["updates"],
        },
        "infer": {"batch_size": batch_size, "batch_type": "examples", "length_bucket_width": BUCKET_WIDTH},
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
