"""What a folder of weights says about itself: enough to build the model that they belong to."""

from typing import Final, Literal

from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.section import Section

DESCRIPTION_FILE: Final = "settings.json"
TRAINING_FILE: Final = "training.json"
PRETRAINED_FILE: Final = "pretrained.json"
PRETRAINED_WEIGHTS: Final = "weights.npz"


class ModelDescription(Section):
    """Contents of `settings.json` beside the weights."""

    model: ModelConfig
    """The architecture."""
    vocabulary_size: int
    """Number of tokens, the special ones included; the target's where the sides have a vocabulary each."""
    source_vocabulary_size: int | None = None
    """The source's where it has a vocabulary of its own, hence an embedding of its own."""
    vocabulary_sha256: str
    """Of the SentencePiece model's file, or of both files together."""
    exported: Literal["averaged", "best", "last", "moving_average"] = "averaged"
    """Which of the weights are exported."""

    @property
    def exported_weights(self) -> str:
        """Their file, relative to the folder."""
        return f"weights/{self.exported}.npz"


class PretrainedDescription(Section):
    """Contents of `pretrained.json` beside the weights of a pre-trained encoder."""

    model: ModelConfig
    """The architecture of the translation model that can begin with it."""
    objective: Literal["masked", "causal"]
    """What it was taught."""
    vocabulary_size: int
    """Number of tokens, the special ones included."""
    vocabulary_sha256: str
    """Of the vocabulary, as of `ModelDescription`."""
    weights_sha256: str
    """Of `weights.npz`."""
