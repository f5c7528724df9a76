"""Phrases and clauses of the grammar, compared with translations written by hand."""

import pytest

from seq2seq_tfx.components.quickstart.adjectives import ADJECTIVE_BY_ENGLISH
from seq2seq_tfx.components.quickstart.asking_sentences import asked_object
from seq2seq_tfx.components.quickstart.being_sentences import copula_of, predicate_of, two_adjectives
from seq2seq_tfx.components.quickstart.clauses import (
    Clause,
    Form,
    as_object,
    clause,
    object_relative,
    subject_relative,
    written,
)
from seq2seq_tfx.components.quickstart.dates import date, hour, neighbouring_numbers
from seq2seq_tfx.components.quickstart.names import TITLES
from seq2seq_tfx.components.quickstart.noun_phrases import (
    NounPhrase,
    NounPhrasePlan,
    Phrase,
    both,
    either,
    named,
    noun_phrase,
    pronoun,
    titled,
    with_preposition,
)
from seq2seq_tfx.components.quickstart.nouns import NOUN_BY_ENGLISH
from seq2seq_tfx.components.quickstart.verbs import (
    BE_BORN,
    BE_OF_AGE,
    COST,
    INTRANSITIVE_VERBS,
    THERE_BE,
    TRANSITIVE_VERBS,
)
from seq2seq_tfx.components.quickstart.words import Noun, Tense, Verb

VERBS = {verb.english: verb for verb in (*TRANSITIVE_VERBS, *INTRANSITIVE_VERBS)}
PRESENT, PAST, FUTURE = Tense.PRESENT, Tense.PAST, Tense.FUTURE
ANA, INES, LUIS, OSCAR = named("Ana", "f"), named("Inés", "f"), named("Luis", "m"), named("Óscar", "m")


def np(noun: str, determiner: str = "the", plural: bool = False, adjective: str = "", leading: str = "") -> NounPhrase:
    return noun_phrase(
        NounPhrasePlan(
            NOUN_BY_ENGLISH[noun],
            determiner,
            plural,
            ADJECTIVE_BY_ENGLISH.get(adjective),
            ADJECTIVE_BY_ENGLISH.get(leading),
        )
    )


def owned(noun: str, owner: NounPhrase, adjective: str = "") -> NounPhrase:
    return noun_phrase(
        NounPhrasePlan(NOUN_BY_ENGLISH[noun], adjective=ADJECTIVE_BY_ENGLISH.get(adjective), possessor=owner)
    )


def counted(noun: str, number: int) -> NounPhrase:
    return noun_phrase(NounPhrasePlan(NOUN_BY_ENGLISH[noun], number=number))


@pytest.mark.parametrize(
    ("phrase", "english", "spanish"),
    [
        (np("house", "a", adjective="white"), "a white house", "una casa blanca"),
        (np("house", "these", True, "white"), "these white houses", "estas casas blancas"),
        (np("orange", "a"), "an orange", "una naranja"),
        (np("dictionary", "a", adjective="useful"), "a useful dictionary", "un diccionario útil"),
        (np("street", "a", adjective="ugly"), "an ugly street", "una calle fea"),
        (np("water"), "the water", "el agua"),
        (np("water", "this", adjective="cold"), "this cold water", "esta agua fría"),
        (np("eagle", "a", adjective="white"), "a white eagle", "un águila blanca"),
        (np("eagle", "the", True, "strong"), "the strong eagles", "las águilas fuertes"),
        (np("eagle", "the", leading="first"), "the first eagle", "la primera águila"),
        (np("poet", "a", adjective="famous"), "a famous poet", "un poeta famoso"),
        (np("map", "many", True), "many maps", "muchos mapas"),
        (np("motorbike", "another", adjective="black"), "another black motorbike", "otra moto negra"),
        (np("photo", "several", True, "old"), "several old photos", "varias fotos viejas"),
        (np("key", "all the", True), "all the keys", "todas las llaves"),
        (np("sister", "our", True), "our sisters", "nuestras hermanas"),
        (np("friend", "a", leading="good"), "a good friend", "un buen amigo"),
        (np("friend", "my", True, leading="good"), "my good friends", "mis buenos amigos"),
        (np("song", "a", leading="bad"), "a bad song", "una mala canción"),
        (np("actress", "a", leading="great"), "a great actress", "una gran actriz"),
        (np("actor", "some", True, leading="great"), "some great actors", "unos grandes actores"),
        (np("book", "his", leading="third"), "his third book", "su tercer libro"),
        (np("milk", "", adjective="hot"), "hot milk", "leche caliente"),
        (owned("house", ANA, "red"), "Ana's red house", "la casa roja de Ana"),
        (owned("car", np("doctor")), "the doctor's car", "el coche del médico"),
        (owned("car", np("aunt", "my")), "my aunt's car", "el coche de mi tía"),
        (owned("water", LUIS), "Luis's water", "el agua de Luis"),
        (counted("chair", 21), "twenty-one chairs", "veintiuna sillas"),
        (counted("book", 301), "three hundred and one books", "trescientos un libros"),
        (counted("apple", 2_500), "two thousand five hundred apples", "dos mil quinientas manzanas"),
        (titled("Mrs.", "Ruiz", TITLES), "Mrs. Ruiz", "la señora Ruiz"),
        (both(ANA, INES), "Ana and Inés", "Ana e Inés"),
        (both(ANA, LUIS), "Ana and Luis", "Ana y Luis"),
        (either(LUIS, OSCAR), "Luis or Óscar", "Luis u Óscar"),
    ],
)
def test_noun_phrases_agree(phrase: NounPhrase, english: str, spanish: str) -> None:
    assert (phrase.english, phrase.spanish) == (english, spanish)


