"""What a word is in both languages at once, and the spelling rules of Spanish that all words share."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Literal

Gender = Literal["m", "f"]

_BARE = str.maketrans("áéíóú", "aeiou")


class Person(IntEnum):
    """The six persons; the value is the place in a row of Spanish verb forms."""

    FIRST_SINGULAR = 0
    SECOND_SINGULAR = 1
    THIRD_SINGULAR = 2
    FIRST_PLURAL = 3
    SECOND_PLURAL = 4
    THIRD_PLURAL = 5

    @property
    def title(self) -> str:
        """The person in words, as combinations name it."""
        return self.name.lower().replace("_", " ")


class Tense(Enum):
    """Simple present; simple past (preterite, but imperfect for "to be" and ages); future with "will"."""

    PRESENT = "present"
    PAST = "past"
    FUTURE = "future"


@dataclass(frozen=True)
class Noun:
    """A noun. `plural` is empty for what is not counted (milk); `kinds` say what it can go with."""

    singular: str
    plural: str
    spanish: str
    gender: Gender
    kinds: frozenset[str]

    @property
    def is_person(self) -> bool:
        """Whether a Spanish verb marks it with the personal "a" as its object."""
        return "person" in self.kinds

    @property
    def starts_with_stressed_a(self) -> bool:
        """Whether a feminine noun takes "el" and "un" in the singular (el agua, un águila)."""
        return self.gender == "f" and self.spanish in _STRESSED_A


@dataclass(frozen=True)
class Adjective:
    """An adjective. `copula` is the Spanish verb it follows as a predicate, `ser` or `estar`."""

    english: str
    masculine: str
    feminine: str
    kinds: frozenset[str]
    copula: str = "ser"
    short: str = ""
    """For adjectives that stand before the noun, the singular form there (buen, primer, gran); "buena" and its
    like keep their feminine."""

    def agreeing(self, gender: Gender, plural: bool) -> str:
        """The form that agrees with a noun of this gender and number."""
        form = self.masculine if gender == "m" else self.feminine
        return spanish_plural(form) if plural else form

    @property
    def shows_gender(self) -> bool:
        """Whether masculine and feminine differ."""
        return self.masculine != self.feminine

    def before_the_noun(self, gender: Gender, plural: bool) -> str:
        """The form that stands before a noun of this gender and number."""
        shortened = not plural and (gender == "m" or not self.shows_gender)
        return self.short if shortened else self.agreeing(gender, plural)


@dataclass(frozen=True)
class Verb:
    """A verb: English forms, Spanish infinitive and its rows of six forms for each tense."""

    english: str
    third: str
    past: str
    infinitive: str
    forms: Mapping[Tense, tuple[str, ...]]
    objects: frozenset[str] = frozenset()
    """Kinds of noun it takes as direct object; empty for an intransitive verb."""
    particle: str = ""
    """What English puts after the verb, as in "look for"."""
    directions: tuple[str, str] | None = None
    """For verbs of motion, the English and the Spanish preposition before the place."""
    animals_do_it: bool = False


_STRESSED_A = frozenset({"agua", "águila"})
_IRREGULAR_PLURALS = {"joven": "jóvenes"}


def without_accents(text: str) -> str:
    """The text with plain vowels; ñ and ü stay."""
    return text.translate(_BARE)


def spanish_plural(word: str) -> str:
    """The plural of a Spanish noun or adjective.

    Example:
        >>> [spanish_plural(word) for word in ("casa", "camión", "lápiz", "paraguas", "sofá", "gris")]
        ['casas', 'camiones', 'lápices', 'paraguas', 'sofás', 'grises']
    """
    if word in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[word]
    if word[-1] in "aeiouáéó":
        return word + "s"
    if word[-1] == "z":
        return word[:-1] + "ces"
    if word[-1] in "ns" and word[-2] in "áéíóú":
        return word[:-2] + without_accents(word[-2]) + word[-1] + "es"
    if word[-1] == "s" and sum(letter in "aeiou" for letter in word) > 1:
        return word
    return word + "es"
