"""What the push stage receives of the configuration."""

from seq2seq_tfx.schemas.config.push import PushConfig
from seq2seq_tfx.schemas.config.section import Section


class PushSettings(Section):
    """Where versions go, and whose they are."""

    push: PushConfig
    name: str
    """The pipeline's name, the model card's title."""
