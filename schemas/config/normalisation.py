"""Section `normalisation`: text normalisation inside the graph."""

from typing import Literal

from seq2seq_tfx.schemas.config.section import Section


class NormalisationConfig(Section):
    """Text normalisation inside the graph, so the same in training and serving."""

    unicode: Literal["nfc", "nfkc"] = "nfc"
    """Unicode normalisation form."""
