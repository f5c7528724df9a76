"""Runs the stock Evaluator on annotated examples, then writes its scores as plain JSON with their signatures."""

import logging
from pathlib import Path
from typing import Any, final

import tensorflow_model_analysis as tfma
from tfx.components.evaluator import executor as stock
from tfx.types import artifact_utils, standard_artifacts
from tfx.types.artifact import Artifact
from tfx.utils import json_utils
from typing_extensions import override

from seq2seq_tfx.components.evaluation.annotated import annotated_examples
from seq2seq_tfx.components.evaluation.judging import judge_sentences, write_judged
from seq2seq_tfx.components.evaluation.learned import load_learned
from seq2seq_tfx.components.evaluation.results import sorted_failures, sorted_scores
from seq2seq_tfx.components.evaluation.scores import pooled, write_scores
from seq2seq_tfx.components.evaluation.scoring import NAMES
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.components.evaluation.slices import RARE_WORDS, rare_words
from seq2seq_tfx.components.evaluation.translated import Translated
from seq2seq_tfx.components.evaluation.translations import read_sources, read_translations
from seq2seq_tfx.schemas.errors import WorkError

logger = logging.getLogger(__name__)

_EXAMPLES = "examples"
_TRAINING_EXAMPLES = "training_examples"


@final
class Executor(stock.Executor):
    """Reads `examples` and `training_examples`, writes `evaluation`."""

    @override
    def Do(
        self,
        input_dict: dict[str, list[Artifact]],
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Score one split.

        Args:
            input_dict: `examples`: translations; `training_examples`, where slices by rare words are wanted.
            output_dict: `evaluation`: TFMA's results, `scores.json`, `sentences.jsonl`.
            exec_properties: `settings`, `eval_config`, `example_splits` (one split).

        Raises:
            WorkError: If the split holds no sentence.
            InputError: If a slice or a learned metric of the settings is not there.
        """
        (split,) = json_utils.loads(exec_properties["example_splits"])
        folder = Path(artifact_utils.get_single_uri(output_dict["evaluation"]))
        settings = EvaluationSettings.from_json(exec_properties["settings"])
        sentences = read_translations(artifact_utils.get_single_uri(input_dict[_EXAMPLES]), split)
        if not sentences:
            raise WorkError(f"the {split} split must hold a sentence to score, got none; give a corpus for it")
        judged = judge_sentences(sentences, settings, _rare_words(sentences, input_dict, settings))
        with annotated_examples(sentences, judged, settings, split) as uri:
            super().Do({_EXAMPLES: [_annotated(uri, split)]}, output_dict, exec_properties)
        signatures = {name: load_learned(name, path).signature() for name, path in settings.evaluation.learned.items()}
        results = list(tfma.load_metrics(str(folder)))
        scores = sorted_scores(results, settings, split, signatures)
        made = {check for each in judged for check in each.can_fail}
        write_judged(folder, judged)
        write_scores(folder, scores, sorted_failures(results, settings, split, made))
        found = ", ".join(f"{NAMES[metric]} {each.value:.2f}" for metric, each in pooled(scores).items())
        logger.info("%s sentences of the %s split: %s", f"{scores[0].sentences:,}", split, found)


def _rare_words(
    sentences: list[Translated], input_dict: dict[str, list[Artifact]], settings: EvaluationSettings
) -> frozenset[str] | None:
    training = input_dict.get(_TRAINING_EXAMPLES, [])
    if RARE_WORDS not in settings.evaluation.slices or not training:
        return None
    training_sources = (source for artifact in training for source in read_sources(artifact.uri, "train"))
    return rare_words((each.source for each in sentences), training_sources, settings.evaluation.rare_below)


def _annotated(uri: str, split: str) -> Artifact:
    examples = standard_artifacts.Examples()
    examples.uri = uri
    examples.split_names = artifact_utils.encode_split_names([split])
    return examples
