"""Groups of test sentences that get scores of their own: which ones a sentence belongs to."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from seq2seq_tfx.components.evaluation.translated import Translated
from seq2seq_tfx.schemas.config.evaluation import EvaluationConfig
from seq2seq_tfx.schemas.errors import InputError
from seq2seq_tfx.schemas.features import CORPUS, DOMAIN, SOURCE_LENGTH

RARE_WORDS: Final = "rare_words"
PATTERN: Final = "pattern"

_WORD: Final = re.compile(r"[^\W\d_]+")
_MUCH: Final = 0.25
_WITHOUT_WORDS: Final = "no words"

Slices = Mapping[str, tuple[str, ...]]
"""Column to the values that a sentence has there: none or one, of `pattern` any number."""


def slices_of(sentence: Translated, config: EvaluationConfig, rare: frozenset[str] | None) -> Slices:
    """The slices that a sentence belongs to, column by column, in the configured order.

    Args:
        sentence: One of the test set.
        config: Which slices there are.
        rare: The words of the test set that are rare in training (`rare_words`); None where that is not known.

    Example:
        >>> sentence = Translated("a/1", "Hallo", ("Hallo",), "Hello?", {"corpus": "a"})
        >>> slices_of(sentence, EvaluationConfig(patterns={"questions": "[?]$"}), None)
        {'corpus': ('a',), 'domain': (), 'source_length': ('1-40',), 'pattern': ('questions',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for column in dict.fromkeys((CORPUS.name, *config.slices)):
        if column == SOURCE_LENGTH.name:
            length = int(sentence.features.get(column, len(sentence.source)))
            found[column] = (_band(length, config.source_length_bounds),)
        elif column == RARE_WORDS:
            found[column] = () if rare is None else (_rare_share(sentence.source, rare),)
        else:
            value = sentence.features.get(column, "")
            found[column] = (value,) if value else ()
    if config.patterns:
        matching = (name for name, pattern in config.patterns.items() if re.search(pattern, sentence.source))
        found[PATTERN] = tuple(matching)
    return found


def rare_words(test_sources: Iterable[str], training_sources: Iterable[str], below: int) -> frozenset[str]:
    """The words of a test set that stand in the training sources fewer than `below` times.

    Memory grows with the test set, not with the training set: other words are not counted.

    Args:
        test_sources: All sources of the test set.
        training_sources: All sources of the training set; read once.
        below: As `evaluation.rare_below`.

    Example:
        >>> sorted(rare_words(["a red dog"], ["The dog", "A dog", "a cat"], below=2))
        ['red']
    """
    counts: Counter[str] = Counter()
    wanted = {word for source in test_sources for word in _words(source)}
    for source in training_sources:
        counts.update(word for word in _words(source) if word in wanted)
    return frozenset(word for word in wanted if counts[word] < below)


def require_columns(sentences: Sequence[Translated], config: EvaluationConfig) -> None:
    """See that the configured slices can be cut.

    Raises:
        InputError: If a column is no feature of any test sentence, or a pattern is no regular expression.
    """
    known = {name for sentence in sentences for name in sentence.features}
    built_in = {CORPUS.name, DOMAIN.name, SOURCE_LENGTH.name, RARE_WORDS}
    unknown = [name for name in config.slices if name not in known | built_in]
    if unknown and sentences:
        raise InputError(
            f"evaluation.slices must name features of the test sentences ({', '.join(sorted(known | built_in))}), "
            f"got {', '.join(unknown)}; take it away"
        )
    for name, pattern in config.patterns.items():
        try:
            re.compile(pattern)
        except re.error as error:
            raise InputError(
                f"evaluation.patterns.{name} must be a regular expression, got {pattern!r} ({error}); mend it"
            ) from error


def _words(source: str) -> list[str]:
    return _WORD.findall(source.casefold())


def _band(length: int, bounds: Sequence[int]) -> str:
    lowest = 1
    for bound in sorted(bounds):
        if length <= bound:
            return f"{lowest}-{bound}"
        lowest = bound + 1
    return f"{lowest}-"


def _rare_share(source: str, rare: frozenset[str]) -> str:
    words = _words(source)
    if not words:
        return _WITHOUT_WORDS
    share = sum(word in rare for word in words) / len(words)
    return "none" if share == 0 else "up to 1/4" if share <= _MUCH else "above 1/4"
