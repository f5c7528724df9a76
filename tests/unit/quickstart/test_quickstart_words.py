"""Word forms in both languages: numbers, plurals, conjugation, adjectives; compared with forms written by hand."""

import random

import pytest

from seq2seq_tfx.components.quickstart.adjectives import ADJECTIVE_BY_ENGLISH, ADJECTIVES, adjectives_for
from seq2seq_tfx.components.quickstart.conjugation import conjugate
from seq2seq_tfx.components.quickstart.decks import Deck
from seq2seq_tfx.components.quickstart.nouns import NOUNS, nouns_of
from seq2seq_tfx.components.quickstart.numerals import LARGEST, english_number, spanish_number
from seq2seq_tfx.components.quickstart.verbs import COST, INTRANSITIVE_VERBS, TRANSITIVE_VERBS
from seq2seq_tfx.components.quickstart.words import Tense, Verb, spanish_plural

PRESENT, PAST, FUTURE = Tense.PRESENT, Tense.PAST, Tense.FUTURE


@pytest.mark.parametrize(
    ("infinitive", "tense", "forms"),
    [
        ("comprar", PRESENT, "compro compras compra compramos compráis compran"),
        ("comprar", FUTURE, "compraré comprarás comprará compraremos compraréis comprarán"),
        ("vender", PAST, "vendí vendiste vendió vendimos vendisteis vendieron"),
        ("abrir", PRESENT, "abro abres abre abrimos abrís abren"),
        ("cerrar", PRESENT, "cierro cierras cierra cerramos cerráis cierran"),
        ("perder", PRESENT, "pierdo pierdes pierde perdemos perdéis pierden"),
        ("encontrar", PRESENT, "encuentro encuentras encuentra encontramos encontráis encuentran"),
        ("recordar", PRESENT, "recuerdo recuerdas recuerda recordamos recordáis recuerdan"),
        ("volver", PRESENT, "vuelvo vuelves vuelve volvemos volvéis vuelven"),
        ("volver", PAST, "volví volviste volvió volvimos volvisteis volvieron"),
        ("dormir", PRESENT, "duermo duermes duerme dormimos dormís duermen"),
        ("dormir", PAST, "dormí dormiste durmió dormimos dormisteis durmieron"),
        ("pedir", PRESENT, "pido pides pide pedimos pedís piden"),
        ("pedir", PAST, "pedí pediste pidió pedimos pedisteis pidieron"),
        ("elegir", PRESENT, "elijo eliges elige elegimos elegís eligen"),
        ("elegir", PAST, "elegí elegiste eligió elegimos elegisteis eligieron"),
        ("seguir", PRESENT, "sigo sigues sigue seguimos seguís siguen"),
        ("seguir", PAST, "seguí seguiste siguió seguimos seguisteis siguieron"),
        ("buscar", PAST, "busqué buscaste buscó buscamos buscasteis buscaron"),
        ("buscar", PRESENT, "busco buscas busca buscamos buscáis buscan"),
        ("enviar", PRESENT, "envío envías envía enviamos enviáis envían"),
        ("construir", PAST, "construí construiste construyó construimos construisteis construyeron"),
        ("tener", PAST, "tuve tuviste tuvo tuvimos tuvisteis tuvieron"),
        ("tener", FUTURE, "tendré tendrás tendrá tendremos tendréis tendrán"),
        ("hacer", PRESENT, "hago haces hace hacemos hacéis hacen"),
        ("hacer", FUTURE, "haré harás hará haremos haréis harán"),
        ("traer", PAST, "traje trajiste trajo trajimos trajisteis trajeron"),
        ("traer", PRESENT, "traigo traes trae traemos traéis traen"),
        ("venir", PAST, "vine viniste vino vinimos vinisteis vinieron"),
        ("salir", PRESENT, "salgo sales sale salimos salís salen"),
        ("salir", FUTURE, "saldré saldrás saldrá saldremos saldréis saldrán"),
        ("ir", PRESENT, "voy vas va vamos vais van"),
        ("ir", FUTURE, "iré irás irá iremos iréis irán"),
        ("ver", PRESENT, "veo ves ve vemos veis ven"),
        ("ver", PAST, "vi viste vio vimos visteis vieron"),
        ("nacer", PAST, "nací naciste nació nacimos nacisteis nacieron"),
        ("costar", PRESENT, "cuesto cuestas cuesta costamos costáis cuestan"),
        ("ser", PAST, "era eras era éramos erais eran"),
        ("estar", PRESENT, "estoy estás está estamos estáis están"),
        ("estar", FUTURE, "estaré estarás estará estaremos estaréis estarán"),
    ],
)
def test_conjugation_is_the_one_of_the_grammar_books(infinitive: str, tense: Tense, forms: str) -> None:
    assert " ".join(conjugate(infinitive)[tense]) == forms


