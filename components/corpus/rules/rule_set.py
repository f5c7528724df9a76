"""The rules that a configuration turns on, tried on pairs one by one or in batches."""

from collections.abc import Iterator, Sequence
from typing import Final, final

from seq2seq_tfx.components.corpus.rules.batch import Batch
from seq2seq_tfx.components.corpus.rules.rule import Check, Rule
from seq2seq_tfx.components.corpus.rules.table import RULES
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.languages import Languages

_BATCH_CHARACTERS: Final = 1 << 18


@final
class RuleSet:
    """The rules that are on, in the order of `table.RULES`.

    Holds compiled expressions and language models, so each process makes its own.

    Args:
        rules: Those that are on.

    Example:
        >>> rules = RuleSet.of(CleaningConfig(), Languages(source="en", target="de"))
        >>> rules.first_broken("a dog", " "), rules.first_broken("a dog", "ein Hund")
        ('empty', None)
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self.names: tuple[str, ...] = tuple(rule.name for rule in rules)

    @classmethod
    def of(cls, config: CleaningConfig, languages: Languages) -> "RuleSet":
        """The rules that a configuration turns on.

        Raises:
            InputError: If language identification is on and cannot work.
        """
        rules = []
        for name, entry in RULES.items():
            given = getattr(config, name)
            if given is None or given is False or given == ():
                continue
            check = entry if isinstance(entry, Check) else entry(config, languages)
            rules.append(Rule(name, 0.0 if given is True or isinstance(given, tuple) else given, check))
        return cls(rules)

    def first_broken(self, source: str, target: str) -> str | None:
        """The first rule that a pair breaks; None for a clean one."""
        return next((rule.name for rule in self._rules if rule.is_broken(source, target)), None)

    def broken_rows(self, sources: Sequence[str], targets: Sequence[str]) -> list[str | None]:
        """`first_broken` of many pairs, several times as fast.

        Args:
            sources: Source texts.
            targets: Their translations, as many.

        Returns:
            The first rule that each pair breaks, or None.

        Raises:
            ValueError: If there are not as many targets as sources.
        """
        if len(sources) != len(targets):
            raise ValueError(f"as many targets as sources are needed, got {len(sources)} and {len(targets)}")
        verdicts: list[str | None] = []
        for start, end in _pieces(sources, targets):
            verdicts += self._broken_in(sources[start:end], targets[start:end])
        return verdicts

    def _broken_in(self, sources: Sequence[str], targets: Sequence[str]) -> list[str | None]:
        if len(sources) == 1:  # it may be a very long one: most of its rules then need no look
            return [self.first_broken(sources[0], targets[0])]
        verdicts: list[str | None] = [None] * len(sources)
        batch = Batch(sources, targets)
        for rule in self._rules:
            for row in rule.suspects(batch).tolist():
                if verdicts[row] is None and rule.is_broken(sources[row], targets[row]):
                    verdicts[row] = rule.name
        return verdicts


def _pieces(sources: Sequence[str], targets: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where batches start and end: of so many characters that memory is bounded and caches are warm, or of one pair."""
    start, characters = 0, 0
    for row in range(len(sources)):
        size = len(sources[row]) + len(targets[row])
        if row > start and characters + size > _BATCH_CHARACTERS:
            yield start, row
            start, characters = row, 0
        characters += size
    if start < len(sources):
        yield start, len(sources)