@pytest.mark.parametrize(
    ("phrase", "english", "spanish"),
    [
        (with_preposition("to", "a", np("market")), "to the market", "al mercado"),
        (with_preposition("from", "de", np("garden")), "from the garden", "del jardín"),
        (with_preposition("", "de", np("beach")), "the beach", "de la playa"),
        (with_preposition("near", "cerca de", np("bridge")), "near the bridge", "cerca del puente"),
        (with_preposition("for", "para", titled("Mr.", "López", TITLES)), "for Mr. López", "para el señor López"),
        (as_object(np("doctor")), "the doctor", "al médico"),
        (as_object(np("aunt", "my")), "my aunt", "a mi tía"),
        (as_object(titled("Mr.", "Ruiz", TITLES)), "Mr. Ruiz", "al señor Ruiz"),
        (as_object(np("dog")), "the dog", "el perro"),
        (as_object(counted("girl", 3)), "three girls", "a tres niñas"),
        (date(1, "May", 2031), "on May 1, 2031", "el 1 de mayo de 2031"),
        (date(30, "August"), "on August 30", "el 30 de agosto"),
        (date(5, "June", weekday="Wednesday"), "on Wednesday, June 5", "el miércoles, 5 de junio"),
        (hour(1), "at one o'clock", "a la una"),
        (hour(11), "at eleven o'clock", "a las once"),
        (neighbouring_numbers(7), "seven or eight", "siete u ocho"),
        (neighbouring_numbers(2), "two or three", "dos o tres"),
    ],
)
def test_prepositions_contract_and_people_take_the_personal_a(
    phrase: Phrase | NounPhrase, english: str, spanish: str
) -> None:
    assert (phrase.english, phrase.spanish) == (english, spanish)


def doing(subject: NounPhrase, verb: str, tense: Tense, *rest: Phrase | NounPhrase, form: Form = Form.STATEMENT) -> str:
    """`English | Spanish` of a clause."""
    return " | ".join(
        written(clause(Clause(subject, VERBS[verb], tense, form, rest)), is_question=form is Form.QUESTION)
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (doing(pronoun("I"), "buy", PAST, np("bread", "")), "I bought bread. | Compré pan."),
        (doing(pronoun("he"), "have", PRESENT, np("dog", "a")), "He has a dog. | Él tiene un perro."),
        (
            doing(pronoun("you all"), "open", FUTURE, np("door")),
            "You all will open the door. | Abriréis la puerta.",
        ),
        (
            doing(ANA, "find", PRESENT, np("key", "my", True), form=Form.NEGATION),
            "Ana does not find my keys. | Ana no encuentra mis llaves.",
        ),
        (
            doing(pronoun("we"), "see", PAST, as_object(LUIS), form=Form.NEGATION),
            "We did not see Luis. | No vimos a Luis.",
        ),
        (
            doing(np("boy"), "look", PAST, np("ball"), form=Form.QUESTION),
            "Did the boy look for the ball? | ¿Buscó el niño la pelota?",
        ),
        (
            doing(pronoun("you"), "write", PRESENT, np("letter", "some", True), form=Form.QUESTION),
            "Do you write some letters? | ¿Escribes unas cartas?",
        ),
        (
            doing(pronoun("they"), "eat", PRESENT, np("meat", ""), form=Form.NEVER),
            "They never eat meat. | Ellos nunca comen carne.",
        ),
        (
            doing(pronoun("I"), "drink", FUTURE, np("water", ""), form=Form.NEVER),
            "I will never drink water. | Nunca beberé agua.",
        ),
        (
            doing(np("poet"), "sleep", PRESENT, form=Form.ALWAYS),
            "The poet always sleeps. | El poeta siempre duerme.",
        ),
    ],
)
def test_clauses_in_all_forms(found: str, expected: str) -> None:
    assert found == expected


