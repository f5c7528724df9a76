"""Which training pairs are dropped, rule by rule. Eval and test pairs are only counted by the same rules."""

from collections.abc import Sequence
from typing import final

from typing_extensions import Self

from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.languages import Languages


@final
class RuleSet:
    """The rules that the settings turn on, in the order in which they speak."""

    def __init__(self, config: CleaningConfig) -> None:
        self._config = config

    @classmethod
    def of(cls, config: CleaningConfig, languages: Languages) -> Self:
        """The rules of these settings."""
        return cls(config)

    @property
    def names(self) -> tuple[str, ...]:
        """Named like the settings of section `cleaning`."""
        return ("empty", "max_characters") if self._config.empty else ("max_characters",)

    def first_broken(self, source: str, target: str) -> str | None:
        """The first rule that a pair breaks; None for a clean one."""
        if self._config.empty and not all(side and not side.isspace() for side in (source, target)):
            return "empty"
        if max(len(source), len(target)) > self._config.max_characters:
            return "max_characters"
        return None

    def broken_rows(self, sources: Sequence[str], targets: Sequence[str]) -> list[str | None]:
        """`first_broken` of many pairs."""
        return [self.first_broken(source, target) for source, target in zip(sources, targets, strict=True)]
