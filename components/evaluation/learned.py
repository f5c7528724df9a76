"""Metrics that users bring along, as a class named in the configuration: COMET, say. Nothing is downloaded here."""

import importlib
import math
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from seq2seq_tfx.schemas.errors import InputError, WorkError


@runtime_checkable
class LearnedMetric(Protocol):
    """What such a class must have; it is made without arguments, once a run."""

    def signature(self) -> str:
        """Everything that decides the scores: name, version, checkpoint. Scores with other ones are not compared."""

    def scores(
        self, sources: Sequence[str], translations: Sequence[str], references: Sequence[Sequence[str]]
    ) -> Sequence[float]:
        """One number a sentence, higher is better; the score of a test set is their mean."""


def load_learned(name: str, path: str) -> LearnedMetric:
    """Make the metric that a setting names.

    Args:
        name: The setting's name of it, for messages.
        path: Dotted path of a class, as in `my_package.comet.Comet`.

    Raises:
        InputError: If there is no such class here, or it has not what a metric must have.
    """
    setting = f"evaluation.learned.{name}"
    module, _, class_name = path.rpartition(".")
    try:
        made: Any = getattr(importlib.import_module(module), class_name)()
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise InputError(
            f"{setting} must be the dotted path of a class that can be made without arguments, got {path!r} ({error}); "
            "install its package, or mend the path"
        ) from error
    if not isinstance(made, LearnedMetric):
        raise InputError(
            f"{setting} must be a class with the methods `signature` and `scores` of "
            f"{__name__}.LearnedMetric, got {path!r}; add them"
        )
    return made


def learned_scores(
    name: str,
    metric: LearnedMetric,
    sources: Sequence[str],
    translations: Sequence[str],
    references: Sequence[Sequence[str]],
) -> list[float]:
    """One score a sentence.

    Raises:
        WorkError: If the metric gives another number of scores, or something that is no number.
    """
    scores = [float(score) for score in metric.scores(sources, translations, references)]
    if len(scores) != len(translations) or not all(map(math.isfinite, scores)):
        bad = sum(not math.isfinite(score) for score in scores)
        raise WorkError(
            f"evaluation.learned.{name} must give one finite number a sentence, got {len(scores):,} numbers for "
            f"{len(translations):,} sentences, {bad:,} of them not finite; mend the class"
        )
    return scores
