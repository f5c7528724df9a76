"""TFX's Trainer with vocabulary and pre-trained encoder as declared input channels."""

from tfx.components.trainer.component import Trainer
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.proto import trainer_pb2
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter
from tfx.types.standard_artifacts import Examples, Model, ModelRun, TransformGraph

from seq2seq_tfx.components.artifacts import PretrainedEncoder, Vocabulary
from seq2seq_tfx.components.training.executor import Executor


class ModelTrainerSpec(ComponentSpec):
    """Trainer's inputs and outputs, the vocabulary, and a pre-trained encoder if there is one."""

    PARAMETERS = {
        "train_args": ExecutionParameter(type=trainer_pb2.TrainArgs),
        "eval_args": ExecutionParameter(type=trainer_pb2.EvalArgs),
        "settings": ExecutionParameter(type=str),
        "code_version": ExecutionParameter(type=str),
    }
    INPUTS = {
        "examples": ChannelParameter(type=Examples),
        "transform_graph": ChannelParameter(type=TransformGraph),
        "vocabulary": ChannelParameter(type=Vocabulary),
        "pretrained": ChannelParameter(type=PretrainedEncoder, optional=True),
    }
    OUTPUTS = {"model": ChannelParameter(type=Model), "model_run": ChannelParameter(type=ModelRun)}
    TYPE_ANNOTATION = Trainer.SPEC_CLASS.TYPE_ANNOTATION


class ModelTrainer(BaseComponent):
    """Transformed examples to weights.

    The channels are restated because TFX's Trainer cannot take a vocabulary that another stage made.

    Outputs:
        model: In its serving folder `weights/{averaged,best,last,moving_average}.npz`, `settings.json`,
            `training.json` and the vocabulary.
        model_run: TensorBoard's event files and `metrics.jsonl`.

    Args:
        examples: Splits train and eval, transformed.
        transform_graph: As of TFX's Transform.
        vocabulary: The SentencePiece model.
        pretrained: What the model's layers begin with, if the pipeline pre-trains.
        parameters: `settings` (`TrainingSettings` as JSON) and `code_version` (hash of what the stage computes with).
    """

    SPEC_CLASS = ModelTrainerSpec
    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(
        self,
        examples: BaseChannel,
        transform_graph: BaseChannel,
        vocabulary: BaseChannel,
        pretrained: BaseChannel | None = None,
        **parameters: str,
    ) -> None:
        super().__init__(
            spec=ModelTrainerSpec(
                examples=examples,
                transform_graph=transform_graph,
                vocabulary=vocabulary,
                pretrained=pretrained,
                train_args=trainer_pb2.TrainArgs(splits=["train"]),
                eval_args=trainer_pb2.EvalArgs(splits=["eval"]),
                **parameters,
                model=Channel(type=Model),
                model_run=Channel(type=ModelRun),
            )
        )
