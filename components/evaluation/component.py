"""Stock TFX Evaluator, without a model: it scores translations that are already made."""

import json
from typing import Final, final

import tensorflow_model_analysis as tfma
from tfx.components.evaluator.component import Evaluator
from tfx.dsl.components.base import executor_spec
from tfx.types.channel import BaseChannel

from seq2seq_tfx.components.evaluation import metrics
from seq2seq_tfx.components.evaluation.executor import Executor
from seq2seq_tfx.components.evaluation.scoring import require_tokenizer, tokenizer_for
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.components.stock import add_parameters
from seq2seq_tfx.schemas.features import CORPUS, TARGET, TRANSLATION

SPLIT: Final = "test"
"""The gate reads the test split; the eval split is for early stopping."""


@final
class TranslationEvaluator(Evaluator):
    """Scores the stored translations of the test split: all sentences, and slice by slice.

    Outputs:
        evaluation: `ModelEvaluation` as TFMA writes it, and `scores.json` with sacreBLEU's signatures.

    Args:
        examples: Channel of `Examples` with the translations.
        settings: `EvaluationSettings` as JSON.
        code_version: Hash of the stage's code.

    Raises:
        InputError: If the packages of the tokeniser are not installed: found before any stage runs.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(self, examples: BaseChannel, settings: str, code_version: str) -> None:
        config = eval_config(EvaluationSettings.from_json(settings))
        super().__init__(examples=examples, eval_config=config, example_splits=[SPLIT])
        add_parameters(self, settings=settings, code_version=code_version)
        del self.spec.outputs["blessing"]  # the gate gives the only one


def eval_config(settings: EvaluationSettings) -> tfma.EvalConfig:
    """What TFMA computes: the configured metrics on all sentences, on each corpus, and on each further slice.

    Raises:
        InputError: If the packages of the tokeniser are not installed.
    """
    tokenizer = tokenizer_for(settings.evaluation.tokenizer, settings.languages.target)
    if "bleu" in settings.evaluation.metrics:
        require_tokenizer(tokenizer)
    config = json.dumps({"tokenizer": tokenizer})
    configured = [
        tfma.MetricConfig(class_name=metrics.CLASS_NAMES[metric], module=metrics.__name__, config=config)
        for metric in dict.fromkeys(settings.evaluation.metrics)
    ]
    counts = tfma.MetricConfig(class_name=metrics.Counts.__name__, module=metrics.__name__)
    slices = dict.fromkeys((CORPUS.name, *settings.evaluation.slices))
    return tfma.EvalConfig(
        model_specs=[tfma.ModelSpec(label_key=TARGET.name, prediction_key=TRANSLATION.name)],
        metrics_specs=[tfma.MetricsSpec(metrics=[*configured, counts])],
        slicing_specs=[tfma.SlicingSpec(), *(tfma.SlicingSpec(feature_keys=[name]) for name in slices)],
        options={"include_default_metrics": {"value": False}},
    )
