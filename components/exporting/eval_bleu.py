"""How well eval sentences are translated: what a smaller arithmetic loses is measured in BLEU on them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from seq2seq_tfx.components.evaluation.scoring import MetricValue, Scorer, tokenizer_for
from seq2seq_tfx.components.exporting.settings import ExportSettings
from seq2seq_tfx.components.preprocessing.evaluation_sentences import EvaluationSentence
from seq2seq_tfx.components.translation.engine import Engine
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine

_SENTENCES_AT_ONCE: Final = 512


def saved_model_texts(export: Path, sentences: Sequence[EvaluationSentence]) -> list[str]:
    """What the SavedModel of an export says."""
    return texts_of(SavedModelEngine(export, _SENTENCES_AT_ONCE), sentences)


def texts_of(engine: Engine, sentences: Sequence[EvaluationSentence]) -> list[str]:
    """The sentences' translations by an engine."""
    return [translation.text for translation in engine.translate([each.source for each in sentences])]


def bleu(texts: Sequence[str], sentences: Sequence[EvaluationSentence], settings: ExportSettings) -> MetricValue:
    """BLEU of the sentences' translations."""
    tokenizer = tokenizer_for("auto", settings.languages.target)
    # A loss shows with any tokeniser; MeCab's packages may be missing.
    scorer = Scorer("bleu", "char" if tokenizer.endswith("mecab") else tokenizer)
    return scorer.score(texts, [each.references for each in sentences])
