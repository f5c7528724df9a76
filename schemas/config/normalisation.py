"""Section `normalisation`: text normalisation inside the graph."""

from typing import Literal

from seq2seq_tfx.schemas.config.section import Section


class NormalisationConfig(Section):
    """Text normalisation inside the graph, so the same in training and serving.

    Always: what is not UTF-8 becomes U+FFFD; line ends, byte order marks, control characters and invisible ones (soft
    hyphens, zero-width spaces, marks of direction, but not joiners) go; white space is one space.
    """

    unicode: Literal["nfc", "nfkc", "none"] = "nfc"
    """Unicode normalisation form."""
    quotes: bool = False
    """Write curly quotation marks and guillemets as plain ones."""
    punctuation: bool = False
    """Normalise punctuation as Moses' normalize-punctuation does for the side's language."""
