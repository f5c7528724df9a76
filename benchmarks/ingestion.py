"""Times the stages from corpus to transform on generated pairs; prints seconds and disk a pair, memory, marginal cost.

Usage: python benchmarks/ingestion.py [PAIRS ...]      (100000 400000 1000000 by default)

The corpus is TSV.gz with a realistic spread of words and lengths and 10% duplicates; cleaning `standard`, duplicates
and decontamination are on, the vocabulary has 8,000 pieces. Each size runs through the real pipeline in a new folder.
"""

import gzip
import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

SIZES = (100_000, 400_000, 1_000_000)
STAGES = ("corpus", "vocabulary", "statistics", "schema", "validation", "transform")
SEQ2SEQ = str(Path(sys.executable).parent / "seq2seq")
SEED = 20
WORDS = 60_000
HELD_OUT = 2_000
DUPLICATE_SHARE = 0.1
LEAK_SHARE = 0.001
CONFIG = """\
name: ingestion
languages: {source: en, target: de}
root: work
corpora:
  - {name: bulk, split: train, path: bulk.tsv.gz}
  - {name: val, split: eval, path: val.tsv.gz}
  - {name: exam, split: test, path: exam.tsv.gz}
vocabulary: {size: 8000}
"""


@dataclass(frozen=True)
class Measured:
    """One size's run."""

    pairs: int
    seconds: float
    stages: dict[str, float]
    peak_bytes: int
    disk: dict[str, int]
    """Bytes that a stage leaves."""


def main() -> int:
    """Generate, run and print each size; then the marginal costs."""
    sizes = [int(word) for word in sys.argv[1:]] or list(SIZES)
    results = []
    for pairs in sizes:
        with tempfile.TemporaryDirectory(prefix="ingestion-") as folder:
            generate(Path(folder), pairs)
            results.append(measured_run(Path(folder), pairs))
        show(results[-1])
    margins = [
        (after.seconds - before.seconds) / (after.pairs - before.pairs)
        for before, after in zip(results, results[1:], strict=False)
    ]
    for before, after, margin in zip(results, results[1:], margins, strict=False):
        print(f"marginal cost {before.pairs:,} to {after.pairs:,}: {margin * 1e6:.1f} microseconds a pair")
    if len(margins) > 1:
        print(f"marginal ratio, last to first: {margins[-1] / margins[0]:.2f}")
    return 0


def show(result: Measured) -> None:
    """Print one size."""
    per_pair = result.seconds / result.pairs * 1e6
    stages = ", ".join(f"{stage} {result.stages.get(stage, 0.0):.1f}" for stage in STAGES)
    print(f"{result.pairs:,} pairs: {result.seconds:.1f} s, {per_pair:.1f} microseconds a pair ({stages})")
    kept = ", ".join(f"{stage} {size / result.pairs:.0f}" for stage, size in result.disk.items() if size > result.pairs)
    print(f"  peak memory of all processes: {result.peak_bytes / 2**30:.2f} GiB")
    print(f"  bytes of disk a pair: {kept}", flush=True)


def measured_run(directory: Path, pairs: int) -> Measured:
    """Run the pipeline up to transform."""
    config = directory / "pipeline.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    started = time.perf_counter()
    command = [SEQ2SEQ, "run", str(config), "--to", "transform"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        watch = MemoryWatch(process.pid)
        _, messages = process.communicate()
        peak = watch.stop()
    seconds = time.perf_counter() - started
    if process.returncode:
        sys.exit(messages)
    disk = {stage: size_of(directory / "work/artifacts" / stage) for stage in STAGES}
    return Measured(pairs, seconds, stage_seconds(config), peak, disk)


def stage_seconds(config: Path) -> dict[str, float]:
    """What each stage took in a pipeline's only run."""
    status = subprocess.run([SEQ2SEQ, "status", str(config), "--json"], check=True, capture_output=True, text=True)
    (run,) = json.loads(status.stdout)["runs"]
    return {each["stage"]: each["seconds"] for each in run["stages"]}


def size_of(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class MemoryWatch:
    """Looks five times a second at the memory that a process and its descendants hold (proportional set size)."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._stopped = threading.Event()
        self._peak = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stopped.wait(0.2):
            self._peak = max(self._peak, self._now())

    def _now(self) -> int:
        total = 0
        try:
            for each in (self._process, *self._process.children(recursive=True)):
                total += each.memory_full_info().pss
        except psutil.Error:
            return total
        return total

    def stop(self) -> int:
        """The largest sum seen, in bytes."""
        self._stopped.set()
        self._thread.join()
        return self._peak


def generate(directory: Path, pairs: int) -> None:
    """Write the three corpora."""
    draw = np.random.default_rng(SEED)
    words = _words(draw), _words(draw)
    held_out = {name: _pairs(draw, words, HELD_OUT) for name in ("val", "exam")}
    for name, lines in held_out.items():
        _write(directory / f"{name}.tsv.gz", lines)
    fresh = _pairs(draw, words, round(pairs * (1 - DUPLICATE_SHARE)))
    leaked = held_out["exam"][: round(pairs * LEAK_SHARE)]
    fresh[: len(leaked)] = leaked
    repeated = [fresh[place] for place in draw.integers(len(fresh), size=pairs - len(fresh))]
    lines = fresh + repeated
    _write(directory / "bulk.tsv.gz", [lines[place] for place in draw.permutation(len(lines))])


def _words(draw: np.random.Generator) -> list[str]:
    """Invented words of one to four syllables, short ones first; some have a letter beyond ASCII."""
    syllables = [
        a + b for a in "b d f g h k l m n p r s t v z sch st tr".split() for b in "a e i o u ä é en er".split()
    ]
    lengths = np.sort(draw.choice([1, 2, 3, 4], size=WORDS, p=[0.1, 0.35, 0.35, 0.2]))
    parts = draw.integers(len(syllables), size=(WORDS, 4))
    made = ["".join(syllables[part] for part in row[:length]) for row, length in zip(parts, lengths, strict=True)]
    return [str(draw.integers(2000)) if place % 97 == 96 else word for place, word in enumerate(made)]


def _pairs(draw: np.random.Generator, words: tuple[list[str], list[str]], count: int) -> list[str]:
    """Lines `source<TAB>target`: words by Zipf's law, lengths log-normal around 16 words, alike on both sides."""
    ranks = np.arange(1, WORDS + 1)
    cumulative: NDArray[np.float64] = np.cumsum(1 / (ranks + 2.7))
    lengths = np.clip(np.rint(draw.lognormal(2.75, 0.55, size=count)), 2, 120).astype(int)
    drawn: NDArray[np.int64] = np.searchsorted(cumulative, draw.random(int(lengths.sum())) * cumulative[-1])
    lines, start = [], 0
    source_words, target_words = words
    for length in lengths.tolist():
        chosen = drawn[start : start + length].tolist()
        start += length
        source = " ".join([source_words[each] for each in chosen])
        target = " ".join(
            [target_words[each] if target_words[each][0] > "9" else source_words[each] for each in chosen]
        )
        lines.append(f"{source.capitalize()}.\t{target.capitalize()}.")
    return lines


def _write(path: Path, lines: list[str]) -> None:
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as stream:
        stream.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
