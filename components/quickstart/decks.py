"""Random choice that stays balanced: a deck gives every card once before it gives any card again."""

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar, final

Card = TypeVar("Card")


@final
class Deck(Generic[Card]):
    """Cards drawn in random order, shuffled again when all have been drawn.

    Args:
        cards: At least one card; one that is given twice is drawn twice as often.
        generator: Where the order comes from.
    """

    def __init__(self, cards: Iterable[Card], generator: random.Random) -> None:
        self._cards = list(cards)
        if not self._cards:
            raise ValueError("a deck must hold at least one card, got none")
        self._generator = generator
        self._drawn = len(self._cards)

    def draw(self) -> Card:
        """The next card."""
        if self._drawn == len(self._cards):
            self._generator.shuffle(self._cards)
            self._drawn = 0
        self._drawn += 1
        return self._cards[self._drawn - 1]


@final
class DeckByKey(Generic[Card]):
    """One deck for each key, made when the key is first used.

    Args:
        cards_of: The cards of a key.
        generator: Where the order of all of them comes from.
    """

    def __init__(self, cards_of: Callable[[str], Iterable[Card]], generator: random.Random) -> None:
        self._cards_of, self._generator = cards_of, generator
        self._decks: dict[str, Deck[Card]] = {}

    def draw(self, key: str) -> Card:
        """The next card of the key's deck."""
        if key not in self._decks:
            self._decks[key] = Deck(self._cards_of(key), self._generator)
        return self._decks[key].draw()


def weighted(weights: Mapping[Card, int]) -> list[Card]:
    """Each card as many times as its weight."""
    return [card for card, weight in weights.items() for _ in range(weight)]
