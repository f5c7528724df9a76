"""From the train split to the vocabulary's files."""

import hashlib
import json
import logging
from pathlib import Path
from typing import NamedTuple

from seq2seq_tfx.components.example_files import example_files
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.vocabulary.files import MODEL_FILE, SUMMARY_FILE
from seq2seq_tfx.components.vocabulary.sentences import SentenceSample, read_sentences
from seq2seq_tfx.components.vocabulary.settings import VocabularySettings
from seq2seq_tfx.components.vocabulary.train import train_vocabulary
from seq2seq_tfx.schemas.features import SPLITS

logger = logging.getLogger(__name__)


class VocabularySummary(NamedTuple):
    """What `vocabulary.json` says of the model."""

    sha256: str
    size: int
    kind: str
    languages: str


def build_vocabulary(settings: VocabularySettings, examples_uri: str, directory: Path) -> VocabularySummary:
    """Train the vocabulary on both sides of the train split and write it.

    Args:
        settings: Kind, size, normalisation.
        examples_uri: The splits.
        directory: Where `vocabulary.model` and `vocabulary.json` are written.

    Raises:
        CorpusError: If the corpus does not allow for a vocabulary of that size.
    """
    config = settings.vocabulary
    sample = SentenceSample(config.sample_sentences)
    sample.add_all(read_sentences(example_files(examples_uri, SPLITS[0]), settings.normalisation))
    sentences = sample.sentences()
    logger.info(
        "vocabulary: training %s pieces (%s) on %s different sentences",
        f"{config.size:,}",
        config.kind,
        f"{len(sentences):,}",
    )
    model = train_vocabulary(sentences, config)
    languages = f"{settings.languages.source} {settings.languages.target}"
    summary = VocabularySummary(hashlib.sha256(model).hexdigest(), config.size, config.kind, languages)
    write_atomically(directory / MODEL_FILE, model)
    write_atomically(directory / SUMMARY_FILE, json.dumps(summary._asdict(), sort_keys=True).encode())
    return summary
