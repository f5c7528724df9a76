"""Clauses in both languages at once: verb groups, negation, questions, relative clauses, sentences."""

from enum import Enum
from typing import NamedTuple

from seq2seq_tfx.components.quickstart.combinations import combination
from seq2seq_tfx.components.quickstart.noun_phrases import (
    NounPhrase,
    Phrase,
    after_preposition,
    combinations_of,
    joined,
)
from seq2seq_tfx.components.quickstart.words import Person, Tense, Verb

_BE = {
    Tense.PRESENT: ("am", "are", "is", "are", "are", "are"),
    Tense.PAST: ("was", "were", "was", "were", "were", "were"),
}
_SPANISH_ADVERBS = {"not": "no", "never": "nunca", "always": "siempre"}
_RELATIVE_ARTICLES = {
    (Person.THIRD_SINGULAR, "m"): "al",
    (Person.THIRD_SINGULAR, "f"): "a la",
    (Person.THIRD_PLURAL, "m"): "a los",
    (Person.THIRD_PLURAL, "f"): "a las",
}


class Form(Enum):
    """How a clause says what it says."""

    STATEMENT = "statement"
    NEGATION = "negation"
    NEVER = "never"
    ALWAYS = "always"
    QUESTION = "question"


_ADVERBS = {Form.NEGATION: "not", Form.NEVER: "never", Form.ALWAYS: "always"}


class Clause(NamedTuple):
    """The choices behind a clause."""

    subject: NounPhrase
    verb: Verb
    tense: Tense
    form: Form = Form.STATEMENT
    rest: tuple[Phrase | NounPhrase, ...] = ()
    """What follows the verb, in the same order in both languages."""
    opening: Phrase = Phrase("", "")
    """What comes first: a question word, a time."""
    predicate: Phrase = Phrase("", "")
    """An adjective or the like that follows the copula; a Spanish question has it before the subject."""
    construction: str = ""
    """Names the construction in the combinations, if the form alone does not."""


def clause(parts: Clause) -> Phrase:
    """The clause in both languages, without capital and full stop.

    A clause that is more than a plain statement is itself a combination: of construction, tense and person.

    Example:
        >>> from seq2seq_tfx.components.quickstart.noun_phrases import pronoun
        >>> from seq2seq_tfx.components.quickstart.verbs import TRANSITIVE_VERBS
        >>> clause(Clause(pronoun("she"), TRANSITIVE_VERBS[0], Tense.PAST, Form.QUESTION))[:2]
        ('did she buy', 'compró ella')
    """
    pieces = (parts.opening, parts.subject, parts.predicate, *parts.rest)
    names = combinations_of(pieces)
    construction = parts.construction or ("" if parts.form is Form.STATEMENT else parts.form.value)
    if construction:
        names += (combination("clause", construction, parts.tense.value, parts.subject.person.title),)
    return Phrase(_english(parts), _spanish(parts), names)


def _english(parts: Clause) -> str:
    verb, subject = parts.verb, parts.subject.english
    adverb = _ADVERBS.get(parts.form, "")
    needs_auxiliary = parts.form in (Form.QUESTION, Form.NEGATION)
    auxiliary, main = _english_verb(verb, parts.tense, parts.subject.person, needs_auxiliary)
    if parts.form is Form.QUESTION:
        group = joined(auxiliary, subject, main, verb.particle)
    else:
        group = joined(subject, auxiliary, adverb, main, verb.particle)
    return joined(parts.opening.english, group, parts.predicate.english, *(piece.english for piece in parts.rest))


def _english_verb(verb: Verb, tense: Tense, person: Person, needs_auxiliary: bool) -> tuple[str, str]:
    """Auxiliary and main verb; either may be empty."""
    if tense is Tense.FUTURE:
        return "will", verb.english
    if verb.english == "be":
        return _BE[tense][person], ""
    third_present = tense is Tense.PRESENT and person is Person.THIRD_SINGULAR
    if needs_auxiliary:
        return ("did" if tense is Tense.PAST else "does" if third_present else "do"), verb.english
    return "", (verb.past if tense is Tense.PAST else verb.third if third_present else verb.english)


def _spanish(parts: Clause) -> str:
    finite = parts.verb.forms[parts.tense][parts.subject.person]
    subject, predicate = parts.subject.spanish, parts.predicate.spanish
    if parts.form is Form.QUESTION:
        group = joined(finite, predicate, subject)
    else:
        adverb = _SPANISH_ADVERBS.get(_ADVERBS.get(parts.form, ""), "")
        group = joined(subject, adverb, finite, predicate)
    return joined(parts.opening.spanish, group, *(piece.spanish for piece in parts.rest))


def as_object(phrase: NounPhrase) -> Phrase:
    """A noun phrase as direct object: people take the personal "a" in Spanish.

    Example:
        >>> from seq2seq_tfx.components.quickstart.noun_phrases import named
        >>> as_object(named("Ana", "f"))[:2]
        ('Ana', 'a Ana')
    """
    spanish = after_preposition("a", phrase.spanish) if phrase.is_person else phrase.spanish
    return Phrase(phrase.english, spanish, phrase.combinations)


def subject_relative(head: NounPhrase, parts: Clause) -> NounPhrase:
    """`head` with a clause whose subject it is: "the man who sold the car", "el hombre que vendió el coche".

    Args:
        head: Singular or plural, no pronoun.
        parts: The clause; its subject is not used.
    """
    relative = NounPhrase("who" if head.is_person else "that", "que", (), head.person, head.gender, head.head)
    inner = clause(_with_subject(parts, relative, "subject relative"))
    return _extended(head, inner)


def object_relative(head: NounPhrase, parts: Clause) -> NounPhrase:
    """`head` with a clause whose object it is: "the key that I lost", "la mujer a la que ayudaste"."""
    inner = clause(_with_subject(parts, parts.subject, "object relative"))
    if head.is_person:
        marks = Phrase("whom", f"{_RELATIVE_ARTICLES[head.person, head.gender]} que")
    else:
        marks = Phrase("that", "que")
    marked = Phrase(f"{marks.english} {inner.english}", f"{marks.spanish} {inner.spanish}", inner.combinations)
    return _extended(head, marked)


def _with_subject(parts: Clause, subject: NounPhrase, construction: str) -> Clause:
    name = construction if parts.form is Form.STATEMENT else f"{construction} with {parts.form.value}"
    return Clause(subject, parts.verb, parts.tense, parts.form, parts.rest, construction=name)


def _extended(head: NounPhrase, inner: Phrase) -> NounPhrase:
    return head._replace(
        english=f"{head.english} {inner.english}",
        spanish=f"{head.spanish} {inner.spanish}",
        combinations=head.combinations + inner.combinations,
    )


def written(phrase: Phrase, is_question: bool) -> tuple[str, str]:
    """Source and target sentence: capital, full stop, question marks.

    Example:
        >>> written(Phrase("did she sing", "cantó ella"), is_question=True)
        ('Did she sing?', '¿Cantó ella?')
    """
    english = phrase.english[0].upper() + phrase.english[1:]
    spanish = phrase.spanish[0].upper() + phrase.spanish[1:]
    return (f"{english}?", f"¿{spanish}?") if is_question else (f"{english}.", f"{spanish}.")
