"""Section `evaluation`: how translations are scored."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section

Metric = Literal["bleu", "chrf", "ter"]


class EvaluationConfig(Section):
    """How translations are scored."""

    metrics: Annotated[tuple[Metric, ...], Field(min_length=1)] = ("bleu", "chrf", "ter")
    """Scores by sacreBLEU; its signature is kept with each."""
    tokenizer: Literal["auto", "13a", "intl", "zh", "ja-mecab", "ko-mecab", "char", "none"] = "auto"
    """BLEU's tokeniser; auto follows the target language."""
    slices: tuple[Literal["corpus", "domain"], ...] = ("corpus", "domain")
    """Features whose every value gets scores of its own."""
