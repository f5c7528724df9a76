"""Sentences about what is: qualities, places, existence, ages, prices, births."""

from typing import final

from seq2seq_tfx.components.quickstart.choosing import Chooser
from seq2seq_tfx.components.quickstart.clauses import Clause, Form, clause
from seq2seq_tfx.components.quickstart.combinations import combination
from seq2seq_tfx.components.quickstart.decks import Deck, weighted
from seq2seq_tfx.components.quickstart.doing_sentences import Sentence
from seq2seq_tfx.components.quickstart.noun_phrases import (
    NounPhrase,
    NounPhrasePlan,
    Phrase,
    and_before,
    heads_of,
    noun_phrase,
    with_combination,
    with_preposition,
)
from seq2seq_tfx.components.quickstart.nouns import NOUN_BY_ENGLISH
from seq2seq_tfx.components.quickstart.verbs import BE_BORN, BE_OF_AGE, COST, ESTAR, SER, THERE_BE
from seq2seq_tfx.components.quickstart.words import Adjective, Noun, Person, Tense, Verb

_FORMS = {Form.STATEMENT: 5, Form.NEGATION: 2, Form.QUESTION: 3}
_RELATIONS = {
    ("on", "sobre"): "surface",
    ("under", "debajo de"): "surface",
    ("in", "en"): "container",
    ("behind", "detrás de"): "furniture",
    ("next to", "al lado de"): "furniture",
    ("in front of", "delante de"): "place",
    ("near", "cerca de"): "place",
    ("far from", "lejos de"): "place",
    ("", "en"): "place",
}
"""English and Spanish preposition of a place (none: the noun's own) -> the kind of noun that follows."""
_PLACED = ("object", "clothing", "text", "animal", "person", "food")
_DESCRIBED = ("person", "animal", "food", "drink", "clothing", "object", "furniture", "vehicle", "text", "place")
_PRICED = ("clothing", "object", "furniture", "vehicle")
_NOT_GRADED = frozenset(
    "red white black green blue yellow grey brown open closed broken empty full Spanish French English German "
    "Italian delicious".split()
)
_OPPOSITES = frozenset(
    frozenset(pair.split("/"))
    for pair in "big/small long/short expensive/cheap new/old young/old beautiful/ugly happy/sad rich/poor open/closed "
    "dirty/clean empty/full cold/hot interesting/boring tall/short".split()
)
_EUROS = Noun("euro", "euros", "euro", "m", frozenset())
_YEARS = Noun("year", "years", "año", "m", frozenset())


