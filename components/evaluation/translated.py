"""One sentence of a test set as a model translated it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_TRUNCATED: Final = "truncated"
"""A feature of 0 or 1 where the decoder says whether it stopped at its length limit."""


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
        """Whether the decoder stopped at its length limit; None where it did not say."""
        return None if _TRUNCATED not in self.features else self.features[_TRUNCATED] not in ("0", "")
