"""How the family's members translate Multi30k en-de: a pipeline each, chosen on val alone, judged on test_2016_flickr.

Usage: python benchmarks/multi30k_quality.py FOLDER --work DIR [--only LINE]... [--table]
       (FOLDER: train, val, test_2016_flickr as .en.gz and .de.gz; DIR: where runs stay. The same command goes on with
       runs that were stopped; --table prints what is finished and runs nothing)

Each line of the table is a configuration in DIR and `seq2seq run` on it. Its minutes are the wall time of that command
from raw text to pushed model, summed over resumptions; at its budget a run is stopped and has no place in the table.
A finished line's figures are written to docs/results/multi30k, a file a line, so that DIR may go. Prints the table of
all lines there in Markdown, and draws their learning curves beside them.
"""

import argparse
import gzip
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import sacrebleu
import sacremoses
from learning_curves import Curve, draw
from sacrebleu.metrics.base import Metric

SEQ2SEQ: Final = Path(sys.executable).parent / "seq2seq"
SPLITS: Final = {"train": "train", "val": "eval", "test_2016_flickr": "test"}
SIDES: Final = {"source": "en", "target": "de"}
TEST: Final = "test_2016_flickr"
RECORDS: Final = Path(__file__).parents[1] / "docs" / "results" / "multi30k"
RESAMPLINGS: Final = 1000
SPENT: Final = "spent.json"
RESULT: Final = "result.json"
TRANSLATIONS: Final = "test.de"
METRICS: Final[dict[str, Metric]] = {
    "as the literature": sacrebleu.BLEU(tokenize="none", force=True),
    "cased": sacrebleu.BLEU(),
    "chrF": sacrebleu.CHRF(),
}
"""The first gets text as `as_literature` makes it."""


class Line(NamedTuple):
    """One line of the table."""

    title: str
    model: dict[str, Any]
    updates: int
    minutes: float
    """The budget, for all that its pipeline does."""
    training: dict[str, Any] = {}
    others: dict[str, Any] = {}
    """Other sections."""
    seed: int = 1


RNN: Final = {"family": "rnn", "layers": 1, "width": 512, "embedding": 256, "dropout": 0.4}
RNN_TRAINING: Final = {"learning_rate": 2.0e-3, "warmup_steps": 200}
TINY: Final = {"learning_rate": 5.0e-3, "warmup_steps": 800}
WIDE: Final = {"learning_rate": 3.0e-3, "warmup_steps": 600}
BERT: Final = {
    "pretraining": {"objective": "masked", "max_steps": 1500, "warmup_steps": 300, "max_length": 128},
}

LINES: Final = {
    "lstm": Line("LSTM, no attention", {**RNN, "cell": "lstm", "attention": "none"}, 2000, 50, RNN_TRAINING),
    "gru": Line("GRU, no attention", {**RNN, "cell": "gru", "attention": "none"}, 2000, 50, RNN_TRAINING),
    "gru-bahdanau": Line("GRU, Bahdanau", {**RNN, "cell": "gru", "attention": "bahdanau"}, 2000, 50, RNN_TRAINING),
    "lstm-luong": Line("LSTM, Luong", {**RNN, "cell": "lstm", "attention": "luong_general"}, 2000, 50, RNN_TRAINING),
    "bert": Line("BERT variant, tiny", {"preset": "bert_tiny"}, 2500, 50, WIDE, BERT),
    "gpt": Line("GPT variant, tiny", {"preset": "gpt_tiny"}, 2500, 50, WIDE),
    **{
        f"transformer-{seed}": Line(
            "Transformer tiny", {"preset": "transformer_tiny", "dropout": 0.2}, 5000, 100, TINY, seed=seed
        )
        for seed in (1, 2, 3)
    },
}


def main() -> int:
    """Run what is not finished, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", action="append", choices=list(LINES))
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    for name in arguments.only or LINES:
        if not arguments.table:
            run(name, arguments.folder.absolute(), arguments.work.absolute() / name)
    show()
    return 0


def show() -> None:
    """Print what is finished, and draw it."""
    records = {name: RECORDS / f"{name}.json" for name in LINES}
    finished = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in records.items() if path.exists()}
    table = [HEAD, RULE, *(row(record) for record in finished.values())]
    table += ["", "Each line again, in the table's order:", ""]
    table += [f"    python benchmarks/multi30k_quality.py FOLDER --work DIR --only {name}" for name in finished]
    signatures = {name: each["signature"] for record in finished.values() for name, each in record["scores"].items()}
    table += ["", *(f"{name}: `{signature}`" for name, signature in signatures.items())]
    print("\n".join(table))
    draw([Curve(name, [*map(tuple, record["curve"])]) for name, record in finished.items()], RECORDS / "curves.svg")


def configuration(line: Line, folder: Path) -> dict[str, Any]:
    """A pipeline's configuration; `folder` has the raw files."""
    return {
        "name": "multi30k-quality",
        "languages": {"source": "en", "target": "de"},
        "seed": line.seed,
        "corpora": [
            {"name": name, "split": split, **{side: str(folder / f"{name}.{code}.gz") for side, code in SIDES.items()}}
            for name, split in SPLITS.items()
        ],
        "vocabulary": {"size": 8000},
        "model": line.model,
        "training": {
            "max_steps": line.updates, "batch_tokens": 4096, "max_length": 128, "schedule": "cosine", "average": 4,
            "checkpoint_steps": 100, "validation_steps": 200, "validation": {"metric": "bleu", "max_length": 60},
            **line.training,
        },
        "decoding": {"strategy": "beam", "beam_size": 5, "max_length": 100},
        "gate": {"max_failures": {}},  # the weak ones' translations repeat themselves; scores are what is compared
        **line.others,
    }  # fmt: skip


