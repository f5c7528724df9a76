"""The vocabulary stage as a TFX component."""

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter
from tfx.types.standard_artifacts import Examples

from seq2seq_tfx.components.artifacts import MonolingualSentences, Vocabulary
from seq2seq_tfx.components.vocabulary.executor import Executor


class VocabularyBuilderSpec(ComponentSpec):
    """Examples, and monolingual sentences where there are such, in, a vocabulary out."""

    PARAMETERS = {"settings": ExecutionParameter(type=str), "code_version": ExecutionParameter(type=str)}
    INPUTS = {
        "examples": ChannelParameter(type=Examples),
        "monolingual": ChannelParameter(type=MonolingualSentences, optional=True),
    }
    OUTPUTS = {"vocabulary": ChannelParameter(type=Vocabulary)}


class VocabularyBuilder(BaseComponent):
    """Trains one SentencePiece vocabulary on both sides of the train split.

    Outputs:
        vocabulary: `Vocabulary`.

    Args:
        examples: The splits; only train is read.
        settings: `VocabularySettings` as JSON.
        code_version: Hash of what the stage computes with.
        monolingual: Sentences to train on too.
    """

    SPEC_CLASS = VocabularyBuilderSpec
    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(
        self, examples: BaseChannel, settings: str, code_version: str, monolingual: BaseChannel | None = None
    ) -> None:
        super().__init__(
            spec=VocabularyBuilderSpec(
                examples=examples,
                monolingual=monolingual,
                settings=settings,
                code_version=code_version,
                vocabulary=Channel(type=Vocabulary),
            )
        )
