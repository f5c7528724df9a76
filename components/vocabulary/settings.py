"""What the vocabulary stage receives."""

from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.config.vocabulary import Symbol, VocabularyConfig


class PretrainedFile(Section):
    """A given SentencePiece model, known by its content."""

    path: str
    """Where it lies, absolute."""
    sha256: str
    """Hex digest of its bytes."""


class VocabularySettings(Section):
    """The declared settings of the vocabulary. No seed: nothing in it is drawn at random."""

    vocabulary: VocabularyConfig
    languages: Languages
    normalisation: NormalisationConfig
    tags: tuple[Symbol, ...] = ()
    """The tags of corpora, which are symbols too."""
    pretrained_files: tuple[PretrainedFile, ...] = ()
    """The files that `vocabulary.pretrained` names: none, one for both sides, or the source's and the target's."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every text that is to be one piece, each once."""
        return tuple(dict.fromkeys((*self.vocabulary.symbols, *self.tags)))