@pytest.mark.parametrize("verb", [*TRANSITIVE_VERBS, *INTRANSITIVE_VERBS], ids=lambda verb: verb.english)
def test_no_past_looks_like_its_base_form(verb: Verb) -> None:
    assert verb.past not in (verb.english, verb.third)


def test_cost_is_told_apart_by_its_third_person_alone() -> None:
    assert COST.past == COST.english != COST.third


@pytest.mark.parametrize(
    ("number", "english", "masculine", "feminine"),
    [
        (2, "two", "dos", "dos"),
        (16, "sixteen", "dieciséis", "dieciséis"),
        (21, "twenty-one", "veintiún", "veintiuna"),
        (22, "twenty-two", "veintidós", "veintidós"),
        (30, "thirty", "treinta", "treinta"),
        (31, "thirty-one", "treinta y un", "treinta y una"),
        (99, "ninety-nine", "noventa y nueve", "noventa y nueve"),
        (100, "one hundred", "cien", "cien"),
        (101, "one hundred and one", "ciento un", "ciento una"),
        (200, "two hundred", "doscientos", "doscientas"),
        (555, "five hundred and fifty-five", "quinientos cincuenta y cinco", "quinientas cincuenta y cinco"),
        (721, "seven hundred and twenty-one", "setecientos veintiún", "setecientas veintiuna"),
        (900, "nine hundred", "novecientos", "novecientas"),
        (1_000, "one thousand", "mil", "mil"),
        (1_001, "one thousand and one", "mil un", "mil una"),
        (1_100, "one thousand one hundred", "mil cien", "mil cien"),
        (3_026, "three thousand and twenty-six", "tres mil veintiséis", "tres mil veintiséis"),
        (
            9_999,
            "nine thousand nine hundred and ninety-nine",
            "nueve mil novecientos noventa y nueve",
            "nueve mil novecientas noventa y nueve",
        ),
    ],
)
def test_numbers_are_written_as_before_a_noun(number: int, english: str, masculine: str, feminine: str) -> None:
    assert english_number(number) == english
    assert (spanish_number(number, "m"), spanish_number(number, "f")) == (masculine, feminine)


def test_all_numbers_differ_in_both_languages() -> None:
    numbers = range(1, LARGEST + 1)
    assert len({english_number(number) for number in numbers}) == LARGEST
    assert len({spanish_number(number, "f") for number in numbers}) == LARGEST


@pytest.mark.parametrize("number", [0, -3, 10_000])
def test_a_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 9,999, got"):
        english_number(number)


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("libro", "libros"),
        ("flor", "flores"),
        ("actriz", "actrices"),
        ("canción", "canciones"),
        ("jardín", "jardines"),
        ("autobús", "autobuses"),
        ("paraguas", "paraguas"),
        ("lunes", "lunes"),
        ("rey", "reyes"),
        ("reloj", "relojes"),
        ("sofá", "sofás"),
        ("café", "cafés"),
        ("joven", "jóvenes"),
        ("francés", "franceses"),
        ("marrón", "marrones"),
        ("azul", "azules"),
        ("árbol", "árboles"),
        ("feliz", "felices"),
    ],
)
def test_spanish_plurals(singular: str, plural: str) -> None:
    assert spanish_plural(singular) == plural


@pytest.mark.parametrize(
    ("english", "forms"),
    [
        ("red", "rojo roja rojos rojas"),
        ("brown", "marrón marrón marrones marrones"),
        ("young", "joven joven jóvenes jóvenes"),
        ("hardworking", "trabajador trabajadora trabajadores trabajadoras"),
        ("Spanish", "español española españoles españolas"),
        ("German", "alemán alemana alemanes alemanas"),
        ("English", "inglés inglesa ingleses inglesas"),
        ("happy", "feliz feliz felices felices"),
    ],
)
def test_adjectives_agree(english: str, forms: str) -> None:
    adjective = ADJECTIVE_BY_ENGLISH[english]
    found = [adjective.agreeing(gender, plural) for plural in (False, True) for gender in ("m", "f")]
    assert " ".join(found) == forms


def test_english_words_are_not_shared_by_two_nouns_or_two_adjectives() -> None:
    nouns = [form for noun in NOUNS for form in {noun.singular, noun.plural} - {""}]
    assert len(nouns) == len(set(nouns))
    assert len({adjective.english for adjective in ADJECTIVES}) == len(ADJECTIVES)


def test_every_noun_has_adjectives_and_every_verb_has_objects() -> None:
    assert all(adjectives_for(noun.kinds) for noun in NOUNS)
    assert all(len(nouns_of(verb.objects)) >= 5 for verb in TRANSITIVE_VERBS)


def test_a_deck_gives_each_card_once_before_any_twice() -> None:
    deck = Deck("abcd", random.Random(0))
    rounds = ["".join(deck.draw() for _ in range(4)) for _ in range(5)]
    assert all(sorted(drawn) == list("abcd") for drawn in rounds)
    assert len(set(rounds)) > 1
