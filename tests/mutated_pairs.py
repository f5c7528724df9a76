"""Pairs spoilt in the ways that cleaning rules look for, so that every rule has pairs to drop and pairs to keep."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Final

Spoil = Callable[[random.Random, str, str], tuple[str, str]]


def _tags(draw: random.Random, source: str, target: str) -> tuple[str, str]:
    tag = draw.choice(("b", "i", 'a href="x"', "br/", "DIV", "g id='3'"))
    return f"<{tag}>{source}", target


def _repeats(draw: random.Random, source: str, target: str) -> tuple[str, str]:
    words = target.split()
    place = draw.randrange(len(words) + 1)
    part = " ".join(words[place : place + draw.randrange(1, 4)])
    return source, " ".join([*words[:place], *[part] * draw.randrange(1, 6), *words[place:]])


def _digits(draw: random.Random, source: str, target: str) -> tuple[str, str]:
    first, second = (str(draw.randrange(10 ** draw.randrange(1, 7))) for _ in range(2))
    return f"{source} {first}", f"{target} {draw.choice((first, second, first[::-1], ''))}"


def _copies(draw: random.Random, source: str, target: str) -> tuple[str, str]:
    letters = list(source)
    for _ in range(draw.randrange(6)):
        letters[draw.randrange(len(letters))] = draw.choice("abcxyz ,.")
    return source, "".join(letters)


def _cuts(draw: random.Random, source: str, target: str) -> tuple[str, str]:
    words = target.split()
    return source, " ".join(words[: draw.randrange(1, len(words) + 1)])


def _glues(draw: random.Random, source: str, target: str) -> tuple[str, str]:
    return source.replace(" ", "", draw.randrange(1, 20)), target


def _marks(draw: random.Random, source: str, target: str) -> tuple[str, str]:
    return source + draw.choice(".?!…") * draw.randrange(8), target.replace(" ", draw.choice("?!. "), draw.randrange(4))


def _scripts(draw: random.Random, source: str, target: str) -> tuple[str, str]:
    letters = "абвгдеж" if draw.random() < 0.5 else "αβγδε"
    foreign = "".join(draw.choice(letters) for _ in range(draw.randrange(40)))
    return f"{source} {foreign}", target


def _addresses(draw: random.Random, source: str, target: str) -> tuple[str, str]:
    address = draw.choice(("https://example.org/a?b=c", "WWW.example.org", "someone@example.org"))
    return f"{source} {address * draw.randrange(1, 3)}", f"{address} {target}"


def _rubbish(draw: random.Random, source: str, target: str) -> tuple[str, str]:
    return source, target + "".join(draw.choice("\x00\x07\ufffd\ue000\u0378") for _ in range(draw.randrange(12)))


def _as_it_is(draw: random.Random, source: str, target: str) -> tuple[str, str]:
    return source, target


_SPOILERS: Final[tuple[Spoil, ...]] = (
    _as_it_is, _tags, _repeats, _digits, _copies, _cuts, _glues, _marks, _scripts, _addresses, _rubbish,
)  # fmt: skip


def mutated_pairs(pairs: Sequence[tuple[str, str]], seed: int = 5) -> Iterator[tuple[str, str]]:
    """Each pair, in turn as it is, with tags, repetitions, other digits, as a copy, cut, glued, ..."""
    draw = random.Random(seed)
    for number, (source, target) in enumerate(pairs):
        yield _SPOILERS[number % len(_SPOILERS)](draw, source, target)
