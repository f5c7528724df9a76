"""Noun phrases in both languages at once: determiners, numbers, adjectives, possessors, coordination.

Every function here is a plain one: the choices are in its arguments, so its result can be checked by hand.
"""

from collections.abc import Sequence
from typing import NamedTuple

from seq2seq_tfx.components.quickstart.combinations import combination
from seq2seq_tfx.components.quickstart.numerals import english_number, spanish_number
from seq2seq_tfx.components.quickstart.words import (
    Adjective,
    Gender,
    Noun,
    Person,
    spanish_plural,
    without_accents,
)


class Phrase(NamedTuple):
    """Some words in both languages, and the combinations that they hold."""

    english: str
    spanish: str
    combinations: tuple[str, ...] = ()


class NounPhrase(NamedTuple):
    """A phrase that can be subject or object: also its person, gender, head word, and whether it is a person."""

    english: str
    spanish: str
    combinations: tuple[str, ...]
    person: Person
    gender: Gender
    head: str
    is_person: bool = False


SINGULAR_DETERMINERS = {
    "the": ("el", "la"),
    "a": ("un", "una"),
    "this": ("este", "esta"),
    "that": ("ese", "esa"),
    "every": ("cada", "cada"),
    "another": ("otro", "otra"),
    "any": ("", ""),
    "my": ("mi", "mi"),
    "your": ("tu", "tu"),
    "his": ("su", "su"),
    "her": ("su", "su"),
    "our": ("nuestro", "nuestra"),
    "their": ("su", "su"),
    "": ("", ""),
}
PLURAL_DETERMINERS = {
    "the": ("los", "las"),
    "some": ("unos", "unas"),
    "these": ("estos", "estas"),
    "those": ("esos", "esas"),
    "many": ("muchos", "muchas"),
    "several": ("varios", "varias"),
    "few": ("pocos", "pocas"),
    "all the": ("todos los", "todas las"),
    "any": ("", ""),
    "my": ("mis", "mis"),
    "your": ("tus", "tus"),
    "his": ("sus", "sus"),
    "her": ("sus", "sus"),
    "our": ("nuestros", "nuestras"),
    "their": ("sus", "sus"),
    "": ("", ""),
}
PRONOUNS = {
    "I": ("", Person.FIRST_SINGULAR),
    "you": ("", Person.SECOND_SINGULAR),
    "he": ("él", Person.THIRD_SINGULAR),
    "she": ("ella", Person.THIRD_SINGULAR),
    "we": ("", Person.FIRST_PLURAL),
    "you all": ("", Person.SECOND_PLURAL),
    "they": ("ellos", Person.THIRD_PLURAL),
}
"""English subject pronoun -> Spanish pronoun (dropped where the verb's ending says the same), person."""

_BETWEEN_HEADS = " and "
_VOWEL_LETTERS = "aeiouAEIOU"
_CONSONANT_SOUNDS = ("useful", "university")


class NounPhrasePlan(NamedTuple):
    """The choices behind a noun phrase."""

    noun: Noun
    determiner: str = "the"
    """English; "" for none. Ignored when there is a possessor or a number."""
    plural: bool = False
    adjective: Adjective | None = None
    """One that follows the Spanish noun."""
    leading: Adjective | None = None
    """One that precedes it (good, first)."""
    possessor: NounPhrase | None = None
    """Singular: "Ana's house", "la casa de Ana"."""
    number: int = 0
    """A count, from 2 on, in place of the determiner."""


def noun_phrase(plan: NounPhrasePlan) -> NounPhrase:
    """The phrase in both languages.

    Example:
        >>> from seq2seq_tfx.components.quickstart.adjectives import ADJECTIVE_BY_ENGLISH
        >>> from seq2seq_tfx.components.quickstart.nouns import NOUN_BY_ENGLISH
        >>> plan = NounPhrasePlan(NOUN_BY_ENGLISH["house"], "these", True, ADJECTIVE_BY_ENGLISH["white"])
        >>> noun_phrase(plan)[:2]
        ('these white houses', 'estas casas blancas')
    """
    noun, plural = plan.noun, plan.plural or plan.number > 1
    combinations = []
    if plan.adjective:
        combinations.append(combination("adjective-noun", plan.adjective.english, noun.singular))
    if plan.leading:
        combinations.append(combination("adjective-noun", plan.leading.english, noun.singular))
    if plan.possessor:
        combinations.extend(plan.possessor.combinations)
    if plan.number > 30 and plan.number % 10:
        combinations.append(combination("number", f"{plan.number:,}"))
    return NounPhrase(
        _english(plan, plural),
        _spanish(plan, plural),
        tuple(combinations),
        Person.THIRD_PLURAL if plural else Person.THIRD_SINGULAR,
        noun.gender,
        noun.singular,
        noun.is_person,
    )


def _english(plan: NounPhrasePlan, plural: bool) -> str:
    words = [adjective.english for adjective in (plan.leading, plan.adjective) if adjective]
    words.append(plan.noun.plural if plural else plan.noun.singular)
    return joined(_english_determiner(plan, words[0]), *words)


def _english_determiner(plan: NounPhrasePlan, next_word: str) -> str:
    if plan.number:
        return english_number(plan.number)
    if plan.possessor:
        return plan.possessor.english + "'s"
    if plan.determiner == "a" and next_word[0] in _VOWEL_LETTERS and next_word not in _CONSONANT_SOUNDS:
        return "an"
    return plan.determiner


