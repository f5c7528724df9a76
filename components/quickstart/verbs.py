"""The verbs: English base, third person and past; Spanish infinitive; what each takes.

No verb has a past that looks like its base form ("read", "put"), for then the English sentence would not
determine the tense of the Spanish one.
"""

from seq2seq_tfx.components.quickstart.conjugation import TENER_IMPERFECT, conjugate
from seq2seq_tfx.components.quickstart.words import Tense, Verb

_TRANSITIVE = """
    buy buys bought comprar             food drink clothing object furniture vehicle text
    sell sells sold vender              food drink clothing object furniture vehicle text animal
    eat eats ate comer                  food @animals
    drink drinks drank beber            drink @animals
    cook cooks cooked cocinar           cookable
    wash washes washed lavar            clothing vehicle washable
    write writes wrote escribir         written
    open opens opened abrir             openable
    close closes closed cerrar          openable
    find finds found encontrar          object clothing text animal person @animals
    lose loses lost perder              object clothing text
    look looks looked buscar            object clothing text animal person @animals +for
    see sees saw ver                    person animal place vehicle object @animals
    visit visits visited visitar        person place
    help helps helped ayudar            person
    clean cleans cleaned limpiar        furniture room vehicle object
    break breaks broke romper           fragile
    bring brings brought traer          food drink object clothing text
    need needs needed necesitar         food drink object clothing vehicle
    have has had tener                  object clothing vehicle animal text
    make makes made hacer               made
    send sends sent enviar              text object
    order orders ordered pedir          food drink
    choose chooses chose elegir         food clothing object vehicle text
    repair repairs repaired reparar     vehicle machine furniture
    follow follows followed seguir      person animal vehicle @animals
    remember remembers remembered recordar  person place text
    build builds built construir        building built furniture vehicle
"""

_INTRANSITIVE = """
    live lives lived vivir         @animals
    work works worked trabajar
    sing sings sang cantar
    sleep sleeps slept dormir      @animals
    run runs ran correr            @animals
    travel travels travelled viajar >to/a
    go goes went ir                >to/a
    come comes came venir          >from/de
    leave leaves left salir        >/de
    return returns returned volver >to/a
"""


def _read(line: str) -> Verb:
    english, third, past, infinitive, *notes = line.split()
    direction = next((note[1:].partition("/") for note in notes if note[0] == ">"), None)
    return Verb(
        english,
        third,
        past,
        infinitive,
        conjugate(infinitive),
        objects=frozenset(note for note in notes if note[0] not in "@+>"),
        particle=next((note[1:] for note in notes if note[0] == "+"), ""),
        directions=(direction[0], direction[2]) if direction else None,
        animals_do_it="@animals" in notes,
    )


def _read_all(table: str) -> tuple[Verb, ...]:
    return tuple(_read(line) for line in table.splitlines() if line.strip())


TRANSITIVE_VERBS = _read_all(_TRANSITIVE)
INTRANSITIVE_VERBS = _read_all(_INTRANSITIVE)

SER = Verb("be", "is", "was", "ser", conjugate("ser"))
ESTAR = Verb("be", "is", "was", "estar", conjugate("estar"))
THERE_BE = Verb("be", "is", "was", "haber", conjugate("haber"))
"""Impersonal: English agrees with what there is, Spanish does not (hay, había, habrá)."""
BE_BORN = Verb("be", "is", "was", "nacer", conjugate("nacer"))
BE_OF_AGE = Verb("be", "is", "was", "tener", {**conjugate("tener"), Tense.PAST: TENER_IMPERFECT})
"""English is a number of years old, Spanish has them (tiene, tenía, tendrá)."""
COST = Verb("cost", "costs", "cost", "costar", conjugate("costar"))
"""Singular subjects only: with "they cost" the tense would be open."""
