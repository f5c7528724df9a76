"""What the validation stage receives."""

from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.config.validation import ValidationConfig


class ValidationSettings(Section):
    """The declared settings of validation."""

    validation: ValidationConfig
