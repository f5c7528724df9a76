"""The part of the configuration that the training stage receives."""

from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.config.training import TrainingConfig


class InitialWeights(Section):
    """Weights to start with, known by their content."""

    path: str
    """The export's folder, absolute."""
    weights_sha256: str
    """Of the file with the exported weights."""


class PretrainedStart(Section):
    """How a model begins with a pre-trained encoder."""

    decoder: bool
    """Whether the decoder begins with it, too."""
    given: InitialWeights | None = None
    """The folder that `pretraining.take_from` names; without one, the pipeline's own stage makes it."""


class TrainingSettings(Section):
    """Everything that the weights depend on, beside the data, the vocabulary and the code."""

    languages: Languages
    """The two sides."""
    model: ModelConfig
    """The architecture."""
    training: TrainingConfig
    """The loop."""
    seed: int
    """Initial values, order of pairs and dropout follow from it."""
    initial_weights: InitialWeights | None = None
    """What `training.initialise_from` names."""
    pretrained: PretrainedStart | None = None
    """Given where the section pretraining says so."""
