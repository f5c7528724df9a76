"""How an engine is used, besides search settings, which are the export's; what it says besides a translation."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

Device: TypeAlias = Literal["cpu", "cuda"]


class Manner(NamedTuple):
    """What is asked of an engine, and where it computes."""

    n_best: int = 1
    """Translations of each sentence."""
    alignments: bool = False
    """Whether it says which subwords belong together."""
    invariant: bool = False
    """Whether CTranslate2 computes each sentence alone, so that it depends on no other; the SavedModel's never do."""
    device: Device | None = None
    """None: a processor for CTranslate2, TensorFlow's own choice for the SavedModel."""


PLAIN: Final = Manner()
"""The best translation alone."""


class Alternative(NamedTuple):
    """A translation that is not the best."""

    text: str
    score: float


class Alignment(NamedTuple):
    """Which subwords of a source and of its translation belong together."""

    links: tuple[tuple[int, int], ...] = ()
    """Number of a subword of the source, and of one of the translation, both from 0, in the translation's order."""
    source_pieces: tuple[str, ...] = ()
    """The source's subwords, without its end mark."""
    pieces: tuple[str, ...] = ()
    """The translation's."""


def links_of(attention: Sequence[Sequence[float]]) -> tuple[tuple[int, int], ...]:
    """For each subword of a translation the source subword that it looks at most, the first of equal ones.

    Args:
        attention: A row for each subword of the translation, a column for each of the source, its end mark left out:
            what a row lacks to 1 is the end mark's. A row that looks there most has no link.

    Example:
        >>> links_of([[0.2, 0.7], [0.1, 0.1]])
        ((1, 0),)
    """
    return tuple(_links(attention))


def _links(attention: Sequence[Sequence[float]]) -> Iterator[tuple[int, int]]:
    for place, row in enumerate(attention):
        most = max(row, default=0.0)
        if row and most >= 1.0 - sum(row):
            yield list(row).index(most), place


def different(hypotheses: Sequence[Alternative], most: int) -> tuple[Alternative, ...]:
    """The hypotheses without those whose text a better one has, and at most so many.

    Args:
        hypotheses: The best first.
        most: How many are wanted.
    """
    texts: dict[str, Alternative] = {}
    for each in hypotheses:
        texts.setdefault(each.text, each)
    return tuple(texts.values())[:most]
