"""Stock TFX Evaluator, without a model: it scores translations that are already made."""

import json
from typing import Final, final

import tensorflow_model_analysis as tfma
from tfx.components.evaluator.component import Evaluator
from tfx.dsl.components.base import executor_spec
from tfx.types.channel import BaseChannel
from tfx.types.component_spec import ChannelParameter
from tfx.types.standard_artifacts import Examples

from seq2seq_tfx.components.evaluation import metrics
from seq2seq_tfx.components.evaluation.annotated import slice_columns, summed_features
from seq2seq_tfx.components.evaluation.executor import Executor
from seq2seq_tfx.components.evaluation.learned import load_learned
from seq2seq_tfx.components.evaluation.scoring import require_tokenizer, tokenizer_for
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.components.stock import add_parameters
from seq2seq_tfx.schemas.features import TARGET, TRANSLATION

SPLIT: Final = "test"
"""The gate reads the test split; the eval split is for early stopping."""


@final
class TranslationEvaluator(Evaluator):
    """Scores the stored translations of the test split: all sentences, and slice by slice.

    Outputs:
        evaluation: `ModelEvaluation` as TFMA writes it, `scores.json` with the scores' signatures and what the checks
            found, `sentences.jsonl` with what is known of each sentence.

    Args:
        examples: Channel of `Examples` with the translations.
        training_examples: Channel of the corpus stage's `Examples`: which words are rare is seen in its train split.
        settings: `EvaluationSettings` as JSON.
        code_version: Hash of the stage's code.

    Raises:
        InputError: If the packages of the tokeniser, or the class of a learned metric, are not installed: found before
            any stage runs.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(
        self, examples: BaseChannel, settings: str, code_version: str, training_examples: BaseChannel | None = None
    ) -> None:
        parsed = EvaluationSettings.from_json(settings)
        for name, path in parsed.evaluation.learned.items():
            load_learned(name, path)
        super().__init__(examples=examples, eval_config=eval_config(parsed), example_splits=[SPLIT])
        if training_examples is not None:
            # The compiler looks the input up in the specification: this component's gets one more than the stock one's.
            one_more = {"training_examples": ChannelParameter(type=Examples, optional=True)}
            self.spec.INPUTS = {**self.spec.INPUTS, **one_more}
            self.spec.inputs["training_examples"] = training_examples
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
    summed = summed_features(settings)
    sums = tfma.MetricConfig(
        class_name=metrics.Sums.__name__, module=metrics.__name__, config=json.dumps({"features": summed})
    )
    slices = slice_columns(settings.evaluation)
    return tfma.EvalConfig(
        model_specs=[tfma.ModelSpec(label_key=TARGET.name, prediction_key=TRANSLATION.name)],
        metrics_specs=[tfma.MetricsSpec(metrics=[*configured, counts, *([sums] if summed else [])])],
        slicing_specs=[tfma.SlicingSpec(), *(tfma.SlicingSpec(feature_keys=[name]) for name in slices)],
        options={"include_default_metrics": {"value": False}},
    )
