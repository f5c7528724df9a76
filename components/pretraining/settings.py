"""What the pre-training stage receives."""

from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.config.pretraining import PretrainingConfig
from seq2seq_tfx.schemas.config.section import Section


class PretrainingSettings(Section):
    """Everything that the weights depend on, beside the data, the vocabulary and the code."""

    languages: Languages
    """The two sides."""
    model: ModelConfig
    """The architecture of the model that is to begin with them."""
    normalisation: NormalisationConfig
    """Of the sentences of monolingual corpora; those of pairs come as ids."""
    pretraining: PretrainingConfig
    """What is learned, and how long."""
    seed: int
    """Initial values, order of sentences, hidden tokens and dropout follow from it."""

    def as_training(self) -> TrainingSettings:
        """What the training loop takes."""
        training = self.pretraining.as_training()
        return TrainingSettings(languages=self.languages, model=self.model, training=training, seed=self.seed)
