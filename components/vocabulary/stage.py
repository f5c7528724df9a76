"""From the train split, and monolingual sentences, to the vocabulary's files."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from seq2seq_tfx.components.example_files import example_files, split_files
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.vocabulary.figures import SENTENCES, figures_of
from seq2seq_tfx.components.vocabulary.files import (
    MAPPING_FILE,
    SUMMARY_FILE,
    SideFigures,
    VocabularySummary,
    find_models,
    names_of,
)
from seq2seq_tfx.components.vocabulary.pretrained import adopt_model
from seq2seq_tfx.components.vocabulary.sentences import SentenceSample, pooled, read_sentences, read_sides
from seq2seq_tfx.components.vocabulary.settings import VocabularySettings
from seq2seq_tfx.components.vocabulary.train import kind_of, size_of, train_vocabulary
from seq2seq_tfx.schemas.features import SIDES, SPLITS

logger = logging.getLogger(__name__)


def build_vocabulary(
    settings: VocabularySettings, examples_uri: str, directory: Path, monolingual_uri: str | None = None
) -> VocabularySummary:
    """Train the vocabulary on the train split, or adopt a given one, and write it.

    Args:
        settings: Kind, size, normalisation, given models.
        examples_uri: The splits.
        directory: Where the models and `vocabulary.json` are written.
        monolingual_uri: Sentences to train on too, a folder a side.

    Raises:
        CorpusError: If the corpus does not allow for a vocabulary of that size.
        InputError: If a given model is none, or has changed.
    """
    config = settings.vocabulary
    limit = SENTENCES if settings.pretrained_files else config.sample_sentences
    samples = _samples(settings, limit, examples_uri, monolingual_uri)
    models = _adopt(settings, directory) if settings.pretrained_files else _train(settings, samples)
    for name, model in zip(names_of(config.shared), models, strict=True):
        write_atomically(directory / name, model)
    source, target = (
        figures_of(model, pooled([sample], min(SENTENCES, limit)))
        for model, sample in zip((models[0], models[-1]), samples, strict=True)
    )
    summary = VocabularySummary(
        sha256=find_models(directory).sha256,
        size=size_of(models[-1]),
        source_size=None if config.shared else size_of(models[0]),
        kind=kind_of(models[-1]),
        languages=f"{settings.languages.source} {settings.languages.target}",
        source=source,
        target=target,
    )
    write_atomically(directory / SUMMARY_FILE, summary.to_json().encode())
    _report(settings, summary)
    return summary


def _samples(
    settings: VocabularySettings, limit: int, examples_uri: str, monolingual_uri: str | None
) -> tuple[SentenceSample, SentenceSample]:
    """At most so many sentences of each side."""
    samples = SentenceSample(limit), SentenceSample(limit)
    for batch in read_sides(example_files(examples_uri, SPLITS[0]), settings.normalisation, settings.languages):
        for sample, texts in zip(samples, batch, strict=True):
            sample.add_all(texts)
    for side, sample in zip(SIDES, samples, strict=True):
        files = [] if monolingual_uri is None else split_files(monolingual_uri, side)
        for texts in read_sentences(files, settings.normalisation, getattr(settings.languages, side)):
            sample.add_all(texts)
    return samples


def _train(settings: VocabularySettings, samples: Sequence[SentenceSample]) -> list[bytes]:
    """One model of both sides' sentences, or the source's and the target's."""
    config = settings.vocabulary.model_copy(update={"symbols": settings.symbols})
    if config.shared:
        works = [("", config, pooled(samples, config.sample_sentences))]
    else:
        source = config.model_copy(update={"size": config.source_size or config.size})
        languages = settings.languages.source, settings.languages.target
        works = [
            (f" for {language}", of_side, sample.sentences())
            for language, of_side, sample in zip(languages, (source, config), samples, strict=True)
        ]
    models = []
    for whom, of_side, sentences in works:
        logger.info(
            "vocabulary: training %s pieces (%s)%s on %s different sentences",
            f"{of_side.size:,}", of_side.kind, whom, f"{len(sentences):,}",
        )  # fmt: skip
        models.append(train_vocabulary(sentences, of_side))
    return models


def _adopt(settings: VocabularySettings, directory: Path) -> list[bytes]:
    """The given models, made ours; writes how their ids have moved."""
    adopted = [adopt_model(file, settings.symbols) for file in settings.pretrained_files]
    names = names_of(settings.vocabulary.shared)
    mapping = {name: new_ids for name, (_, new_ids) in zip(names, adopted, strict=True)}
    write_atomically(directory / MAPPING_FILE, json.dumps(mapping, separators=(",", ":")).encode())
    return [model for model, _ in adopted]


def _report(settings: VocabularySettings, summary: VocabularySummary) -> None:
    sizes = (summary.source_size, summary.size) if summary.source_size else (summary.size,)
    logger.info(
        "vocabulary: %s %s pieces; %s %s; %s %s",
        " and ".join(f"{size:,}" for size in sizes), summary.kind,
        settings.languages.source, _shown(summary.source),
        settings.languages.target, _shown(summary.target),
    )  # fmt: skip


def _shown(figures: SideFigures) -> str:
    return (
        f"{figures.fertility:.2f} pieces a word, {figures.coverage:.2%} of characters covered, "
        f"{figures.unknown_share:.2%} of pieces unknown"
    )