@final
class BeingSentences:
    """Draws sentences with the verb "to be" and their like."""

    def __init__(self, chooser: Chooser) -> None:
        self._chooser = chooser
        generator = chooser.random
        self._forms, self._tenses = Deck(weighted(_FORMS), generator), Deck(Tense, generator)
        self._persons, self._relations = Deck(Person, generator), Deck(_RELATIONS, generator)
        self._described, self._placed = Deck(_DESCRIBED, generator), Deck(_PLACED, generator)
        self._priced, self._ages = Deck(_PRICED, generator), Deck(range(2, 100), generator)

    def described(self) -> Sentence:
        """Someone or something is such and such."""
        if self._chooser.chance(0.3):
            subject, noun = self._chooser.pronoun_or_name(self._persons.draw()), "teacher"
        else:
            noun = self._chooser.nouns.draw(self._described.draw()).singular
            subject = self._chooser.phrase(NOUN_BY_ENGLISH[noun], as_subject=True)
        return self._finished(self.predication(subject, noun))

    def predication(self, subject: NounPhrase, noun: str) -> Clause:
        """`subject` is such and such, as can be said of the noun; still without form."""
        adjective, other = self._fitting(subject, noun), self._fitting(subject, noun)
        parts = Clause(subject, copula_of(adjective), self._tenses.draw())
        if go_together(adjective, other) and self._chooser.chance(0.4):
            return parts._replace(predicate=two_adjectives(adjective, other, subject))
        if adjective.english not in _NOT_GRADED and self._chooser.chance(0.3):
            very = predicate_of(adjective, subject)
            return parts._replace(predicate=Phrase(f"very {very.english}", f"muy {very.spanish}", very.combinations))
        return parts._replace(predicate=predicate_of(adjective, subject))

    def _fitting(self, subject: NounPhrase, noun: str) -> Adjective:
        """An adjective for the noun; one that does not show gender where the subject does not."""
        is_open = subject.person not in (Person.THIRD_SINGULAR, Person.THIRD_PLURAL)
        adjective = self._chooser.adjectives.draw(noun)
        while is_open and adjective.shows_gender:
            adjective = self._chooser.adjectives.draw(noun)
        return adjective

    def located(self) -> Sentence:
        """Someone or something is somewhere."""
        if self._chooser.chance(0.3):
            subject = self._chooser.pronoun_or_name(self._persons.draw())
            where = self._location()
        else:
            noun = self._chooser.nouns.draw(self._placed.draw())
            subject, where = self._chooser.phrase(noun, as_subject=True), self._location_of(noun)
        return self._finished(Clause(subject, ESTAR, self._tenses.draw(), predicate=where))

    def _location_of(self, noun: Noun) -> Phrase:
        return self._location(noun.singular, fits_anywhere=noun.kinds.isdisjoint(("person", "animal")))

    def _location(self, head: str = "", fits_anywhere: bool = False) -> Phrase:
        """Where something is; "on", "under" and "in" a thing only for what fits there."""
        relation = self._relations.draw()
        while _RELATIONS[relation] in ("surface", "container") and not fits_anywhere:
            relation = self._relations.draw()
        (english, spanish), kind = relation, _RELATIONS[relation]
        if kind == "place":
            phrase, place = self._chooser.place(english, spanish, own_preposition=not english)
        else:
            noun = self._chooser.nouns.draw(kind)
            place = noun.singular
            phrase = with_preposition(english, spanish, self._chooser.counted_phrase(noun, plural=False))
        return with_combination(phrase, combination("place", head, place)) if head else phrase

    def existing(self) -> Sentence:
        """There is or are so many somewhere."""
        noun = self._chooser.nouns.draw(self._placed.draw())
        while not noun.plural:
            noun = self._chooser.nouns.draw(self._placed.draw())
        form = self._forms.draw()
        counted = noun_phrase(self._counted(noun, form))
        there = NounPhrase("there", "", (), counted.person, "m", "there")
        where = self._location_of(noun)
        return self._finished(Clause(there, THERE_BE, self._tenses.draw(), rest=(counted, where)), form)

    def _counted(self, noun: Noun, form: Form) -> NounPhrasePlan:
        adjective = self._chooser.adjectives.draw(noun.singular) if self._chooser.chance(0.25) else None
        if form is Form.NEGATION or (form is Form.QUESTION and self._chooser.chance(0.5)):
            return NounPhrasePlan(noun, "any", plural=True, adjective=adjective)
        if self._chooser.chance(0.5):
            return NounPhrasePlan(noun, number=self._chooser.number())
        if self._chooser.chance(0.5):
            return NounPhrasePlan(noun, "a", adjective=adjective)
        determiner = "some" if self._chooser.chance(0.5) else "many"
        return NounPhrasePlan(noun, determiner, plural=True, adjective=adjective)

    def aged(self) -> Sentence:
        """Someone is so many years old."""
        person = self._persons.draw()
        subject = self._chooser.someone(person)
        years = noun_phrase(NounPhrasePlan(_YEARS, number=self._ages.draw()))
        predicate = Phrase(f"{years.english} old", years.spanish, years.combinations)
        return self._finished(Clause(subject, BE_OF_AGE, self._tenses.draw(), rest=(predicate,)))

    def priced(self) -> Sentence:
        """Something costs so many euros."""
        noun = self._chooser.nouns.draw(self._priced.draw())
        subject = self._chooser.counted_phrase(noun, plural=False)
        euros = noun_phrase(NounPhrasePlan(_EUROS, number=self._chooser.number()))
        return self._finished(Clause(subject, COST, self._tenses.draw(), rest=(euros,)))

    def born(self) -> Sentence:
        """Someone was born on a day, at times in a place."""
        subject = self._chooser.someone(self._persons.draw())
        rest = [Phrase("born", "")]
        if self._chooser.chance(0.4):
            rest.append(self._chooser.place_name("in", "en")[0])
        rest.append(self._chooser.times.day(Tense.PAST))
        return self._finished(Clause(subject, BE_BORN, Tense.PAST, rest=tuple(rest)))

    def _finished(self, parts: Clause, form: Form | None = None) -> Sentence:
        form = form or self._forms.draw()
        return Sentence(clause(parts._replace(form=form)), form is Form.QUESTION)


def copula_of(adjective: Adjective) -> Verb:
    """Ser or estar."""
    return SER if adjective.copula == "ser" else ESTAR


def go_together(first: Adjective, second: Adjective) -> bool:
    """Whether "and" can join two adjectives: they differ, take one copula, and do not exclude each other."""
    names = frozenset((first.english, second.english))
    return len(names) == 2 and first.copula == second.copula and names not in _OPPOSITES


def predicate_of(adjective: Adjective, subject: NounPhrase) -> Phrase:
    """The adjective said of the subject, agreeing with it in Spanish.

    Example:
        >>> from seq2seq_tfx.components.quickstart.adjectives import ADJECTIVE_BY_ENGLISH
        >>> from seq2seq_tfx.components.quickstart.noun_phrases import named
        >>> predicate_of(ADJECTIVE_BY_ENGLISH["tired"], named("Ana", "f"))
        Phrase(english='tired', spanish='cansada', combinations=('adjective-noun: tired + Ana',))
    """
    plural = subject.person >= Person.FIRST_PLURAL
    names = tuple(combination("adjective-noun", adjective.english, head) for head in heads_of(subject))
    return Phrase(adjective.english, adjective.agreeing(subject.gender, plural), names)


def two_adjectives(first: Adjective, second: Adjective, subject: NounPhrase) -> Phrase:
    """Two adjectives said of the subject: "tall and intelligent", "alto e inteligente"."""
    one, other = predicate_of(first, subject), predicate_of(second, subject)
    return Phrase(
        f"{one.english} and {other.english}",
        f"{one.spanish} {and_before(other.spanish)} {other.spanish}",
        one.combinations + other.combinations,
    )
