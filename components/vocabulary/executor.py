"""The vocabulary stage's TFX executor: parse, call, write."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from typing_extensions import override

from seq2seq_tfx.components.vocabulary.settings import VocabularySettings
from seq2seq_tfx.components.vocabulary.stage import build_vocabulary


class Executor(BaseExecutor):
    """Trains the vocabulary of `examples`."""

    @override
    def Do(
        self,
        input_dict: Mapping[str, Sequence[Artifact]],
        output_dict: Mapping[str, Sequence[Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        """Write `vocabulary` and its properties.

        Raises:
            CorpusError: If the corpus does not allow for a vocabulary of that size.
            InputError: If a given model is none, or has changed.
        """
        settings = VocabularySettings.from_json(exec_properties["settings"])
        examples_uri = artifact_utils.get_single_uri(list(input_dict["examples"]))
        monolingual = [each.uri for each in input_dict.get("monolingual", ())]
        vocabulary = artifact_utils.get_single_instance(list(output_dict["vocabulary"]))
        summary = build_vocabulary(settings, examples_uri, Path(vocabulary.uri), *monolingual)
        for name in vocabulary.PROPERTIES:
            setattr(vocabulary, name, getattr(summary, name))
