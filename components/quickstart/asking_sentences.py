"""Questions with a question word: what, who, whom, where, when, why, which, how many."""

from typing import final

from seq2seq_tfx.components.quickstart.choosing import Chooser
from seq2seq_tfx.components.quickstart.clauses import Clause, Form, clause
from seq2seq_tfx.components.quickstart.combinations import combination
from seq2seq_tfx.components.quickstart.decks import Deck, weighted
from seq2seq_tfx.components.quickstart.doing_sentences import DoingSentences, Sentence
from seq2seq_tfx.components.quickstart.noun_phrases import NounPhrase, NounPhrasePlan, Phrase, noun_phrase
from seq2seq_tfx.components.quickstart.words import Noun, Person, Tense, Verb

_SORTS = {"what": 3, "who": 2, "whom": 2, "where": 2, "when": 2, "why": 3, "which": 3, "how many": 3}
_ADVERBS = {"where": "dónde", "when": "cuándo", "why": "por qué"}
_WHO = NounPhrase("who", "quién", (), Person.THIRD_SINGULAR, "m", "who", True)


@final
class AskingSentences:
    """Draws questions with a question word."""

    def __init__(self, chooser: Chooser, doing: DoingSentences) -> None:
        self._chooser, self._doing = chooser, doing
        self._sorts = Deck(weighted(_SORTS), chooser.random)

    def asking(self) -> Sentence:
        """A question of one of the sorts."""
        sort = self._sorts.draw()
        if sort == "who":
            return self._who()
        if sort in _ADVERBS:
            return self._adverbial(sort)
        verb, tense, person = self._chooser.transitive.draw()
        if sort == "whom" and "person" in verb.objects:
            opening = Phrase("who", "a quién")
        elif sort in ("which", "how many") and (noun := self._chooser.counted_object(verb)):
            opening = asked_object(sort, noun, verb, plural=sort == "how many" or self._chooser.chance(0.3))
        else:
            sort, opening = "what", Phrase("what", "qué")
        parts = Clause(self._chooser.subject(person, verb), verb, tense, Form.QUESTION, opening=opening)
        return self._finished(parts, sort)

    def _who(self) -> Sentence:
        verb, tense, _ = self._chooser.done_by_others.draw()
        parts = Clause(_WHO, verb, tense, rest=(self._doing.direct_object(verb),), construction="who")
        return Sentence(clause(parts), is_question=True)

    def _adverbial(self, word: str) -> Sentence:
        verb, tense, person = self._verb_form(with_place=word != "where")
        rest: tuple[Phrase, ...] = ()
        if verb.objects:
            rest = (self._doing.direct_object(verb),)
        elif verb.directions:
            rest = (self._doing.destination(verb),)
        opening = Phrase(word, _ADVERBS[word])
        parts = Clause(
            self._chooser.subject(person, verb), verb, tense, Form.QUESTION, rest, opening, construction=word
        )
        return Sentence(clause(parts), is_question=True)

    def _verb_form(self, with_place: bool) -> tuple[Verb, Tense, Person]:
        """A verb; a verb of motion, which names a place, only where one is wanted."""
        if self._chooser.chance(0.7):
            return self._chooser.transitive.draw()
        verb, tense, person = self._chooser.intransitive.draw()
        while verb.directions and not with_place:
            verb, tense, person = self._chooser.intransitive.draw()
        return verb, tense, person

    def _finished(self, parts: Clause, construction: str) -> Sentence:
        parts = parts._replace(construction=construction)
        if self._chooser.chance(0.45):
            sort = "time" if self._chooser.chance(0.6) else "place"
            parts = parts._replace(rest=(*parts.rest, self._doing.adjunct(sort, parts)))
        return Sentence(clause(parts), is_question=True)


def asked_object(sort: str, noun: Noun, verb: Verb, plural: bool) -> Phrase:
    """The object asked for: "which key", "qué llave"; "how many girls", "a cuántas niñas".

    Args:
        sort: "which" or "how many".
        noun: What is asked for.
        verb: Whose object it is.
        plural: Whether more than one is asked for.
    """
    plain = noun_phrase(NounPhrasePlan(noun, "", plural))
    word = "qué" if sort == "which" else f"cuánt{'o' if noun.gender == 'm' else 'a'}s"
    mark = "a " if noun.is_person else ""
    name = combination("verb-object", verb.english, noun.singular)
    return Phrase(f"{sort} {plain.english}", f"{mark}{word} {plain.spanish}", (name,))
