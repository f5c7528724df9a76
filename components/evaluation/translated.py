"""One sentence of a test set as a model translated it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from seq2seq_tfx.schemas.features import TRUNCATED


@dataclass(frozen=True)
class Translated:
    """One sentence as a model translated it."""

    pair_id: str
    translation: str
    references: tuple[str, ...]
    source: str = ""
    features: Mapping[str, str] = field(default_factory=dict)
    """Every other feature that has one value, as text: corpus, domain, measures."""

    @property
    def truncated(self) -> bool | None:
        """Whether the translation was cut; None where the decoder did not say."""
        return None if TRUNCATED.name not in self.features else self.features[TRUNCATED.name] not in ("0", "")