def being(subject: NounPhrase, adjective: str, tense: Tense, form: Form = Form.STATEMENT) -> tuple[str, str]:
    said = ADJECTIVE_BY_ENGLISH[adjective]
    parts = Clause(subject, copula_of(said), tense, form, predicate=predicate_of(said, subject))
    return written(clause(parts), form is Form.QUESTION)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (being(ANA, "tired", PRESENT), ("Ana is tired.", "Ana está cansada.")),
        (being(np("door", "the", True), "open", PAST), ("The doors were open.", "Las puertas estaban abiertas.")),
        (being(np("tea"), "cold", FUTURE), ("The tea will be cold.", "El té estará frío.")),
        (being(pronoun("I"), "happy", PRESENT), ("I am happy.", "Soy feliz.")),
        (being(pronoun("we"), "brave", PAST), ("We were brave.", "Éramos valientes.")),
        (
            being(np("house"), "white", PRESENT, Form.QUESTION),
            ("Is the house white?", "¿Es blanca la casa?"),
        ),
        (
            being(both(ANA, INES), "Spanish", PRESENT, Form.NEGATION),
            ("Ana and Inés are not Spanish.", "Ana e Inés no son españolas."),
        ),
        (being(both(ANA, LUIS), "angry", PAST), ("Ana and Luis were angry.", "Ana y Luis estaban enfadados.")),
    ],
)
def test_predicates_agree_and_take_ser_or_estar(found: tuple[str, str], expected: tuple[str, str]) -> None:
    assert found == expected


def test_two_predicates_are_joined_by_e_before_the_sound_of_i() -> None:
    queen = np("queen")
    phrase = two_adjectives(ADJECTIVE_BY_ENGLISH["tall"], ADJECTIVE_BY_ENGLISH["intelligent"], queen)
    assert phrase[:2] == ("tall and intelligent", "alta e inteligente")


def special(subject: NounPhrase, verb: Verb, tense: Tense, *rest: Phrase | NounPhrase) -> tuple[str, str]:
    return clause(Clause(subject, verb, tense, rest=rest))[:2]


def test_existence_age_price_and_birth_are_said_in_each_language_s_way() -> None:
    there = NounPhrase("there", "", (), counted("cat", 2).person, "m", "there")
    years = noun_phrase(NounPhrasePlan(Noun("year", "years", "año", "m", frozenset()), number=31))
    age = Phrase(f"{years.english} old", years.spanish)
    assert special(there, THERE_BE, PRESENT, counted("cat", 2)) == ("there are two cats", "hay dos gatos")
    assert special(there, THERE_BE, PAST, counted("cat", 2)) == ("there were two cats", "había dos gatos")
    assert special(ANA, BE_OF_AGE, PAST, age) == ("Ana was thirty-one years old", "Ana tenía treinta y un años")
    assert special(np("hat"), COST, PRESENT, Phrase("x", "x")) == ("the hat costs x", "el sombrero cuesta x")
    assert special(ANA, BE_BORN, PAST, Phrase("born", "")) == ("Ana was born", "Ana nació")


def test_subject_relative_clauses() -> None:
    parts = Clause(ANA, VERBS["break"], PAST, Form.NEGATION, (np("window"),))
    found = subject_relative(np("boy", "the", True), parts)
    assert found[:2] == ("the boys who did not break the window", "los niños que no rompieron la ventana")
    assert subject_relative(np("cat"), parts).english == "the cat that did not break the window"


@pytest.mark.parametrize(
    ("head", "english", "spanish"),
    [
        (np("key"), "the key that Ana finds", "la llave que Ana encuentra"),
        (np("man"), "the man whom Ana finds", "el hombre al que Ana encuentra"),
        (np("girl"), "the girl whom Ana finds", "la niña a la que Ana encuentra"),
        (np("boy", "the", True), "the boys whom Ana finds", "los niños a los que Ana encuentra"),
        (np("queen", "some", True), "some queens whom Ana finds", "unas reinas a las que Ana encuentra"),
    ],
)
def test_object_relative_clauses(head: NounPhrase, english: str, spanish: str) -> None:
    assert object_relative(head, Clause(ANA, VERBS["find"], PRESENT))[:2] == (english, spanish)


@pytest.mark.parametrize(
    ("sort", "noun", "plural", "english", "spanish"),
    [
        ("which", "key", False, "which key", "qué llave"),
        ("how many", "key", True, "how many keys", "cuántas llaves"),
        ("how many", "book", True, "how many books", "cuántos libros"),
        ("how many", "girl", True, "how many girls", "a cuántas niñas"),
        ("which", "doctor", True, "which doctors", "a qué médicos"),
    ],
)
def test_objects_that_are_asked_for(sort: str, noun: str, plural: bool, english: str, spanish: str) -> None:
    assert asked_object(sort, NOUN_BY_ENGLISH[noun], VERBS["see"], plural)[:2] == (english, spanish)
