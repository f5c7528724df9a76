"""Two scores that sacreBLEU does not have, written as its metrics are, so that they add up and are tested as those."""

from collections.abc import Sequence
from typing import Any, Final, final

from sacrebleu.metrics.base import Metric, Score, Signature
from typing_extensions import override

_PERCENT: Final = 100.0


class _PlainMetric(Metric):
    """Sums of two numbers a sentence: the score is the first in percent, or in parts, of the second."""

    _SIGNATURE_TYPE: type[Signature]
    _label: str
    _scale: float

    @override
    def _aggregate_and_compute(self, stats: Sequence[Sequence[int]]) -> Score:
        return self._compute_score_from_stats([sum(column) for column in zip(*stats, strict=True)])

    @override
    def _compute_score_from_stats(self, stats: Sequence[float]) -> Score:
        return Score(self._label, self._scale * float(stats[0]) / float(stats[1]) if stats[1] else 0.0)

    @override
    def _preprocess_segment(self, sent: str) -> str:
        return " ".join(sent.split())

    @override
    def _extract_reference_info(self, refs: Sequence[str]) -> dict[str, Any]:
        return {"references": list(refs)}


class ExactMatchSignature(Signature):
    """Says that case counts and the amount of white space does not."""

    def __init__(self, args: dict[str, Any]) -> None:
        super().__init__(args)
        self.info.update({"case": "mixed", "space": "normalised"})


@final
class ExactMatch(_PlainMetric):
    """Percentage of translations that are, but for the amount of white space, one of their references."""

    _SIGNATURE_TYPE = ExactMatchSignature
    _label, _scale = "exact match", _PERCENT

    @override
    def _compute_segment_statistics(self, hypothesis: str, ref_kwargs: dict[str, Any]) -> list[int]:
        return [int(hypothesis in ref_kwargs["references"]), 1]


class LengthRatioSignature(Signature):
    """Says that lengths are those of characters, against the closest reference."""

    def __init__(self, args: dict[str, Any]) -> None:
        super().__init__(args)
        self.info.update({"unit": "character", "against": "closest"})


@final
class LengthRatio(_PlainMetric):
    """Characters of the translations, divided by those of the references that are closest in length."""

    _SIGNATURE_TYPE = LengthRatioSignature
    _label, _scale = "length ratio", 1.0

    @override
    def _compute_segment_statistics(self, hypothesis: str, ref_kwargs: dict[str, Any]) -> list[int]:
        length = len(hypothesis)
        closest = min(map(len, ref_kwargs["references"]), key=lambda other: (abs(other - length), other))
        return [length, closest]
