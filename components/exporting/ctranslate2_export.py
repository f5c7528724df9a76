"""Writes CTranslate2 folders beside a SavedModel, and keeps those that are proven to say the same.

`equality.json` has the figures. A float32 folder that says something else stops the run; another type that loses too
much BLEU is left out.
"""

import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import sentencepiece

from seq2seq_tfx.components.decoding.layout import MAX_TOKENS
from seq2seq_tfx.components.evaluation.scoring import MetricValue
from seq2seq_tfx.components.exporting.ctranslate2_spec import build_spec, positions_for, write_folder
from seq2seq_tfx.components.exporting.equality import Comparison, Expected, compare, other_pieces
from seq2seq_tfx.components.exporting.eval_bleu import bleu, saved_model_texts, texts_of
from seq2seq_tfx.components.exporting.settings import ExportSettings
from seq2seq_tfx.components.exporting.teacher_forcing import token_log_probs
from seq2seq_tfx.components.files import sha256_of_file, write_atomically
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.models.weights import weights_of
from seq2seq_tfx.components.preprocessing.evaluation_sentences import EvaluationSentence, read_evaluation_sentences
from seq2seq_tfx.components.translation.ctranslate2_engine import CTranslate2Engine, Reading, pieces_of
from seq2seq_tfx.components.translation.engine import CTRANSLATE2_FOLDER
from seq2seq_tfx.components.vocabulary.files import VocabularyModels
from seq2seq_tfx.schemas.config.expressible import obstacle_to_ctranslate2
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.errors import WorkError

logger = logging.getLogger(__name__)

EQUALITY_FILE: Final = "equality.json"
_PROVEN: Final = "float32"
_PREFERENCE: Final = ("int8", "float32", "float16", "bfloat16")
"""Which folder serves first: the fastest on a CPU."""


class Exported(NamedTuple):
    """The SavedModel that was written, and what it was made of."""

    folder: Path
    """Holds `saved_model.pb`."""
    model: Seq2SeqModel
    config: ModelConfig
    vocabulary: VocabularyModels
    settings: ExportSettings


class Verdict(NamedTuple):
    """What `export.json` says about CTranslate2."""

    compute_types: tuple[str, ...]
    """Folders that are there, the one that serves first."""
    reason: str | None = None
    """Why there is none."""


NOTHING_TO_PROVE_ON: Final = Verdict((), "there is no eval sentence to prove it on")


def export_ctranslate2(exported: Exported, eval_files: Sequence[str]) -> Verdict:
    """Write a folder for each storage type under `ctranslate2/`, and prove them.

    Args:
        exported: The SavedModel.
        eval_files: Transformed examples of the eval split.

    Raises:
        WorkError: If the float32 folder does not say what the SavedModel says, or none could be proven though
            `export.ctranslate2` is true.
    """
    settings = exported.settings
    reason = obstacle_to_ctranslate2(exported.config, settings.decoding, shared_vocabulary=exported.vocabulary.shared)
    sentences: list[EvaluationSentence] = []
    if settings.export.ctranslate2 is False:
        reason = "export.ctranslate2 is false"
    if reason is None:
        read = read_evaluation_sentences(eval_files, settings.export.equality_sentences)
        sentences = [each._replace(source_ids=_cut(each.source_ids), target_ids=_cut(each.target_ids)) for each in read]
        reason = None if sentences else NOTHING_TO_PROVE_ON.reason
    if reason is not None:
        if settings.export.ctranslate2 is True:
            raise WorkError(f"export.ctranslate2 true must give a CTranslate2 export, but {reason}; use auto")
        logger.info("export: no CTranslate2 folder (%s); the SavedModel translates", reason)
        return Verdict((), reason)
    _write_folders(exported)
    return _prove(exported, _expected(exported, sentences))


def _cut(ids: list[int]) -> list[int]:
    """What a model reads of a text: at most `MAX_TOKENS` ids, EOS the last."""
    return [*ids[:-1][: MAX_TOKENS - 1], ids[-1]]


