"""What the translations stage receives."""

from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.config.translation import TranslationConfig


class TranslationSettings(Section):
    """How translation is batched; search settings are inside the export."""

    translation: TranslationConfig
