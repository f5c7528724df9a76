"""TFX Transform with the vocabulary as a declared input channel."""

from tfx.components.transform.component import Transform
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter
from tfx.types.standard_artifacts import Examples, Schema, TransformGraph

from seq2seq_tfx.components.artifacts import Vocabulary
from seq2seq_tfx.components.preprocessing.executor import Executor


class SubwordTransformSpec(ComponentSpec):
    """Transform's inputs and outputs, and the vocabulary."""

    PARAMETERS = {"settings": ExecutionParameter(type=str), "code_version": ExecutionParameter(type=str)}
    INPUTS = {
        "examples": ChannelParameter(type=Examples),
        "schema": ChannelParameter(type=Schema),
        "vocabulary": ChannelParameter(type=Vocabulary),
    }
    OUTPUTS = {
        "transform_graph": ChannelParameter(type=TransformGraph),
        "transformed_examples": ChannelParameter(type=Examples),
    }
    TYPE_ANNOTATION = Transform.SPEC_CLASS.TYPE_ANNOTATION


class SubwordTransform(BaseBeamComponent):
    """Strings to subword ids.

    The channels are restated because TFX's Transform cannot take a vocabulary that another stage made.

    Outputs:
        transform_graph: As of TFX's Transform.
        transformed_examples: The raw features, with `source_ids` and `target_ids`.

    Args:
        examples: The splits to transform.
        schema: The schema of the raw features.
        vocabulary: The SentencePiece model.
        settings: `TransformSettings` as JSON.
        code_version: Hash of what the stage computes with.
    """

    SPEC_CLASS = SubwordTransformSpec
    EXECUTOR_SPEC = BeamExecutorSpec(Executor)

    def __init__(
        self, examples: BaseChannel, schema: BaseChannel, vocabulary: BaseChannel, settings: str, code_version: str
    ) -> None:
        super().__init__(
            spec=SubwordTransformSpec(
                examples=examples,
                schema=schema,
                vocabulary=vocabulary,
                settings=settings,
                code_version=code_version,
                transform_graph=Channel(type=TransformGraph),
                transformed_examples=Channel(type=Examples),
            )
        )
