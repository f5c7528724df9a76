"""Runs the stock Evaluator, then writes its scores as plain JSON with sacreBLEU's signatures."""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, final

import tensorflow_model_analysis as tfma
from tfx.components.evaluator import executor as stock
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from tfx.utils import json_utils
from typing_extensions import override

from seq2seq_tfx.components.evaluation import metrics
from seq2seq_tfx.components.evaluation.scores import POOL, Score, pooled, write_scores
from seq2seq_tfx.components.evaluation.scoring import NAMES, Scorer, tokenizer_for
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.schemas.errors import WorkError

logger = logging.getLogger(__name__)


@final
class Executor(stock.Executor):
    """Reads `examples`, writes `evaluation`."""

    @override
    def Do(
        self,
        input_dict: dict[str, list[Artifact]],
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Score one split.

        Args:
            input_dict: `examples`: translations.
            output_dict: `evaluation`: TFMA's results and `scores.json`.
            exec_properties: `settings`, `eval_config`, `example_splits` (one split).

        Raises:
            WorkError: If the split holds no sentence.
        """
        super().Do(input_dict, output_dict, exec_properties)
        (split,) = json_utils.loads(exec_properties["example_splits"])
        folder = Path(artifact_utils.get_single_uri(output_dict["evaluation"]))
        settings = EvaluationSettings.from_json(exec_properties["settings"])
        scores = sorted_scores(tfma.load_metrics(str(folder)), settings, split)
        if not any(score.slice == POOL for score in scores):
            raise WorkError(f"the {split} split must hold a sentence to score, got none; give a corpus for it")
        write_scores(folder, scores)
        found = ", ".join(f"{NAMES[metric]} {each.value:.2f}" for metric, each in pooled(scores).items())
        logger.info("%s sentences of the %s split: %s", f"{scores[0].sentences:,}", split, found)


def sorted_scores(results: Iterable[Any], settings: EvaluationSettings, split: str) -> list[Score]:
    """TFMA's results as scores: all sentences first, then the slices by name.

    Args:
        results: `MetricsForSlice` messages; those of an empty value (a corpus without a domain) are left out.
        settings: What was computed.
        split: Whose sentences they are of.
    """
    found = [score for result in results for score in _scores(result, settings, split)]
    order = settings.evaluation.metrics.index
    return sorted(found, key=lambda score: (score.slice != POOL, score.slice, order(score.metric)))


def _scores(result: Any, settings: EvaluationSettings, split: str) -> Iterator[Score]:
    parts = [(each.column, each.bytes_value.decode()) for each in result.slice_key.single_slice_keys]
    values = {each.key.name: each.value.double_value.value for each in result.metric_keys_and_values}
    if not values.get(metrics.SENTENCES) or any(not value for _, value in parts):
        return
    tokenizer = tokenizer_for(settings.evaluation.tokenizer, settings.languages.target)
    for metric in dict.fromkeys(settings.evaluation.metrics):
        yield Score(
            split=split,
            slice=",".join(f"{column}={value}" for column, value in parts) or POOL,
            metric=metric,
            value=values[metric],
            signature=Scorer(metric, tokenizer).signature(
                int(values[metrics.FEWEST_REFERENCES]), int(values[metrics.MOST_REFERENCES])
            ),
            sentences=int(values[metrics.SENTENCES]),
        )
