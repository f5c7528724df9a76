"""One training run of OpenNMT-tf, in its own environment: a child of `training_speed.py` and `quality_in_time.py`.

Usage: python benchmarks/training_speed_opennmt.py < request.json     (prints one line of JSON)
"""

import json
import logging
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import opennmt
import tensorflow as tf
import tensorflow_addons as tfa

STARTED = time.monotonic()
WARM_UP = 20
TIMED_CHECKPOINT = 25
"""Updates between two checkpoints where time ends the run."""
REPORT = 10
"""Updates between two of its reports."""


def main() -> int:
    """Answer one request: the speed that OpenNMT-tf reports, or, with `seconds`, a file of translations."""
    request = json.load(sys.stdin)
    reports = Reports()
    tf.get_logger().addHandler(reports)
    tf.get_logger().setLevel(logging.INFO)
    with tempfile.TemporaryDirectory() as folder:
        config = configuration(request, folder)
        runner = opennmt.Runner(model_of(request), config, auto_config=False, seed=1)
        answer = quality(runner, reports, request) if "seconds" in request else speed(runner, reports)
    print(json.dumps(answer))
    return 0


def speed(runner: Any, reports: "Reports") -> dict[str, Any]:
    """Train to the last step."""
    runner.train()
    return {"target_tokens_per_second": reports.speed()}


def quality(runner: Any, reports: "Reports", request: dict[str, Any]) -> dict[str, Any]:
    """Train to the first checkpoint after `seconds` since this process began, then translate the test set with it."""
    reports.deadline = STARTED + request["seconds"]
    try:
        runner.train()
    except TimeUp as up:
        trained = up.seconds
    work = Path(request["work"])
    runner.infer(str(work / "test.en"), str(work / "theirs.pieces"))
    return {"translations": str(work / "theirs.pieces"), "steps": reports.last_step, "seconds": trained}


def configuration(request: dict[str, Any], folder: str) -> dict[str, Any]:
    """OpenNMT-tf's configuration for a request."""
    work, timed = Path(request["work"]), "seconds" in request
    return {
        "model_dir": folder,
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
            "beam_width": request.get("beam_size", 1),
            "length_penalty": 1.0,
            **request.get("params", {}),
        },
        "train": {
            "batch_size": request["batch_tokens"],
            "batch_type": "tokens",
            "length_bucket_width": 1,
            "maximum_features_length": 256,
            "maximum_labels_length": 256,
            "sample_buffer_size": 32768,
            "max_step": 1_000_000 if timed else WARM_UP + request["steps"],
            "save_summary_steps": REPORT,
            "save_checkpoints_steps": TIMED_CHECKPOINT if timed else 250,
        },
        "infer": {"batch_size": 32, "length_bucket_width": 5},
    }


def model_of(request: dict[str, Any]) -> Any:
    """The model of the same sizes."""
    kind, width, dropout = request["kind"], request["width"], request["dropout"]
    if kind == "transformer":
        return opennmt.models.Transformer(
            source_inputter=opennmt.inputters.WordEmbedder(embedding_size=width),
            target_inputter=opennmt.inputters.WordEmbedder(embedding_size=width),
            num_layers=request["layers"],
            num_units=width,
            num_heads=request["heads"],
            ffn_inner_dim=request["feedforward"],
            dropout=dropout,
            attention_dropout=0.1,
            ffn_dropout=0.1,
            share_embeddings=opennmt.models.EmbeddingsSharingLevel.ALL,
        )
    return opennmt.models.SequenceToSequence(
        source_inputter=opennmt.inputters.WordEmbedder(embedding_size=request["embedding"]),
        target_inputter=opennmt.inputters.WordEmbedder(embedding_size=request["embedding"]),
        encoder=opennmt.encoders.RNNEncoder(
            num_layers=request["layers"],
            num_units=width // 2,  # of each direction
            bidirectional=True,
            dropout=dropout,
            cell_class=tf.keras.layers.GRUCell,
        ),
        decoder=opennmt.decoders.AttentionalRNNDecoder(
            num_layers=request["layers"],
            num_units=width,
            bridge_class=opennmt.layers.CopyBridge,
            attention_mechanism_class=tfa.seq2seq.LuongAttention,
            cell_class=tf.keras.layers.GRUCell,
            dropout=dropout,
        ),
        share_embeddings=opennmt.models.EmbeddingsSharingLevel.SOURCE_TARGET_INPUT,
    )


class TimeUp(Exception):
    """The run has had its time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


class Reports(logging.Handler):
    """Collects what OpenNMT-tf says of its speed every few updates, and ends a run whose time is up."""

    _SAVED = re.compile(r"Saved checkpoint .*ckpt-(\d+)")
    _LINE = re.compile(r"Step = (\d+) ;.* tokens/s = \d+ \(\d+ source, (\d+) target\)")

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.deadline: float | None = None
        self.last_step = 0
        self._found: list[tuple[int, float, float]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one line of its log."""
        line = self._LINE.search(record.getMessage())
        if line:
            self._found.append((int(line[1]), record.created, float(line[2])))

        saved = self._SAVED.search(record.getMessage())
        if saved:
            self.last_step = int(saved[1])
            if self.deadline is not None and time.monotonic() >= self.deadline:
                raise TimeUp(time.monotonic() - STARTED)

    def speed(self) -> float:
        """Target tokens a second over all reports after the warm-up."""
        if len(self._found) < 2:
            raise SystemExit("OpenNMT-tf's log must say how many tokens a second it trains on, and does not")
        spans = [
            (now - before, speed)
            for (_, before, _), (step, now, speed) in zip(self._found, self._found[1:], strict=False)
            if step > WARM_UP
        ]
        return sum(seconds * speed for seconds, speed in spans) / sum(seconds for seconds, _ in spans)


if __name__ == "__main__":
    sys.exit(main())
