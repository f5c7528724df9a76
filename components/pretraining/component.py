"""The pre-training stage as a TFX component."""

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter
from tfx.types.standard_artifacts import Examples, ModelRun

from seq2seq_tfx.components.artifacts import MonolingualSentences, PretrainedEncoder, Vocabulary
from seq2seq_tfx.components.pretraining.executor import Executor


class PretrainerSpec(ComponentSpec):
    """Transformed examples, a vocabulary, and monolingual sentences where there are such, in, an encoder out."""

    PARAMETERS = {"settings": ExecutionParameter(type=str), "code_version": ExecutionParameter(type=str)}
    INPUTS = {
        "examples": ChannelParameter(type=Examples),
        "monolingual": ChannelParameter(type=MonolingualSentences, optional=True),
        "vocabulary": ChannelParameter(type=Vocabulary),
    }
    OUTPUTS = {
        "pretrained_encoder": ChannelParameter(type=PretrainedEncoder),
        "model_run": ChannelParameter(type=ModelRun),
    }


class Pretrainer(BaseComponent):
    """Single sentences, of the train split and of monolingual corpora, to the layers that translation begins with.

    Outputs:
        pretrained_encoder: `weights.npz`, `pretrained.json`, `training.json` and the vocabulary.
        model_run: TensorBoard's event files and `metrics.jsonl`.

    Args:
        examples: Splits train and eval, transformed.
        vocabulary: The SentencePiece model.
        settings: `PretrainingSettings` as JSON.
        code_version: Hash of what the stage computes with.
        monolingual: Further sentences.
    """

    SPEC_CLASS = PretrainerSpec
    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(
        self,
        examples: BaseChannel,
        vocabulary: BaseChannel,
        settings: str,
        code_version: str,
        monolingual: BaseChannel | None = None,
    ) -> None:
        super().__init__(
            spec=PretrainerSpec(
                examples=examples,
                monolingual=monolingual,
                vocabulary=vocabulary,
                settings=settings,
                code_version=code_version,
                pretrained_encoder=Channel(type=PretrainedEncoder),
                model_run=Channel(type=ModelRun),
            )
        )
