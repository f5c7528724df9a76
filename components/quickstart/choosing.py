"""The choices that every sort of sentence makes: verbs, subjects, objects, determiners, places, numbers."""

import random
from typing import final

from seq2seq_tfx.components.quickstart.adjectives import PRENOMINAL_ADJECTIVES, adjectives_for
from seq2seq_tfx.components.quickstart.combinations import combination
from seq2seq_tfx.components.quickstart.dates import TimeChooser
from seq2seq_tfx.components.quickstart.decks import Deck, DeckByKey, weighted
from seq2seq_tfx.components.quickstart.names import FIRST_NAMES, PLACE_NAMES, SURNAMES, TITLES
from seq2seq_tfx.components.quickstart.noun_phrases import (
    PRONOUNS,
    NounPhrase,
    NounPhrasePlan,
    Phrase,
    both,
    heads_of,
    named,
    noun_phrase,
    pronoun,
    titled,
    with_preposition,
)
from seq2seq_tfx.components.quickstart.nouns import NOUN_BY_ENGLISH, nouns_of
from seq2seq_tfx.components.quickstart.verbs import INTRANSITIVE_VERBS, TRANSITIVE_VERBS
from seq2seq_tfx.components.quickstart.words import Adjective, Noun, Person, Tense, Verb

_SINGULAR = {"the": 10, "a": 8, "this": 2, "that": 2, "my": 3, "your": 2, "his": 1, "her": 1, "our": 2, "their": 1}
_RARE_SINGULAR = {"every": 1, "another": 1}
_PLURAL = {"the": 10, "some": 3, "these": 2, "those": 2, "my": 3, "your": 2, "his": 1, "her": 1, "our": 2, "their": 1}
_RARE_PLURAL = {"many": 2, "several": 2, "few": 1, "all the": 1}
_MASS = {"the": 6, "": 5, "this": 1, "that": 1, "my": 2, "your": 1, "his": 1, "her": 1, "our": 1, "their": 1}
_DEFINITE = frozenset({"the", "my", "your", "his", "her", "our", "their"})
_ORDINALS = frozenset({"first", "second", "third", "last", "only"})
_SINGULAR_ORDINALS = frozenset({"second", "third"})

_THIRD_SINGULAR = {"he": 2, "she": 2, "name": 5, "title": 2, "noun": 9}
_THIRD_PLURAL = {"they": 5, "names": 4, "noun": 11}
_NUMBER_SIZES = {"ones": 7, "tens": 6, "hundreds": 5, "thousands": 4, "round": 2}
_ONES = (*range(2, 31), 21, 21)
_ROUND_NUMBERS = (100, 100, *range(100, 1_000, 100), *range(1_000, 10_000, 1_000))


