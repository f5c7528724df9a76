"""A pipeline small enough to run many times: a slice of the quickstart corpus, and a model that learns little."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from seq2seq_tfx.components.quickstart.corpus import generate
from seq2seq_tfx.pipeline.cli import main

SEQ2SEQ = Path(sys.executable).parent / "seq2seq"
SIZES = {"train": 1200, "eval": 24, "test": 24}

CONFIG = """\
name: small
languages: {source: en, target: es}
root: work
seed: 7
corpora:
  - {name: train, split: train, source: train.en.gz, target: train.es.gz}
  - {name: eval, split: eval, source: eval.en.gz, target: eval.es.gz}
  - {name: test, split: test, source: test.en.gz, target: test.es.gz, domain: grammar}
vocabulary: {size: 200}
model: {preset: transformer_tiny, layers: 1, width: 32, feedforward: 64, heads: 2}
training: {max_steps: 60, batch_tokens: 512, warmup_steps: 10, checkpoint_steps: 10, validation_steps: 30, average: 2}
decoding: {strategy: greedy, max_length: 24}
serving_probe: {sentences: 4}
gate: {max_loss: {}, margins: {}, max_slice_loss: {}, slice_margins: {}, max_failures: {}}
"""


@dataclass(frozen=True)
class Finished:
    """What a command left behind."""

    status: int
    output: str
    errors: str

    @property
    def document(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.output)


def write_pipeline(directory: Path, config: str = CONFIG) -> Path:
    """Write the corpora and the configuration; returns the configuration's path."""
    write_corpora(
        directory,
        {
            split: [(pair.source, pair.target) for pair in pairs[: SIZES[split]]]
            for split, pairs in generate(seed=3).items()
        },
    )
    path = directory / "pipeline.yaml"
    path.write_text(config)
    return path


def write_corpora(directory: Path, splits: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """Write the files that `CONFIG` names: for each split, its English and Spanish sentences."""
    directory.mkdir(parents=True, exist_ok=True)
    for split, pairs in splits.items():
        for language, sentences in zip(("en", "es"), zip(*pairs, strict=True), strict=True):
            lines = "".join(f"{sentence}\n" for sentence in sentences)
            (directory / f"{split}.{language}.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))


def seq2seq(*words: str | Path, environment: dict[str, str] | None = None) -> Finished:
    """Run the command line in a process of its own."""
    command = [str(SEQ2SEQ), *map(str, words)]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **(environment or {})}, check=False, timeout=900
    )
    return Finished(done.returncode, done.stdout, done.stderr)


class InProcess:
    """Runs the command line in this process, which then imports TFX once for many commands."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *words: str | Path) -> Finished:
        """Run one command; what it writes to the descriptors is caught too (the fixture must be `capfd`)."""
        self._capture.readouterr()
        status = main([str(word) for word in words])
        written = self._capture.readouterr()
        return Finished(status, written.out, written.err)


def executed(result: Any) -> list[str]:
    """Names of the stages that a `run --json` executed."""
    support = ("baseline_translations",)
    return [each["name"] for each in result["stages"] if each["executed"] and each["name"] not in support]


def would_run(plan: Any) -> list[str]:
    """Names of the stages that a `plan --json` foretells."""
    return [each["stage"] for each in plan["stages"] if each["action"] == "run"]


def weights_sha256(config: Path) -> str:
    """The averaged weights' hash in the newest training artifact."""
    return str(training_record(config)["weights_sha256"]["averaged"])


def training_record(config: Path) -> dict[str, Any]:
    """The newest `training.json`."""
    newest = newest_output(config, "training", "model")
    record: dict[str, Any] = json.loads((newest / "Format-Serving/training.json").read_text())
    return record


def newest_output(config: Path, stage: str, output: str) -> Path:
    """The folder of a stage's newest output of that name."""
    return max((config.parent / "work/artifacts" / stage / output).iterdir(), key=lambda path: int(path.name))


def versions(config: Path) -> list[str]:
    """The pushed versions' folders."""
    pushed = config.parent / "work/pushed"
    return sorted(path.name for path in pushed.iterdir() if path.name.isdigit()) if pushed.exists() else []


def command_line(words: Sequence[str | Path]) -> list[str]:
    """A command as `subprocess` wants it."""
    return [str(SEQ2SEQ), *map(str, words)]
