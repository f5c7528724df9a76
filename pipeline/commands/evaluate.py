"""`seq2seq evaluate`: translates a test set with any model, scores, checks and compares as the pipeline does.

With `--score` it translates nothing: it says how probable the model finds each reference.
"""

import argparse
import json
import logging
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq_tfx.schemas.features import TRUNCATED

if TYPE_CHECKING:
    from seq2seq_tfx.components.evaluation.plain import Report
    from seq2seq_tfx.components.gate.decide import Decision
    from seq2seq_tfx.components.gate.settings import GateSettings
    from seq2seq_tfx.components.translation.engine import Translation

logger = logging.getLogger(__name__)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("evaluate", help="score and check a model on a test set; compare it")
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
    parser.add_argument("--against", metavar="MODEL", help="compare with this one, and say what the gate would decide")
    parser.add_argument("--tokenizer", metavar="T", help="BLEU's tokeniser; by default as the model's pipeline has it")
    parser.add_argument(
        "--score",
        action="store_true",
        help="score the references instead: print the model's log-probability of each, a line a sentence",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Translate, score, check, compare, print."""
    from seq2seq_tfx.components.evaluation.plain import evaluate_texts
    from seq2seq_tfx.components.evaluation.scoring import require_tokenizer, tokenizer_for
    from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
    from seq2seq_tfx.components.evaluation.translated import Translated
    from seq2seq_tfx.components.gate.versions_compared import judge_texts
    from seq2seq_tfx.components.translation.locating import find_export

    export = find_export(Path(arguments.model))
    if arguments.score:
        return _score_references(export, arguments)
    other = None if arguments.against is None else find_export(Path(arguments.against))
    settings = _settings(export, arguments.tokenizer)
    require_tokenizer(tokenizer_for(settings.evaluation.tokenizer, settings.languages.target))
    sources, references = _read(arguments.source, arguments.reference)
    translations = _translated(export, sources)
    sentences = [
        Translated(str(number), translation.text, of, source, _said_of(translation))
        for number, (source, translation, of) in enumerate(zip(sources, translations, references, strict=True))
    ]
    report = evaluate_texts(sentences, EvaluationSettings(evaluation=settings.evaluation, languages=settings.languages))
    baseline = None if other is None else [each.text for each in _translated(other, sources)]
    decision = judge_texts(sentences, report, baseline, settings)
    if arguments.json:
        print(json.dumps(_document(export, other, report, decision), ensure_ascii=False, indent=1))
    else:
        print(_text(report, decision, len(sources)))
    return 0


def _score_references(export: Path, arguments: argparse.Namespace) -> int:
    from seq2seq_tfx.components.evaluation.given_translations import score_pairs
    from seq2seq_tfx.components.progress import Progress
    from seq2seq_tfx.components.translation.locating import read_export_record, translation_settings
    from seq2seq_tfx.pipeline import screen

    sources, references = _read(arguments.source, arguments.reference)
    pairs = [(source, each) for source, of_sentence in zip(sources, references, strict=True) for each in of_sentence]
    scores: list[float] = []
    screen.quieten()
    with screen.ours_only(Path(os.devnull)):
        progress = Progress("scoring", total=len(pairs), unit="pairs")
        for score in score_pairs(export, pairs, translation_settings(export).batch_size):
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


def _settings(export: Path, tokenizer: str | None) -> "GateSettings":
    """Scores and policy as the version's pipeline has them; the defaults for a bare export."""
    from pydantic import ValidationError

    from seq2seq_tfx.components.gate.settings import GateSettings
    from seq2seq_tfx.schemas.errors import InputError

    config = _recorded_config(export)
    languages = {"source": "und", "target": "und", **config.get("languages", {})}
    evaluation = _evaluation(config)
    try:
        return GateSettings.model_validate(
            {
                "evaluation": evaluation if tokenizer is None else {**evaluation, "tokenizer": tokenizer},
                "gate": config.get("gate", {}),
                "languages": languages,
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        if tokenizer is not None and first["loc"] == ("evaluation", "tokenizer"):
            raise InputError(f"--tokenizer must be {first['ctx']['expected']}, got {tokenizer!r}") from error
        where = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{export / 'provenance.json'} must hold settings that this program knows, but {where}: {first['msg']}; "
            "evaluate with the program that made the version"
        ) from error


def _evaluation(config: dict[str, Any]) -> dict[str, Any]:
    """Slices that need more than two texts, and checks of unknown languages, fall away by themselves."""
    evaluation = dict(config.get("evaluation", {}))
    if "slices" in evaluation:
        evaluation["slices"] = [name for name in evaluation["slices"] if name in ("corpus", "domain", "source_length")]
    return evaluation


def _recorded_config(export: Path) -> dict[str, Any]:
    """The configuration that a pushed version was made with; of a bare export, nothing is known."""
    try:
        provenance: dict[str, Any] = json.loads((export / "provenance.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    config: dict[str, Any] = provenance.get("config", {})
    return config


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


def _said_of(translation: "Translation") -> dict[str, str]:
    """The features that the Translator stage would have stored."""
    return {} if translation.truncated is None else {TRUNCATED.name: str(int(translation.truncated))}


def _translated(export: Path, sources: list[str]) -> list["Translation"]:
    from seq2seq_tfx.components.progress import Progress
    from seq2seq_tfx.components.translation.engine import load_engine
    from seq2seq_tfx.components.translation.locating import read_export_record, translation_settings
    from seq2seq_tfx.pipeline import screen

    screen.quieten()
    found = []
    with screen.ours_only(Path(os.devnull)):
        progress = Progress("translating", total=len(sources), unit="sentences")
        defaults = translation_settings(export)
        engine = load_engine(export, read_export_record(export), defaults.engine, defaults.batch_size)
        for translation in engine.translate(sources):
            found.append(translation)
            progress.advance_to(len(found))
    return found


def _document(export: Path, other: Path | None, report: "Report", decision: "Decision") -> dict[str, Any]:
    from seq2seq_tfx.components.evaluation.scores import POOL

    pool = [score for score in report.scores if score.slice == POOL]
    document: dict[str, Any] = {
        **_named(export),
        "sentences": len(report.judged),
        "scores": {each.metric: {"value": each.value, "signature": each.signature} for each in pool},
        "slices": [asdict(each) for each in report.scores if each.slice != POOL],
        "failures": [asdict(each) for each in report.failures],
        "verdict": "blessed" if decision.blessed else "refused",
        "reasons": decision.reasons,
    }
    if other is not None:
        document["against"] = {**_named(other), "differences": [asdict(each) for each in decision.differences]}
    return document


def _named(export: Path) -> dict[str, str]:
    from seq2seq_tfx.components.translation.locating import read_export_record

    return {"model": str(export), "export_id": str(read_export_record(export)["export_id"])}


def _text(report: "Report", decision: "Decision", sentences: int) -> str:
    from seq2seq_tfx.components.evaluation.scores import POOL
    from seq2seq_tfx.pipeline.results import score_table
    from seq2seq_tfx.pipeline.verdicts import decision_text

    failed = [(each.check, f"{each.failed:,} of {each.sentences:,}") for each in report.failures if each.slice == POOL]
    said = {
        "verdict": "blessed" if decision.blessed else "refused",
        "reasons": decision.reasons,
        "differences": [asdict(each) for each in decision.differences],
    }
    return "\n\n".join(
        [
            score_table([asdict(each) for each in report.scores]),
            "failed checks: " + ", ".join(f"{check} {count}" for check, count in failed),
            decision_text(said),
            f"on {sentences:,} sentences",
        ]
    )
