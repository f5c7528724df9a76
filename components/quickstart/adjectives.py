"""The adjectives: those that follow the Spanish noun, with the copula they take, and those that precede it."""

from seq2seq_tfx.components.quickstart.words import Adjective

_AFTER_THE_NOUN = """
    red         rojo               ser    clothing object vehicle furniture
    white       blanco             ser    clothing object vehicle furniture animal
    black       negro              ser    clothing object vehicle furniture animal
    green       verde              ser    clothing object vehicle furniture
    blue        azul               ser    clothing object vehicle furniture
    yellow      amarillo           ser    clothing object vehicle
    grey        gris               ser    clothing object vehicle animal
    brown       marrón             ser    clothing object animal furniture
    big         grande             ser    animal food object furniture vehicle place
    small       pequeño            ser    animal food object clothing furniture vehicle place
    long        largo              ser    clothing text
    short       corto              ser    clothing text
    tall        alto               ser    person
    heavy       pesado             ser    object furniture
    expensive   caro               ser    clothing object furniture vehicle food drink
    cheap       barato             ser    clothing object furniture vehicle food drink
    new         nuevo              ser    clothing object furniture vehicle text place
    old         viejo              ser    clothing object furniture vehicle text person animal place
    beautiful   hermoso            ser    person animal clothing text place
    ugly        feo                ser    animal clothing object furniture vehicle place
    modern      moderno            ser    furniture vehicle place
    famous      famoso             ser    person text place
    quiet       tranquilo          ser    animal place
    dangerous   peligroso          ser    animal place
    interesting interesante        ser    text place
    boring      aburrido           ser    text place
    strange     extraño            ser    person animal object text
    useful      útil               ser    object text
    young       joven              ser    person animal
    happy       feliz              ser    person
    sad         triste             estar  person animal
    intelligent inteligente        ser    person animal
    strong      fuerte             ser    person animal
    kind        amable             ser    person
    brave       valiente           ser    person animal
    patient     paciente           ser    person
    elegant     elegante           ser    person clothing
    rich        rico               ser    person
    poor        pobre              ser    person
    thin        delgado            ser    person
    hardworking trabajador/a       ser    person
    nervous     nervioso           estar  person animal
    tired       cansado            estar  person animal
    sick        enfermo            estar  person animal
    angry       enfadado           estar  person
    sweet       dulce              ser    food drink
    cold        frío               estar  food drink washable
    hot         caliente           estar  food drink washable
    delicious   delicioso          estar  food drink
    open        abierto            estar  openable public
    closed      cerrado            estar  openable public
    dirty       sucio              estar  clothing object furniture vehicle
    clean       limpio             estar  clothing object furniture vehicle
    broken      roto               estar  object furniture
    empty       vacío              estar  container place
    full        lleno              estar  container place
    Spanish     español/a          ser    person food drink text
    French      francés/francesa   ser    person food drink text
    English     inglés/inglesa     ser    person text
    German      alemán/alemana     ser    person text vehicle
    Italian     italiano           ser    person food drink
"""

_BEFORE_THE_NOUN = """
    good        bueno    buen
    bad         malo     mal
    great       grande   gran
    first       primero  primer
    second      segundo  segundo
    third       tercero  tercer
    last        último   último
    only        único    único
"""


def _read_after(line: str) -> Adjective:
    english, forms, copula, *kinds = line.split()
    masculine, _, feminine = forms.partition("/")
    if not feminine:
        feminine = masculine[:-1] + "a" if masculine.endswith("o") else masculine
    elif feminine == "a":
        feminine = masculine + "a"
    return Adjective(english, masculine, feminine, frozenset(kinds), copula)


def _read_before(line: str) -> Adjective:
    english, masculine, short = line.split()
    feminine = masculine[:-1] + "a" if masculine.endswith("o") else masculine
    return Adjective(english, masculine, feminine, frozenset(), short=short)


ADJECTIVES = tuple(_read_after(line) for line in _AFTER_THE_NOUN.splitlines() if line.strip())
"""Adjectives that follow the Spanish noun and can be predicates."""

PRENOMINAL_ADJECTIVES = tuple(_read_before(line) for line in _BEFORE_THE_NOUN.splitlines() if line.strip())
"""Adjectives that precede the Spanish noun, some shortened there: buen, mal, gran, primer, tercer."""

ADJECTIVE_BY_ENGLISH = {adjective.english: adjective for adjective in ADJECTIVES + PRENOMINAL_ADJECTIVES}


def adjectives_for(kinds: frozenset[str]) -> tuple[Adjective, ...]:
    """The adjectives that can follow a noun of these kinds."""
    return tuple(adjective for adjective in ADJECTIVES if adjective.kinds & kinds)
