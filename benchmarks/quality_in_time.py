"""BLEU of this project and of OpenNMT-tf 2.32 after the same wall time: same data, sizes, schedule and search.

Usage: python benchmarks/quality_in_time.py FOLDER [--minutes M]
       (FOLDER: the raw files train and test_2016_flickr as .en.gz and .de.gz)

Both train side by side, each on half of the processors, from the start of their process until M minutes have passed
(OpenNMT-tf until its next checkpoint, a few seconds later). Then each translates the test set with its last weights.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import sacrebleu
import sentencepiece
from training_speed import BATCH_TOKENS, HERE, OPENNMT_COMMAND, OURS, THEIRS, prepare

BEAM: Final = 4
WARM_UP: Final = 400
RATE: Final = 0.001
OUR_TRAINING: Final = {"schedule": "inverse_sqrt", "learning_rate": RATE, "warmup_steps": WARM_UP}
THEIR_PARAMS: Final = {
    "learning_rate": RATE,
    "decay_type": "InvSqrtDecay",
    "decay_params": {"warmup_steps": WARM_UP, "initial_learning_rate": 0.0},
}


def main() -> int:
    """Prepare the data, train both, score both, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=20.0)
    arguments = parser.parse_args()
    opennmt = subprocess.run(OPENNMT_COMMAND, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        prepare(arguments.folder, work)
        references = add_test_set(arguments.folder, work)
        ours, theirs = train_both(opennmt, work, 60.0 * arguments.minutes)
        theirs["bleu"] = bleu_of(Path(theirs["translations"]), work, references)
    for name, side in (("ours", ours), ("OpenNMT-tf", theirs)):
        print(f"{name}: BLEU {side['bleu']:.2f} after {side['seconds'] / 60:.1f} minutes and {side['steps']:,} updates")
    print("cased, 13a, beam of", BEAM)
    return 0


def add_test_set(raw: Path, work: Path) -> list[str]:
    """Write the test set beside the training pairs, its sources as pieces.

    Returns:
        The references.
    """
    processor = sentencepiece.SentencePieceProcessor(model_file=str(work / "vocabulary.model"))
    sides = {}
    for side in ("en", "de"):
        text = gzip.decompress((raw / f"test_2016_flickr.{side}.gz").read_bytes()).decode()
        sides[side] = [line.strip() for line in text.splitlines()]
        (work / f"test.raw.{side}").write_text("".join(f"{line}\n" for line in sides[side]), encoding="utf-8")
    pieces = processor.encode(sides["en"], out_type=str)
    (work / "test.en").write_text("".join(f"{' '.join(each)}\n" for each in pieces), encoding="utf-8")
    return sides["de"]


def train_both(opennmt: str, work: Path, seconds: float) -> list[dict[str, Any]]:
    """Both answers; the two processes run at the same time, each on its share of the processors."""
    request = {"work": str(work), "seconds": seconds, "batch_tokens": BATCH_TOKENS, "beam_size": BEAM}
    training = {**OUR_TRAINING, "batch_tokens": BATCH_TOKENS}
    processors = sorted(os.sched_getaffinity(0))
    half = max(len(processors) // 2, 1)
    started = [
        _start(
            [sys.executable, str(HERE / "training_speed_ours.py"), "quality"],
            {**request, "model": OURS, "training": training},
            processors[:half],
        ),
        _start(
            [opennmt, str(HERE / "training_speed_opennmt.py")],
            {**request, **THEIRS, "params": THEIR_PARAMS},
            processors[-half:],
        ),
    ]
    return [_answer_of(child) for child in started]


def bleu_of(pieces: Path, work: Path, references: Sequence[str]) -> float:
    """Cased BLEU of translations that are written as pieces."""
    processor = sentencepiece.SentencePieceProcessor(model_file=str(work / "vocabulary.model"))
    hypotheses = [processor.decode(line.split(" ")) for line in pieces.read_text(encoding="utf-8").splitlines()]
    return sacrebleu.corpus_bleu(hypotheses, [list(references)]).score


def _start(command: list[str], request: dict[str, Any], processors: Sequence[int]) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, processors),
    )  # fmt: skip
    assert child.stdin is not None
    child.stdin.write(json.dumps(request))
    child.stdin.close()
    return child


def _answer_of(child: subprocess.Popen[str]) -> dict[str, Any]:
    assert child.stdout is not None
    lines = child.stdout.read().splitlines()
    if child.wait():
        raise SystemExit(f"{child.args!r} failed with status {child.returncode}")
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer


if __name__ == "__main__":
    sys.exit(main())
