"""The vocabulary as a dictionary: each English word form with the base form of its Spanish counterpart.

This is what a translation word by word would use; it knows no agreement, no conjugation and no word order.
"""

from seq2seq_tfx.components.quickstart.adjectives import ADJECTIVES, PRENOMINAL_ADJECTIVES
from seq2seq_tfx.components.quickstart.names import (
    FIRST_NAMES,
    MONTHS,
    PLACE_NAMES,
    SEASONS,
    SURNAMES,
    WEEKDAYS,
)
from seq2seq_tfx.components.quickstart.nouns import NOUNS
from seq2seq_tfx.components.quickstart.numerals import (
    ENGLISH_ONES,
    ENGLISH_TENS,
    SPANISH_ONES,
    SPANISH_TENS,
)
from seq2seq_tfx.components.quickstart.verbs import COST, INTRANSITIVE_VERBS, TRANSITIVE_VERBS

_FUNCTION_WORDS = """
    the=el a=un an=un this=este these=este that=ese those=ese every=cada another=otro any= some=uno many=mucho
    several=varios few=poco all=todo my=mi your=tu his=su her=su our=nuestro their=su
    i= you= he=él she=ella we= they=ellos me=mí us=nosotros them=ellos
    am=ser are=ser is=ser was=ser were=ser be=ser born=nacer there=haber do= does= did= will=
    not=no never=nunca always=siempre very=muy
    and=y or=o who=quién whom=quien what=qué which=qué where=dónde when=cuándo why=por_qué how=cuánto
    in=en on=en at=en to=a from=de for=para with=con without=sin under=debajo_de behind=detrás_de
    near=cerca_de far=lejos next=próximo front=delante of=de
    day=día days=día week=semana weeks=semana month=mes months=mes year=año years=año euro=euro euros=euro
    old=viejo ago=hace yesterday=ayer today=hoy tomorrow=mañana tonight=esta_noche now=ahora often=a_menudo
    soon=pronto later=más_tarde after=después before=antes night=noche morning=mañana afternoon=tarde
    o'clock= mr.=señor mrs.=señora hundred=cien thousand=mil
"""


def lexicon_base_forms() -> dict[str, str]:
    """English word in lower case -> Spanish base form.

    Returns:
        Masculine singular for nouns' companions, singular for nouns, infinitive for verbs; empty for words that
        Spanish has no word for (do, will, subject pronouns that it drops).
    """
    lexicon: dict[str, str] = {}
    for noun in NOUNS:
        lexicon.update(dict.fromkeys(filter(None, (noun.singular, noun.plural)), noun.spanish))
    for adjective in ADJECTIVES + PRENOMINAL_ADJECTIVES:
        lexicon[adjective.english.lower()] = adjective.masculine
    for verb in (*TRANSITIVE_VERBS, *INTRANSITIVE_VERBS, COST):
        lexicon.update(dict.fromkeys((verb.english, verb.third, verb.past), verb.infinitive))
    for names in (PLACE_NAMES, MONTHS, SEASONS, WEEKDAYS):
        lexicon.update({english.lower(): spanish for english, spanish in names.items()})
    lexicon.update({f"{english.lower()}s": spanish for english, spanish in WEEKDAYS.items()})
    lexicon.update({name.lower(): name for name in (*FIRST_NAMES, *SURNAMES)})
    lexicon.update(dict(zip(ENGLISH_ONES, SPANISH_ONES, strict=False)))
    lexicon.update(dict(zip(ENGLISH_TENS[1:], SPANISH_TENS[1:], strict=True)))
    for entry in _FUNCTION_WORDS.split():
        english, _, spanish = entry.partition("=")
        lexicon[english] = spanish.replace("_", " ")
    return lexicon