def _write_folders(exported: Exported) -> None:
    settings, weights = exported.settings, weights_of(exported.model)
    pieces, positions = _pieces(exported.vocabulary), positions_for(exported.config, MAX_TOKENS, settings.decoding)
    shutil.rmtree(exported.folder / CTRANSLATE2_FOLDER, ignore_errors=True)
    for storage in settings.export.ctranslate2_types:
        spec = build_spec(exported.config, weights, pieces, positions)
        write_folder(spec, storage, exported.vocabulary, exported.folder / CTRANSLATE2_FOLDER / storage)


def _pieces(vocabulary: VocabularyModels) -> tuple[list[str], list[str]]:
    source, target = (
        pieces_of(sentencepiece.SentencePieceProcessor(model_proto=path.read_bytes())) for path in vocabulary
    )
    return source, target


def _expected(exported: Exported, sentences: Sequence[EvaluationSentence]) -> Expected:
    logger.info("export: proving CTranslate2 equal to the SavedModel on %d eval sentences", len(sentences))
    sources, targets = ([each.source_ids for each in sentences], [each.target_ids for each in sentences])
    return Expected(
        sentences=sentences,
        log_probs=token_log_probs(exported.model, sources, targets),
        texts=saved_model_texts(exported.folder, sentences),
    )


def _prove(exported: Exported, expected: Expected) -> Verdict:
    settings = exported.settings
    reading = Reading(settings.decoding, settings.normalisation, settings.languages.source, MAX_TOKENS)
    engines = {
        storage: CTranslate2Engine(exported.folder / CTRANSLATE2_FOLDER / storage, reading)
        for storage in settings.export.ctranslate2_types
    }
    comparison = compare(engines[_PROVEN], expected)
    pieces = _pieces(exported.vocabulary)
    faults = [fault for engine in engines.values() for fault in other_pieces(engine.folder, pieces)]
    if faults := [*faults, *comparison.faults()]:
        raise WorkError(
            f"the CTranslate2 export must say what the SavedModel says on {comparison.sentences} eval sentences, but "
            f"{'; '.join(faults)}; this is a defect of the program: set export.ctranslate2 to false, and the "
            "SavedModel translates"
        )
    scores = {"saved_model": bleu(expected.texts, expected.sentences, settings)}
    for storage, engine in engines.items():
        if storage != _PROVEN:
            scores[storage] = bleu(texts_of(engine, expected.sentences), expected.sentences, settings)
    dropped = _drop_the_worse(exported, scores)
    kept = tuple(name for name in _PREFERENCE if name in engines and name not in dropped)
    _write_equality(exported.folder, comparison, scores, kept)
    logger.info(
        "export: CTranslate2 says what the SavedModel says (%.2f%% of the translations the same, log-probabilities "
        "within %.1g); %s translates",
        100 * comparison.same_share, comparison.largest_difference, kept[0],
    )  # fmt: skip
    return Verdict(kept)


def _drop_the_worse(exported: Exported, scores: Mapping[str, MetricValue]) -> list[str]:
    """Remove the folders that lose too much BLEU, and name them."""
    allowed = exported.settings.export.max_bleu_loss
    losses = {name: scores["saved_model"].value - each.value for name, each in scores.items()}
    dropped = [name for name, loss in losses.items() if loss > allowed]
    for name in dropped:
        logger.warning(
            "export: CTranslate2's %s loses %.2f BLEU (at most %.2f allowed): it is left out",
            name, losses[name], allowed,
        )  # fmt: skip
        shutil.rmtree(exported.folder / CTRANSLATE2_FOLDER / name)
    return dropped


def _write_equality(
    output: Path, comparison: Comparison, scores: Mapping[str, MetricValue], kept: Sequence[str]
) -> None:
    files = [path for name in kept for path in sorted((output / CTRANSLATE2_FOLDER / name).iterdir())]
    document: dict[str, Any] = {
        "sentences": comparison.sentences,
        "reference_tokens": comparison.tokens,
        "largest_log_prob_difference": comparison.largest_difference,
        "same_share": comparison.same_share,
        "ties": comparison.ties,
        "other_translations": comparison.other_translations,
        "bleu": {name: each.value for name, each in scores.items()},
        "bleu_signature": scores["saved_model"].signature,
        "kept": list(kept),
        "sha256": {path.relative_to(output).as_posix(): sha256_of_file(path) for path in files},
    }
    write_atomically(output / EQUALITY_FILE, json.dumps(document, indent=1, sort_keys=True).encode())
