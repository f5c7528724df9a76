"""Sentences with a relative clause: of the subject ("who sold the car"), of the object ("that I lost")."""

from typing import final

from seq2seq_tfx.components.quickstart.being_sentences import BeingSentences
from seq2seq_tfx.components.quickstart.choosing import Chooser
from seq2seq_tfx.components.quickstart.clauses import (
    Clause,
    Form,
    as_object,
    clause,
    object_relative,
    subject_relative,
)
from seq2seq_tfx.components.quickstart.combinations import combination
from seq2seq_tfx.components.quickstart.decks import Deck, DeckByKey, weighted
from seq2seq_tfx.components.quickstart.doing_sentences import DoingSentences, Sentence, combined_with_verb
from seq2seq_tfx.components.quickstart.noun_phrases import NounPhrase
from seq2seq_tfx.components.quickstart.nouns import NOUN_BY_ENGLISH
from seq2seq_tfx.components.quickstart.verbs import TRANSITIVE_VERBS
from seq2seq_tfx.components.quickstart.words import Noun, Person, Tense, Verb

_RELATIVE_FORMS = {Form.STATEMENT: 4, Form.NEGATION: 1}
_MAIN_FORMS = {Form.STATEMENT: 5, Form.NEGATION: 1}


@final
class RelativeSentences:
    """Draws sentences with one relative clause."""

    def __init__(self, chooser: Chooser, doing: DoingSentences, being: BeingSentences) -> None:
        self._chooser, self._doing, self._being = chooser, doing, being
        self._relative_forms = Deck(weighted(_RELATIVE_FORMS), chooser.random)
        self._main_forms = Deck(weighted(_MAIN_FORMS), chooser.random)
        self._verbs_for = DeckByKey(_verbs_taking, chooser.random)
        self._times_and_persons = Deck([(tense, person) for tense in Tense for person in Person], chooser.random)

    def of_subject(self) -> Sentence:
        """The relative clause says what its head does: "the boy who broke the window"."""
        verb, tense, person = self._chooser.done_by_others.draw()
        noun = self._chooser.actor(verb.animals_do_it)
        head = self._chooser.counted_phrase(noun, plural=person is Person.THIRD_PLURAL)
        together = combination("subject-verb", noun.singular, verb.english)
        head = head._replace(combinations=(*head.combinations, together))
        parts = Clause(head, verb, tense, self._relative_forms.draw(), (self._doing.direct_object(verb),))
        return self._main_clause(subject_relative(head, parts), noun)

    def of_object(self) -> Sentence:
        """The relative clause says what is done to its head: "the key that I lost"."""
        verb, tense, person = self._chooser.transitive.draw()
        noun = self._chooser.objects.draw(verb.infinitive)
        head = combined_with_verb(self._chooser.phrase(noun, as_subject=True), verb, noun)
        parts = Clause(self._chooser.subject(person, verb), verb, tense, self._relative_forms.draw())
        return self._main_clause(object_relative(head, parts), noun)

    def _main_clause(self, phrase: NounPhrase, noun: Noun) -> Sentence:
        """The phrase as the subject of a description or as the object of a verb that takes it."""
        form = self._main_forms.draw()
        if self._chooser.chance(0.5):
            return Sentence(clause(self._being.predication(phrase, noun.singular)._replace(form=form)))
        verb, (tense, person) = self._verbs_for.draw(noun.singular), self._times_and_persons.draw()
        marked = as_object(combined_with_verb(phrase, verb, noun))
        return Sentence(clause(Clause(self._chooser.subject(person, verb), verb, tense, form, (marked,))))


def _verbs_taking(noun: str) -> list[Verb]:
    kinds = NOUN_BY_ENGLISH[noun].kinds
    return [verb for verb in TRANSITIVE_VERBS if kinds & verb.objects]