@final
class Chooser:
    """Draws words and builds phrases from them, each sort of word evenly.

    Args:
        generator: Where all chance comes from.
    """

    def __init__(self, generator: random.Random) -> None:
        self.random = generator
        self.times = TimeChooser(generator)
        self.transitive = Deck(_verb_forms(TRANSITIVE_VERBS, tuple(Person)), generator)
        persons = (*Person, Person.THIRD_SINGULAR)
        self.intransitive = Deck(_verb_forms(INTRANSITIVE_VERBS, persons), generator)
        self.done_by_others = Deck(_verb_forms(TRANSITIVE_VERBS, _THIRD_PERSONS), generator)
        self.objects = DeckByKey(_objects_of, generator)
        self.adjectives = DeckByKey(_adjectives_of, generator)
        self.nouns = DeckByKey(lambda kind: nouns_of(frozenset({kind})), generator)
        self.names = Deck(FIRST_NAMES.items(), generator)
        self._titled = Deck([(title, surname) for title in TITLES for surname in SURNAMES], generator)
        self._leading = Deck(PRENOMINAL_ADJECTIVES, generator)
        self._singular = Deck(weighted({**_SINGULAR, **_RARE_SINGULAR}), generator)
        self._plural = Deck(weighted({**_PLURAL, **_RARE_PLURAL}), generator)
        self._mass = Deck(weighted(_MASS), generator)
        self._third_singular = Deck(weighted(_THIRD_SINGULAR), generator)
        self._third_plural = Deck(weighted(_THIRD_PLURAL), generator)
        self._sizes = Deck(weighted(_NUMBER_SIZES), generator)
        self._ones, self._round = Deck(_ONES, generator), Deck(_ROUND_NUMBERS, generator)
        self._tens, self._place_names = Deck(range(31, 100), generator), Deck(PLACE_NAMES.items(), generator)

    def chance(self, share: float) -> bool:
        """True in `share` of the calls."""
        return self.random.random() < share

    def number(self) -> int:
        """A number from 2 to 9,999, small ones more often than their share."""
        size = self._sizes.draw()
        if size == "hundreds":
            return self.random.randrange(101, 1_000)
        if size == "thousands":
            return self.random.randrange(1_001, 10_000)
        decks: dict[str, Deck[int]] = {"ones": self._ones, "tens": self._tens, "round": self._round}
        return decks[size].draw()

    def phrase(self, noun: Noun, *, adjectives: float = 0.0, as_subject: bool = False) -> NounPhrase:
        """A noun with a determiner, at times a possessor, at times an adjective.

        Args:
            noun: The head.
            adjectives: Share of phrases with an adjective.
            as_subject: A Spanish subject is never without determiner.
        """
        plan = NounPhrasePlan(noun, plural=bool(noun.plural) and self.chance(0.45))
        plan = plan._replace(determiner=self._determiner(plan, as_subject))
        if self.chance(adjectives):
            plan = plan._replace(adjective=self.adjectives.draw(noun.singular))
        elif self.chance(0.15):
            plan = self._with_leading_adjective(plan)
        if plan.determiner == "the" and self.chance(0.2):
            plan = plan._replace(possessor=self._possessor())
        return noun_phrase(plan)

    def _determiner(self, plan: NounPhrasePlan, as_subject: bool) -> str:
        if plan.plural:
            return self._plural.draw()
        if plan.noun.plural:
            return self._singular.draw()
        determiner = self._mass.draw()
        return "the" if as_subject and not determiner else determiner

    def _with_leading_adjective(self, plan: NounPhrasePlan) -> NounPhrasePlan:
        leading = self._leading.draw()
        if not plan.noun.plural or (plan.plural and leading.english in _SINGULAR_ORDINALS):
            return plan
        is_definite = plan.determiner in _DEFINITE or leading.english not in _ORDINALS
        return plan._replace(leading=leading, determiner=plan.determiner if is_definite else "the")

    def _possessor(self) -> NounPhrase:
        if self.chance(0.5):
            return named(*self.names.draw())
        return noun_phrase(NounPhrasePlan(self.nouns.draw("person"), "my" if self.chance(0.3) else "the"))

    def subject(self, person: Person, verb: Verb) -> NounPhrase:
        """Who does what the verb says; nouns and names count as combined with it."""
        phrase = self.someone(person, verb.animals_do_it)
        together = (combination("subject-verb", head, verb.english) for head in heads_of(phrase))
        return phrase._replace(combinations=(*phrase.combinations, *together))

    def someone(self, person: Person, or_animal: bool = False) -> NounPhrase:
        """A subject in this person: pronoun, name, title and name, or noun."""
        if person is Person.THIRD_SINGULAR:
            return self._one(self._third_singular.draw(), or_animal)
        if person is Person.THIRD_PLURAL:
            return self._several(self._third_plural.draw(), or_animal)
        first = next(english for english, (_, its_person) in PRONOUNS.items() if its_person is person)
        if person is Person.FIRST_PLURAL and self.chance(0.15):
            return both(named(*self.names.draw()), _STRESSED["I"], Person.FIRST_PLURAL)
        if person is Person.SECOND_PLURAL and self.chance(0.15):
            return both(_STRESSED["you"], named(*self.names.draw()), Person.SECOND_PLURAL)
        return pronoun(first)

    def pronoun_or_name(self, person: Person) -> NounPhrase:
        """A subject that is no noun."""
        phrase = self.someone(person)
        while phrase.head in NOUN_BY_ENGLISH:
            phrase = self.someone(person)
        return phrase

    def person(self) -> NounPhrase:
        """A person by name or by what they are, singular or plural."""
        if self.chance(0.4):
            return named(*self.names.draw())
        return self.counted_phrase(self.nouns.draw("person"), plural=self.chance(0.3), adjectives=0.2)

    def _one(self, sort: str, or_animal: bool) -> NounPhrase:
        if sort == "name":
            return named(*self.names.draw())
        if sort == "title":
            return titled(*self._titled.draw(), TITLES)
        if sort == "noun":
            return self.counted_phrase(self.actor(or_animal), plural=False)
        return pronoun(sort)

    def _several(self, sort: str, or_animal: bool) -> NounPhrase:
        if sort == "names":
            return both(named(*self.names.draw()), named(*self.names.draw()))
        if sort == "noun":
            return self.counted_phrase(self.actor(or_animal), plural=True)
        return pronoun(sort)

    def actor(self, or_animal: bool) -> Noun:
        """A noun for a subject: a person, or at times an animal."""
        return self.nouns.draw("animal" if or_animal and self.chance(0.35) else "person")

    def counted_phrase(self, noun: Noun, plural: bool, adjectives: float = 0.3) -> NounPhrase:
        """A noun that can be counted, in this number, with a determiner and at times an adjective."""
        plan = NounPhrasePlan(noun, (self._plural if plural else self._singular).draw(), plural)
        if self.chance(adjectives):
            plan = plan._replace(adjective=self.adjectives.draw(noun.singular))
        return noun_phrase(plan)

    def counted_object(self, verb: Verb) -> Noun | None:
        """A noun that the verb takes and that can be counted, if the verb takes any such."""
        if not any(noun.plural for noun in nouns_of(verb.objects)):
            return None
        while not (noun := self.objects.draw(verb.infinitive)).plural:
            pass
        return noun

    def place(self, english: str = "", spanish: str = "en", own_preposition: bool = True) -> tuple[Phrase, str]:
        """A place with its prepositions, and its head word.

        Args:
            english: The English preposition, unless the noun's own (in, at, on) is wanted.
            spanish: The Spanish preposition.
            own_preposition: Whether the noun decides the English preposition.
        """
        noun = self.nouns.draw("place")
        if own_preposition:
            english = next(tag for tag in ("in", "at", "on") if tag in noun.kinds)
        phrase = self.counted_phrase(noun, plural=self.chance(0.15), adjectives=0.25)
        return with_preposition(english, spanish, phrase), noun.singular

    def place_name(self, english: str, spanish: str) -> tuple[Phrase, str]:
        """A city or country with its prepositions, and its name."""
        name, spanish_name = self._place_names.draw()
        return with_preposition(english, spanish, Phrase(name, spanish_name)), name


_THIRD_PERSONS = (Person.THIRD_SINGULAR, Person.THIRD_PLURAL)
_STRESSED = {
    "I": NounPhrase("I", "yo", (), Person.FIRST_SINGULAR, "m", "I", True),
    "you": NounPhrase("you", "tú", (), Person.SECOND_SINGULAR, "m", "you", True),
}


def _verb_forms(verbs: tuple[Verb, ...], persons: tuple[Person, ...]) -> list[tuple[Verb, Tense, Person]]:
    return [(verb, tense, person) for verb in verbs for tense in Tense for person in persons]


def _objects_of(infinitive: str) -> tuple[Noun, ...]:
    return nouns_of(next(verb.objects for verb in TRANSITIVE_VERBS if verb.infinitive == infinitive))


def _adjectives_of(noun: str) -> tuple[Adjective, ...]:
    return adjectives_for(NOUN_BY_ENGLISH[noun].kinds)
