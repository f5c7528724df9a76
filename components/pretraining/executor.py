"""The pre-training stage's TFX executor: parse, call, write."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from typing_extensions import override

from seq2seq_tfx.components.example_files import split_directory, split_files
from seq2seq_tfx.components.files import work_directory
from seq2seq_tfx.components.pretraining.settings import PretrainingSettings
from seq2seq_tfx.components.pretraining.stage import PretrainingInputs, PretrainingOutputs, pretrain
from seq2seq_tfx.schemas.features import SIDES, SPLITS


@final
class Executor(BaseExecutor):
    """Reads `examples`, `vocabulary` and any `monolingual`; writes `pretrained_encoder` and `model_run`."""

    @override
    def Do(
        self,
        input_dict: Mapping[str, Sequence[Artifact]],
        output_dict: Mapping[str, Sequence[Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        """Pre-train.

        Raises:
            InputError: If no sentence is short enough.
            WorkError: If interrupted, or if a loss is not finite.
        """
        settings = PretrainingSettings.from_json(exec_properties["settings"])
        examples, vocabulary = (
            artifact_utils.get_single_uri(list(input_dict[key])) for key in ("examples", "vocabulary")
        )
        monolingual = [each.uri for each in input_dict.get("monolingual", ())]
        encoder, run = (
            artifact_utils.get_single_instance(list(output_dict[key])) for key in ("pretrained_encoder", "model_run")
        )
        identity = examples, vocabulary, *monolingual, exec_properties["settings"], exec_properties["code_version"]
        pretrain(
            PretrainingInputs(
                train_files=_files(examples, SPLITS[0]),
                eval_files=_files(examples, SPLITS[1]),
                vocabulary=Path(vocabulary),
                sentence_files=[[file for uri in monolingual for file in split_files(uri, side)] for side in SIDES],
            ),
            settings,
            PretrainingOutputs(
                encoder=Path(encoder.uri), logs=Path(run.uri), work=work_directory(encoder.uri, *identity)
            ),
        )
        encoder.objective = settings.pretraining.objective


def _files(examples: str, split: str) -> list[str]:
    return sorted(map(str, split_directory(examples, split).glob("transformed_examples-*.gz")))
