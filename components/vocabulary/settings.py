"""What the vocabulary stage receives."""

from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.config.vocabulary import VocabularyConfig


class VocabularySettings(Section):
    """The declared settings of the vocabulary. No seed: nothing in it is drawn at random."""

    vocabulary: VocabularyConfig
    languages: Languages
    normalisation: NormalisationConfig
