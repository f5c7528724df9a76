"""Training speed of this project and of OpenNMT-tf 2.32: same pairs, vocabulary, sizes and batches, in turns.

Usage: python benchmarks/training_speed.py FOLDER [--steps N] [--runs N] [--only NAME]
       (FOLDER: the raw files train.en.gz and train.de.gz; OpenNMT-tf goes into an environment of its own)

Prints, for each model and run, the target tokens a second of both, then medians and their ratio, and how much of the
machine's matrix peak ours reaches. The peak is measured with large products just before.
"""

import argparse
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final, NamedTuple

import sentencepiece

from seq2seq_tfx.components.vocabulary.train import train_vocabulary
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.vocabulary import VocabularyConfig

HERE: Final = Path(__file__).parent
OPENNMT_COMMAND: Final = (str(HERE.parent / "scripts" / "peer.sh"), "opennmt")
PIECES: Final = 8000
BATCH_TOKENS: Final = 4096


class Case(NamedTuple):
    """One model, as both sides are told it."""

    name: str
    ours: dict[str, Any]
    theirs: dict[str, Any]
    """Arguments of `training_speed_opennmt.py`."""


TRANSFORMER: Final = {"layers": 3, "width": 256, "feedforward": 1024, "heads": 4, "dropout": 0.3}
OURS: Final = {"family": "transformer", **TRANSFORMER, "attention_dropout": 0.1, "feedforward_dropout": 0.1}
THEIRS: Final = {"kind": "transformer", **TRANSFORMER}
GRU_SIZES: Final = {"layers": 2, "width": 512, "embedding": 512, "dropout": 0.3}
"""Embeddings as wide as states: what attention makes is as wide as the embeddings here, as the states there."""
GRU: Final = {"family": "rnn", "cell": "gru", "attention": "luong_general", **GRU_SIZES}
THEIR_GRU: Final = {"kind": "gru", **GRU_SIZES}
CASES: Final = (
    Case("transformer", OURS, THEIRS),
    Case("gru", GRU, THEIR_GRU),
    Case("gru, attention fed back", {**GRU, "input_feeding": True}, THEIR_GRU),
)
"""OpenNMT-tf's decoder with attention always feeds it back; ours does so on request."""


def main() -> int:
    """Prepare the data, run in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=100, help="timed updates a run, after 20 that are not timed")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=[case.name for case in CASES])
    arguments = parser.parse_args()
    opennmt = subprocess.run(OPENNMT_COMMAND, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    cases = [case for case in CASES if arguments.only in (None, case.name) and _known(case)]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        prepare(arguments.folder, work)
        peak = answer([sys.executable, str(HERE / "training_speed_ours.py"), "peak"])
        print(f"matrix peak: {peak['float32']:.0f} GFLOP/s in float32, {peak['bfloat16']:.0f} in bfloat16", flush=True)
        for case in cases:
            compare(case, work, opennmt, arguments)
    return 0


def prepare(raw: Path, work: Path) -> None:
    """Write the vocabulary, and the training pairs as pieces, one sentence a line."""
    sides = {
        side: gzip.decompress((raw / f"train.{side}.gz").read_bytes()).decode().splitlines() for side in ("en", "de")
    }
    sentences = sorted({line.strip().encode() for lines in sides.values() for line in lines})
    model = train_vocabulary(sentences, VocabularyConfig(kind="unigram", size=PIECES))
    (work / "vocabulary.model").write_bytes(model)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    for side, lines in sides.items():
        pieces = processor.encode([line.strip() for line in lines], out_type=str)
        (work / f"train.{side}").write_text("".join(f"{' '.join(each)}\n" for each in pieces), encoding="utf-8")
    # OpenNMT-tf wants its own three special tokens first; it adds the unknown one itself.
    ordinary = [processor.id_to_piece(i) for i in range(6, PIECES)]
    (work / "pieces.txt").write_text("".join(f"{piece}\n" for piece in ["<blank>", "<s>", "</s>", *ordinary]))


def compare(case: Case, work: Path, opennmt: str, arguments: argparse.Namespace) -> None:
    """Run a case on both sides in turns, and print what came out."""
    request = {"work": str(work), "steps": arguments.steps, "batch_tokens": BATCH_TOKENS}
    ours, theirs = [], []
    print(f"\n{case.name}", flush=True)
    for number in range(1, arguments.runs + 1):
        ours.append(
            answer([sys.executable, str(HERE / "training_speed_ours.py"), "train"], {**request, "model": case.ours})
        )
        theirs.append(answer([opennmt, str(HERE / "training_speed_opennmt.py")], {**request, **case.theirs}))
        speeds = ours[-1]["target_tokens_per_second"], theirs[-1]["target_tokens_per_second"]
        print(f"  run {number}: ours {speeds[0]:,.0f}, OpenNMT-tf {speeds[1]:,.0f} target tokens/s", flush=True)
    medians = [statistics.median(each["target_tokens_per_second"] for each in results) for results in (ours, theirs)]
    print(f"  median: ours {medians[0]:,.0f}, OpenNMT-tf {medians[1]:,.0f}; ratio {medians[0] / medians[1]:.2f}")
    work_done = statistics.median(each["gigaflops_per_second"] for each in ours)
    waits = max(each["input_wait_share"] for each in ours)
    sampling = {**request, "model": case.ours, "sampling": True}
    sampled = answer([sys.executable, str(HERE / "training_speed_ours.py"), "train"], sampling)
    print(
        f"  ours, {ours[0]['precision']}: {work_done:.0f} GFLOP/s; waits for its input {waits:.2%} at most,\n"
        f"  with subword sampling of both sides (one run more) {sampled['input_wait_share']:.2%}",
        flush=True,
    )


def _known(case: Case) -> bool:
    """Whether this version of the project has the model's settings."""
    return case.ours.keys() <= ModelConfig.model_fields.keys()


def answer(command: list[str], request: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a process that must succeed prints as its last line."""
    finished = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=False)
    if finished.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{finished.stderr[-4000:]}")
    answer: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    sys.exit(main())
