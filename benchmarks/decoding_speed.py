"""Decoding speed of this project's engines and of OpenNMT-tf 2.32: same pairs, vocabulary, sizes and beams, in one run.

Usage: python benchmarks/decoding_speed.py FOLDER [--updates N] [--sentences N] [--sample N] [--only NAME] [--work DIR]
       (FOLDER: train, val, test_2016_flickr as .en.gz and .de.gz; OpenNMT-tf goes into an environment of its own)

Ours is trained for so many updates that its translations end by themselves. Then every engine translates distinct
sentences: ours all of them, OpenNMT-tf every so many-th, once for each batch size, as `opennmt_inference.py` tells.
Ours are given text and leave out loading and a first call. With --work, what was trained is kept and used again.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from opennmt_inference import Search, Speed, every, fastest, opennmt_python, opennmt_speeds, show, write_pieces
from training_speed import BATCH_TOKENS, CASES, HERE, PIECES, Case, answer

from seq2seq_tfx.components.translation.locating import read_export_record
from seq2seq_tfx.components.versions import EXPORT_FILE

SEQ2SEQ: Final = Path(sys.executable).parent / "seq2seq"
BEAMS, MAX_LENGTH = 4, 100
SPLITS: Final = {"train": "train", "val": "eval", "test_2016_flickr": "test"}
FLOAT32, BFLOAT16 = "float32", "bfloat16"
ENGINES: Final = {
    "transformer": ("saved_model", "saved_model bfloat16", "int8", "float32"),
    "gru": ("saved_model", "saved_model bfloat16"),
}
"""A SavedModel computes in float32 where nothing else is said; the others are CTranslate2's."""
WANTED: Final = {"saved_model": 2.0, "saved_model bfloat16": 2.0, "int8": 5.0}
"""Times OpenNMT-tf's speed."""


def main() -> int:
    """Train, translate, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--updates", type=int, default=600)
    parser.add_argument("--sentences", type=int, default=20_000)
    parser.add_argument("--sample", type=int, default=2_000, help="sentences that OpenNMT-tf translates")
    parser.add_argument("--only", choices=list(ENGINES))
    parser.add_argument("--work", type=Path)
    arguments = parser.parse_args()
    opennmt = opennmt_python()
    with tempfile.TemporaryDirectory() as folder:
        work = (arguments.work or Path(folder)).absolute()
        for case in CASES:
            if case.name in ENGINES and arguments.only in (None, case.name):
                compare(case, work / case.name, opennmt, arguments)
    return 0


def compare(case: Case, work: Path, opennmt: str, arguments: argparse.Namespace) -> None:
    """Run all engines on one model's sizes, and print what came out."""
    print(f"\n{case.name}", flush=True)
    exports = {each: train_ours(case, work, arguments, each) for each in (FLOAT32, BFLOAT16)}
    lines = distinct_lines(arguments.folder, arguments.sentences)
    (work / "all.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    sample = every(lines, arguments.sample)
    write_pieces(exports[FLOAT32] / "vocabulary.model", training_text(arguments.folder), sample, work)
    ours: list[Speed] = []
    lengths: dict[str, list[int]] = {}
    for engine in ENGINES[case.name]:
        export = exports[BFLOAT16 if engine.endswith(BFLOAT16) else FLOAT32]
        speed, lengths[engine] = translate_ours(export, engine, work / "all.txt")
        ours.append(speed)
        show(speed)
    search = Search(BEAMS, every(lengths["saved_model"], arguments.sample))
    theirs = opennmt_speeds(opennmt, case.theirs, search, work)
    for speed in theirs:
        show(speed)
    best = fastest(theirs)
    for speed in ours:
        ratio = speed.sentences_per_second / best.sentences_per_second
        wanted = f", wanted {WANTED[speed.name]:.0f}" if speed.name in WANTED else ""
        print(f"  {speed.name} beside {best.name}: {ratio:.2f}{wanted}")


def train_ours(case: Case, work: Path, arguments: argparse.Namespace, compute_type: str) -> Path:
    """The export of a pipeline's run whose SavedModel computes in that; a run that is there already is used."""
    work.mkdir(parents=True, exist_ok=True)
    training = {
        "max_steps": arguments.updates, "batch_tokens": BATCH_TOKENS, "validation_steps": arguments.updates,
        "warmup_steps": min(400, arguments.updates // 2), "checkpoint_steps": arguments.updates, "average": 1,
    }  # fmt: skip
    config = {
        "name": "decoding-speed",
        "languages": {"source": "en", "target": "de"},
        "corpora": [
            {"name": name, "split": split, **{side: str(arguments.folder.absolute() / f"{name}.{code}.gz")
                                              for side, code in (("source", "en"), ("target", "de"))}}
            for name, split in SPLITS.items()
        ],
        "vocabulary": {"size": PIECES},
        "model": case.ours,
        "training": training,
        "decoding": {"beam_size": BEAMS, "max_length": MAX_LENGTH},
        "export": {"compute_type": compute_type, "max_bleu_loss": 100.0},  # all are timed, whatever they lose
    }  # fmt: skip
    path = work / "pipeline.yaml"
    path.write_text(json.dumps(config))  # JSON is YAML
    subprocess.run([str(SEQ2SEQ), "run", str(path), "--to", "export", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    folders = [artifact / "Format-Serving" for artifact in (work / "work/artifacts/export/exported_model").iterdir()]
    fitting = [each for each in folders if computed_in(each) == compute_type]
    return max(fitting, key=lambda folder: int(folder.parent.name))


def computed_in(export: Path) -> str | None:
    """What an export's SavedModel computes in; None if a kill left it unfinished."""
    if not (export / EXPORT_FILE).exists():
        return None
    compute_type: str = read_export_record(export).get("saved_model", {}).get("compute_type", FLOAT32)
    return compute_type


def distinct_lines(folder: Path, count: int) -> list[str]:
    """The first sentences of the source that are not empty, each once."""
    lines = gzip.decompress((folder / "train.en.gz").read_bytes()).decode().splitlines()
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))[:count]


def training_text(folder: Path) -> dict[str, list[str]]:
    """Both sides of the training pairs."""
    return {
        side: gzip.decompress((folder / f"train.{side}.gz").read_bytes()).decode().splitlines() for side in ("en", "de")
    }


def translate_ours(export: Path, engine: str, source: Path) -> tuple[Speed, list[int]]:
    """One engine in a process of its own; and the lengths of all translations, in subwords."""
    request: dict[str, Any] = {"export": str(export), "engine": engine.split()[0], "source": str(source)}
    found = answer([sys.executable, str(HERE / "decoding_speed_ours.py")], request)
    lengths, seconds = found["lengths"], found["seconds"]
    tokens = sum(lengths)
    return Speed(engine, len(lengths) / seconds, tokens / seconds, tokens / len(lengths)), lengths


if __name__ == "__main__":
    sys.exit(main())
