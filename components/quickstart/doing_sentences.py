"""Sentences of one clause in which someone does something: to something, somewhere, at some time, for someone."""

from typing import NamedTuple, final

from seq2seq_tfx.components.quickstart.choosing import Chooser
from seq2seq_tfx.components.quickstart.clauses import Clause, Form, as_object, clause
from seq2seq_tfx.components.quickstart.combinations import combination
from seq2seq_tfx.components.quickstart.decks import Deck, weighted
from seq2seq_tfx.components.quickstart.noun_phrases import (
    NounPhrase,
    NounPhrasePlan,
    Phrase,
    both,
    either,
    named,
    noun_phrase,
    with_combination,
    with_preposition,
)
from seq2seq_tfx.components.quickstart.words import Noun, Person, Verb

_FORMS = {Form.STATEMENT: 9, Form.NEGATION: 4, Form.QUESTION: 4, Form.NEVER: 2, Form.ALWAYS: 2}
_ADJUNCTS = {"": 6, "time": 8, "place": 4, "companion": 2, "beneficiary": 2, "lacking": 1}
_COMPANIONS = {
    Phrase("with me", "conmigo"): (Person.FIRST_SINGULAR, Person.FIRST_PLURAL),
    Phrase("with you", "contigo"): (Person.SECOND_SINGULAR, Person.SECOND_PLURAL),
    Phrase("with us", "con nosotros"): (Person.FIRST_SINGULAR, Person.FIRST_PLURAL),
    Phrase("with them", "con ellos"): (Person.THIRD_PLURAL,),
}
"""Companion -> the subjects that it is part of, and so cannot accompany."""

_DONE_FOR_OTHERS = frozenset(
    "comprar cocinar lavar escribir abrir cerrar limpiar traer hacer pedir elegir reparar construir".split()
)


class Sentence(NamedTuple):
    """A clause ready to be written, and whether it asks."""

    phrase: Phrase
    is_question: bool = False


@final
class DoingSentences:
    """Draws sentences with a verb of action."""

    def __init__(self, chooser: Chooser) -> None:
        self._chooser = chooser
        self._forms = Deck(weighted(_FORMS), chooser.random)
        self._adjuncts = Deck(weighted(_ADJUNCTS), chooser.random)
        self._companions = Deck(_COMPANIONS, chooser.random)

    def transitive(self) -> Sentence:
        """Someone does something to something, at times with a number, two objects, a time or a place."""
        verb, tense, person = self._chooser.transitive.draw()
        form = self._forms.draw()
        parts = Clause(self._chooser.subject(person, verb), verb, tense, form)
        return self._finished(parts._replace(rest=(self.direct_object(verb, form),)))

    def direct_object(self, verb: Verb, form: Form = Form.STATEMENT) -> Phrase:
        """An object for the verb, marked with "a" where Spanish wants it, combined with the verb."""
        noun = self._chooser.objects.draw(verb.infinitive)
        phrase = combined_with_verb(self._object_phrase(noun), verb, noun)
        if not noun.is_person and self._chooser.chance(0.1):
            second_noun = self._chooser.objects.draw(verb.infinitive)
            if not second_noun.is_person and second_noun != noun:
                second = combined_with_verb(self._chooser.phrase(second_noun), verb, second_noun)
                phrase = (either if form is Form.QUESTION else both)(phrase, second)
        return as_object(phrase)

    def _object_phrase(self, noun: Noun) -> NounPhrase:
        if noun.is_person and self._chooser.chance(0.25):
            return named(*self._chooser.names.draw())
        if noun.plural and self._chooser.chance(0.13):
            return noun_phrase(NounPhrasePlan(noun, number=self._chooser.number()))
        return self._chooser.phrase(noun, adjectives=0.45)

    def intransitive(self) -> Sentence:
        """Someone goes, lives, sings, sleeps ..., somewhere or at some time."""
        verb, tense, person = self._chooser.intransitive.draw()
        parts = Clause(self._chooser.subject(person, verb), verb, tense, self._forms.draw())
        if verb.directions:
            return self._finished(parts._replace(rest=(self.destination(verb),)), ("time", "companion"))
        if self._chooser.chance(0.35):
            return self._finished(parts._replace(rest=(self.whereabouts(verb),)), ("time", "companion"))
        return self._finished(parts, ("time", "place", "companion"))

    def destination(self, verb: Verb) -> Phrase:
        """Where a verb of motion leads to or from."""
        english, spanish = verb.directions or ("", "")
        if verb.english == "travel" or self._chooser.chance(0.25):
            phrase, head = self._chooser.place_name("in" if english == "at" else english, spanish)
        else:
            phrase, head = self._chooser.place(english, spanish, own_preposition=False)
        return with_combination(phrase, combination("place", verb.english, head))

    def whereabouts(self, verb: Verb) -> Phrase:
        """Where something is done."""
        if verb.english in ("live", "work") and self._chooser.chance(0.4):
            phrase, head = self._chooser.place_name("in", "en")
        else:
            phrase, head = self._chooser.place()
        return with_combination(phrase, combination("place", verb.english, head))

    def _finished(self, parts: Clause, allowed: tuple[str, ...] = tuple(_ADJUNCTS)) -> Sentence:
        """The sentence, with one of the allowed adjuncts at its end or, for some times, at its start."""
        sort = self._adjuncts.draw()
        is_question = parts.form is Form.QUESTION
        is_timeless = parts.form in (Form.NEVER, Form.ALWAYS)
        is_for_others = parts.verb.infinitive in _DONE_FOR_OTHERS
        if sort not in allowed or (sort == "time" and is_timeless) or (sort == "beneficiary" and not is_for_others):
            return Sentence(clause(parts), is_question)
        adjunct = self.adjunct(sort, parts)
        can_open = sort == "time" and not is_question and "," not in adjunct.english
        if can_open and self._chooser.chance(0.3):
            return Sentence(clause(parts._replace(opening=adjunct)))
        return Sentence(clause(parts._replace(rest=(*parts.rest, adjunct))), is_question)

    def adjunct(self, sort: str, parts: Clause) -> Phrase:
        """A time, a place, a companion, whom it is for, or what is lacking."""
        if sort == "time":
            return self._chooser.times.time(parts.tense)
        if sort == "place":
            return self.whereabouts(parts.verb)
        if sort == "companion":
            return self._companion(parts.subject.person)
        if sort == "beneficiary":
            return with_preposition("for", "para", self._chooser.person())
        if sort == "lacking":
            return with_preposition("without", "sin", self._chooser.phrase(self._chooser.nouns.draw("object")))
        return Phrase("", "")

    def _companion(self, subject: Person) -> Phrase:
        if self._chooser.chance(0.6):
            return with_preposition("with", "con", self._chooser.person())
        companion = self._companions.draw()
        while subject in _COMPANIONS[companion]:
            companion = self._companions.draw()
        return companion


def combined_with_verb(phrase: NounPhrase, verb: Verb, noun: Noun) -> NounPhrase:
    """The phrase, with the combination of verb and object (a name stands for no noun)."""
    if phrase.head != noun.singular:
        return phrase
    name = combination("verb-object", verb.english, noun.singular)
    return phrase._replace(combinations=(*phrase.combinations, name))