def run(name: str, folder: Path, directory: Path) -> None:
    """Run a line's pipeline, or go on with it, for what is left of its budget; then translate the test set."""
    line = LINES[name]
    directory.mkdir(parents=True, exist_ok=True)
    config = directory / "pipeline.yaml"
    config.write_text(json.dumps(configuration(line, folder), indent=2), encoding="utf-8")  # JSON is YAML
    if not (directory / RESULT).exists():
        print(f"{name}: {spent(directory) / 60:.1f} of {line.minutes:.0f} minutes are used", flush=True)
        result = run_for(config, 60.0 * line.minutes)
        if result is None:
            return
        (directory / RESULT).write_text(result, encoding="utf-8")
    pushed = json.loads((directory / RESULT).read_text(encoding="utf-8"))["pushed"]
    translate = [SEQ2SEQ, "translate", "--quiet", "--model", pushed, "--input", folder / f"{TEST}.en.gz"]
    subprocess.run([*map(str, translate), "--output", str(directory / TRANSLATIONS)], check=True)
    RECORDS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures(line, folder, directory), indent=1)
    (RECORDS / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


def run_for(config: Path, budget: float) -> str | None:
    """`seq2seq run --json` until all resumptions together have taken `budget` seconds; None if that was too short."""
    before, started = spent(config.parent), time.monotonic()
    with (config.parent / "run.log").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            [str(SEQ2SEQ), "run", str(config), "--json"], stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            output = wait(process, config.parent, before, started, budget)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait()
    if output is None:
        print(f"{config.parent.name}: stopped, its budget is used up")
    elif process.returncode:
        raise SystemExit(f"{config}: `seq2seq run` must end with 0, it ended with {process.returncode}; see run.log")
    return output


def wait(process: "subprocess.Popen[str]", directory: Path, before: float, started: float, budget: float) -> str | None:
    """Note the time every few seconds, so that a kill loses little of the count."""
    while True:
        used = before + time.monotonic() - started
        (directory / SPENT).write_text(json.dumps(used), encoding="utf-8")
        try:
            return process.communicate(timeout=5.0)[0]
        except subprocess.TimeoutExpired:
            if used >= budget:
                return None


def spent(directory: Path) -> float:
    """Seconds of wall time that a line has had."""
    path = directory / SPENT
    return float(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else 0.0


HEAD: Final = (
    "| model | seed | parameters | updates | minutes | val BLEU | BLEU, as the literature | BLEU, cased 13a | chrF |"
)
RULE: Final = "|---|---|---|---|---|---|---|---|---|"


def row(record: dict[str, Any]) -> str:
    """A finished line in Markdown."""
    scores = [f"{each['score']:.2f} ± {each['interval']:.2f}" for each in record["scores"].values()]
    cells = [
        record["title"], str(record["seed"]), f"{record['parameters']:,}", f"{record['updates']:,}",
        f"{record['minutes']:.1f}", f"{record['val_bleu']:.2f}", *scores,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def figures(line: Line, folder: Path, directory: Path) -> dict[str, Any]:
    """A finished line's figures."""
    trained = training_record(directory)
    references = lines_of(folder / f"{TEST}.de.gz")
    translations = (directory / TRANSLATIONS).read_text(encoding="utf-8").splitlines()
    as_there = [[as_literature(text) for text in texts] for texts in (translations, references)]
    minutes = trained["wall_seconds"] / 60 / trained["steps"]
    return {
        "title": line.title,
        "seed": line.seed,
        "commit": revision(),
        "parameters": trained["parameters"],
        "updates": trained["steps"],
        "minutes": round(spent(directory) / 60, 2),
        "val_bleu": trained["scores"][-1]["score"],
        "scores": {
            name: scored(metric, *(as_there if name == "as the literature" else (translations, references)))
            for name, metric in METRICS.items()
        },
        "curve": [[round(minutes * each["step"], 2), round(each["score"], 2)] for each in trained["scores"]],
    }


def revision() -> str:
    """The commit that this is."""
    command = ["git", "-C", str(RECORDS.parent), "rev-parse", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def scored(metric: Metric, translations: list[str], references: list[str]) -> dict[str, Any]:
    """A score, the half width of its 95% bootstrap interval, and the signature."""
    score = metric.corpus_score(translations, [references], n_bootstrap=RESAMPLINGS)
    return {"score": score.score, "interval": score._ci, "signature": str(metric.get_signature())}


NORMALISER: Final = sacremoses.MosesPunctNormalizer("de")
TOKENISER: Final = sacremoses.MosesTokenizer("de")


def as_literature(text: str) -> str:
    """Lower-cased, normalised and tokenised by Moses' rules."""
    return str(TOKENISER.tokenize(NORMALISER.normalize(text.lower()), return_str=True, escape=False))


def training_record(directory: Path) -> dict[str, Any]:
    """What the training stage recorded."""
    newest = max((directory / "work/artifacts/training/model").iterdir(), key=lambda path: int(path.name))
    record: dict[str, Any] = json.loads((newest / "Format-Serving/training.json").read_text(encoding="utf-8"))
    return record


def lines_of(path: Path) -> list[str]:
    """A gzip file's lines."""
    return gzip.decompress(path.read_bytes()).decode().splitlines()


if __name__ == "__main__":
    sys.exit(main())