def _spanish(plan: NounPhrasePlan, plural: bool) -> str:
    gender = plan.noun.gender
    leading = plan.leading.before_the_noun(gender, plural) if plan.leading else ""
    noun = spanish_plural(plan.noun.spanish) if plural else plan.noun.spanish
    following = plan.adjective.agreeing(gender, plural) if plan.adjective else ""
    phrase = joined(_spanish_determiner(plan, plural), leading, noun, following)
    return f"{phrase} {after_preposition('de', plan.possessor.spanish)}" if plan.possessor else phrase


def _spanish_determiner(plan: NounPhrasePlan, plural: bool) -> str:
    noun = plan.noun
    if plan.number:
        return spanish_number(plan.number, noun.gender)
    determiner = "the" if plan.possessor else plan.determiner
    forms = (PLURAL_DETERMINERS if plural else SINGULAR_DETERMINERS)[determiner]
    sounds_masculine = noun.starts_with_stressed_a and not plural and not plan.leading and determiner in ("the", "a")
    return forms[0] if noun.gender == "m" or sounds_masculine else forms[1]


def pronoun(english: str) -> NounPhrase:
    """A subject pronoun; "they" and "we" take the masculine."""
    spanish, person = PRONOUNS[english]
    return NounPhrase(english, spanish, (), person, "f" if english == "she" else "m", english, True)


def named(name: str, gender: Gender) -> NounPhrase:
    """A person by first name."""
    return NounPhrase(name, name, (), Person.THIRD_SINGULAR, gender, name, True)


def titled(title: str, surname: str, titles: dict[str, tuple[str, Gender]]) -> NounPhrase:
    """A person by title and surname: Mr. Ruiz, el señor Ruiz."""
    spanish, gender = titles[title]
    return NounPhrase(f"{title} {surname}", f"{spanish} {surname}", (), Person.THIRD_SINGULAR, gender, surname, True)


def both(first: NounPhrase, second: NounPhrase, person: Person = Person.THIRD_PLURAL) -> NounPhrase:
    """Two phrases with "and": "y", or "e" before the sound of i."""
    gender: Gender = "f" if first.gender == second.gender == "f" else "m"
    return NounPhrase(
        f"{first.english} and {second.english}",
        f"{first.spanish} {and_before(second.spanish)} {second.spanish}",
        first.combinations + second.combinations,
        person,
        gender,
        f"{first.head}{_BETWEEN_HEADS}{second.head}",
        first.is_person and second.is_person,
    )


def heads_of(phrase: NounPhrase) -> list[str]:
    """The nouns and names that are the phrase's heads; no pronouns.

    Example:
        >>> heads_of(both(named("Ana", "f"), named("Luis", "m"))), heads_of(pronoun("he"))
        (['Ana', 'Luis'], [])
    """
    return [head for head in phrase.head.split(_BETWEEN_HEADS) if head not in PRONOUNS]


def either(first: NounPhrase, second: NounPhrase) -> NounPhrase:
    """Two phrases with "or": "o", or "u" before the sound of o."""
    return first._replace(
        english=f"{first.english} or {second.english}",
        spanish=f"{first.spanish} {or_before(second.spanish)} {second.spanish}",
        combinations=first.combinations + second.combinations,
    )


def and_before(following: str) -> str:
    """Spanish "and" before a word.

    Example:
        >>> [and_before(word) for word in ("Ana", "Inés", "inteligente", "hielo")]
        ['y', 'e', 'e', 'y']
    """
    start = without_accents(following[:3].lower())
    return "e" if start.startswith(("i", "hi")) and start not in ("hie", "hia") else "y"


def or_before(following: str) -> str:
    """Spanish "or" before a word.

    Example:
        >>> [or_before(word) for word in ("siete", "ocho", "hombre", "Óscar")]
        ['o', 'u', 'u', 'u']
    """
    return "u" if without_accents(following[:2].lower()).startswith(("o", "ho")) else "o"


def after_preposition(preposition: str, phrase: str) -> str:
    """A Spanish preposition and a phrase, with the contractions al and del.

    Example:
        >>> after_preposition("cerca de", "el río"), after_preposition("a", "la playa")
        ('cerca del río', 'a la playa')
    """
    if phrase.startswith("el ") and preposition.split()[-1] in ("a", "de"):
        return f"{preposition}l {phrase[3:]}"
    return f"{preposition} {phrase}"


def joined(*parts: str) -> str:
    """The parts that are not empty, with spaces between."""
    return " ".join(filter(None, parts))


def with_preposition(english: str, spanish: str, phrase: NounPhrase | Phrase) -> Phrase:
    """A preposition in both languages before a phrase; English has none where the text is empty."""
    return Phrase(joined(english, phrase.english), after_preposition(spanish, phrase.spanish), phrase.combinations)


def with_combination(phrase: Phrase, name: str) -> Phrase:
    """The phrase with one more combination."""
    return phrase._replace(combinations=(*phrase.combinations, name))


def combinations_of(phrases: Sequence[Phrase | NounPhrase]) -> tuple[str, ...]:
    """All combinations in some phrases, in their order."""
    return tuple(name for phrase in phrases for name in phrase.combinations)
