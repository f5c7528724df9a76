"""`seq2seq evaluate`: translates a test set with any model and scores it as the pipeline does. Imports no TFX.

With `--score` it translates nothing: it says how probable the model finds each reference.
"""

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seq2seq_tfx.components.evaluation.scoring import MetricValue
    from seq2seq_tfx.schemas.config.evaluation import Metric


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("evaluate", help="score a model on a test set: BLEU, chrF, TER")
    parser.add_argument(
        "--model", required=True, metavar="MODEL", help="a pushed version, the folder of versions, or an export"
    )
    parser.add_argument("--source", required=True, metavar="FILE", help="sentences, one a line; plain or .gz")
    parser.add_argument(
        "--reference",
        required=True,
        nargs="+",
        metavar="FILE",
        help="their translations, line by line; one or more files",
    )
    parser.add_argument(
        "--tokenizer", default="auto", metavar="T", help="BLEU's tokeniser; by default it follows the target language"
    )
    parser.add_argument(
        "--score",
        action="store_true",
        help="score the references instead: print the model's log-probability of each, a line a sentence",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Translate, score, print."""
    from seq2seq_tfx.components.evaluation.scoring import require_tokenizer, score_all, tokenizer_for
    from seq2seq_tfx.components.translation.locating import find_export, read_export_record

    export = find_export(Path(arguments.model))
    if arguments.score:
        return _score_references(export, arguments)
    config = _config(arguments.tokenizer)
    language = _target_language(export)
    require_tokenizer(tokenizer_for(config.tokenizer, language))
    sources, references = _read(arguments.source, arguments.reference)
    scores = score_all(_translated(export, sources), references, config, language)
    if arguments.json:
        document = {
            "model": str(export),
            "export_id": read_export_record(export)["export_id"],
            "sentences": len(sources),
            "scores": {name: {"value": each.value, "signature": each.signature} for name, each in scores.items()},
        }
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        print(_table(scores, len(sources)))
    return 0


def _score_references(export: Path, arguments: argparse.Namespace) -> int:
    from seq2seq_tfx.components.evaluation.given_translations import score_pairs
    from seq2seq_tfx.components.progress import Progress
    from seq2seq_tfx.components.translation.locating import read_export_record
    from seq2seq_tfx.pipeline import screen

    sources, references = _read(arguments.source, arguments.reference)
    pairs = [(source, each) for source, of_sentence in zip(sources, references, strict=True) for each in of_sentence]
    scores: list[float] = []
    screen.quieten()
    with screen.ours_only(Path(os.devnull)):
        progress = Progress("scoring", total=len(pairs), unit="pairs")
        for score in score_pairs(export, pairs, _BATCH_SIZE):
            scores.append(score)
            progress.advance_to(len(scores))
    files = len(arguments.reference)
    rows = [scores[start : start + files] for start in range(0, len(scores), files)]
    if arguments.json:
        document = {
            "model": str(export),
            "export_id": read_export_record(export)["export_id"],
            "sentences": len(sources),
            "log_probabilities": rows,
            "means": [sum(column) / len(column) for column in zip(*rows, strict=True)],
        }
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        print("\n".join("\t".join(f"{score:.6f}" for score in row) for row in rows))
    return 0


def _config(tokenizer: str) -> Any:
    from pydantic import ValidationError

    from seq2seq_tfx.schemas.config.evaluation import EvaluationConfig
    from seq2seq_tfx.schemas.errors import InputError

    try:
        return EvaluationConfig.model_validate({"tokenizer": tokenizer})
    except ValidationError as error:
        expected = error.errors()[0]["ctx"]["expected"]
        raise InputError(f"--tokenizer must be {expected}, got {tokenizer!r}") from error


def _target_language(export: Path) -> str:
    """The target language that a pushed version knows of itself; of a bare export, nothing is known."""
    try:
        provenance: dict[str, Any] = json.loads((export / "provenance.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(provenance.get("config", {}).get("languages", {}).get("target", ""))


def _read(source: str, references: list[str]) -> tuple[list[str], list[tuple[str, ...]]]:
    from seq2seq_tfx.components.translation.lines import read_lines
    from seq2seq_tfx.schemas.errors import InputError

    sources = list(read_lines([source]))
    streams = [list(read_lines([path])) for path in references]
    if not sources:
        raise InputError(f"{source} must hold a sentence a line, got an empty file")
    for path, lines in zip(references, streams, strict=True):
        if len(lines) != len(sources):
            raise InputError(
                f"every reference must have as many lines as the source: {source} has {len(sources):,}, "
                f"{path} has {len(lines):,}; export both sides together again"
            )
    return sources, list(zip(*streams, strict=True))


def _translated(export: Path, sources: list[str]) -> list[str]:
    from seq2seq_tfx.components.progress import Progress
    from seq2seq_tfx.components.translation.engine import load_engine
    from seq2seq_tfx.components.translation.locating import read_export_record, translation_settings
    from seq2seq_tfx.pipeline import screen

    screen.quieten()
    texts = []
    with screen.ours_only(Path(os.devnull)):
        progress = Progress("translating", total=len(sources), unit="sentences")
        defaults = translation_settings(export)
        engine = load_engine(export, read_export_record(export), defaults.engine, defaults.batch_size)
        for translation in engine.translate(sources):
            texts.append(translation.text)
            progress.advance_to(len(texts))
    return texts


def _table(scores: "dict[Metric, MetricValue]", sentences: int) -> str:
    from seq2seq_tfx.components.evaluation.scoring import NAMES

    lines = [f"{NAMES[metric]:<4}  {each.value:6.2f}  {each.signature}" for metric, each in scores.items()]
    return "\n".join([*lines, f"on {sentences:,} sentences"])
