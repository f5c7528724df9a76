"""What the transform stage receives."""

from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.config.section import Section


class TransformSettings(Section):
    """The declared settings of Transform."""

    languages: Languages
    normalisation: NormalisationConfig
