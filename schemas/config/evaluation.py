"""Section `evaluation`: how translations are scored, checked, and grouped into slices."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Name, Section
from seq2seq_tfx.schemas.config.text_checks import TEXT_CHECKS, TextCheck

Quality = Literal["bleu", "chrf", "chrf++", "ter", "exact_match"]
"""Scores that say how good a translation is."""
Metric = Literal["bleu", "chrf", "chrf++", "ter", "exact_match", "length_ratio"]


class EvaluationConfig(Section):
    """How translations are scored, checked, and grouped into slices."""

    metrics: Annotated[tuple[Metric, ...], Field(min_length=1)] = (
        "bleu",
        "chrf",
        "chrf++",
        "ter",
        "exact_match",
        "length_ratio",
    )
    """Scores, each kept with its signature; the first four by sacreBLEU."""
    tokenizer: Literal["auto", "13a", "intl", "zh", "ja-mecab", "ko-mecab", "char", "none"] = "auto"
    """BLEU's tokeniser; auto follows the target language."""
    slices: tuple[Name, ...] = ("corpus", "domain", "source_length")
    """Groups of sentences with scores of their own: corpus, domain, source_length, rare_words, or another feature."""
    source_length_bounds: tuple[Annotated[int, Field(ge=1)], ...] = (40, 80, 160)
    """Where slices by source length end, in characters."""
    rare_below: Annotated[int, Field(ge=1)] = 5
    """For slices by rare words: a word is rare if the training sources hold it fewer times than this."""
    patterns: dict[Name, str] = {}
    """Slices of your own: name to regular expression; the sentences in whose source it is found."""
    checks: tuple[TextCheck, ...] = TEXT_CHECKS
    """What is looked for in each translation."""
    other_languages: tuple[str, ...] = ()
    """Languages, besides the two, that a translation may wrongly be in."""
    learned: dict[Name, str] = {}
    """Metrics of your own: name to dotted path of a class, as in `my_package.comet.Comet`."""
