"""Spanish verb forms: rules for the regular and the stem-changing verbs, rows for the irregular ones.

Present, preterite and future, six persons each (yo, tú, él, nosotros, vosotros, ellos), as in the conjugation
tables of the Real Academia Española's Nueva gramática.
"""

from collections.abc import Mapping

from seq2seq_tfx.components.quickstart.words import Tense

_ENDINGS = {
    ("ar", Tense.PRESENT): ("o", "as", "a", "amos", "áis", "an"),
    ("er", Tense.PRESENT): ("o", "es", "e", "emos", "éis", "en"),
    ("ir", Tense.PRESENT): ("o", "es", "e", "imos", "ís", "en"),
    ("ar", Tense.PAST): ("é", "aste", "ó", "amos", "asteis", "aron"),
    ("er", Tense.PAST): ("í", "iste", "ió", "imos", "isteis", "ieron"),
    ("ir", Tense.PAST): ("í", "iste", "ió", "imos", "isteis", "ieron"),
}
_FUTURE_ENDINGS = ("é", "ás", "á", "emos", "éis", "án")
_STRONG_PAST_ENDINGS = ("e", "iste", "o", "imos", "isteis", "ieron")

_STEM_CHANGES = {
    "cerrar": ("e", "ie"),
    "perder": ("e", "ie"),
    "encontrar": ("o", "ue"),
    "recordar": ("o", "ue"),
    "costar": ("o", "ue"),
    "volver": ("o", "ue"),
    "dormir": ("o", "ue"),
    "pedir": ("e", "i"),
    "elegir": ("e", "i"),
    "seguir": ("e", "i"),
}
_PAST_STEM_CHANGES = {"dormir": ("o", "u"), "pedir": ("e", "i"), "elegir": ("e", "i"), "seguir": ("e", "i")}
_SOUND_KEEPING = (("gu", "g"), ("g", "j"))
"""Before -o: -guir loses its u (sigo), -ger and -gir write j (elijo)."""

_IRREGULAR_ROWS = {
    ("ver", Tense.PRESENT): "veo ves ve vemos veis ven",
    ("ver", Tense.PAST): "vi viste vio vimos visteis vieron",
    ("ir", Tense.PRESENT): "voy vas va vamos vais van",
    ("ir", Tense.PAST): "fui fuiste fue fuimos fuisteis fueron",
    ("salir", Tense.PRESENT): "salgo sales sale salimos salís salen",
    ("venir", Tense.PRESENT): "vengo vienes viene venimos venís vienen",
    ("tener", Tense.PRESENT): "tengo tienes tiene tenemos tenéis tienen",
    ("hacer", Tense.PRESENT): "hago haces hace hacemos hacéis hacen",
    ("hacer", Tense.PAST): "hice hiciste hizo hicimos hicisteis hicieron",
    ("traer", Tense.PRESENT): "traigo traes trae traemos traéis traen",
    ("traer", Tense.PAST): "traje trajiste trajo trajimos trajisteis trajeron",
    ("enviar", Tense.PRESENT): "envío envías envía enviamos enviáis envían",
    ("construir", Tense.PRESENT): "construyo construyes construye construimos construís construyen",
    ("construir", Tense.PAST): "construí construiste construyó construimos construisteis construyeron",
    ("nacer", Tense.PRESENT): "nazco naces nace nacemos nacéis nacen",
    ("ser", Tense.PRESENT): "soy eres es somos sois son",
    ("ser", Tense.PAST): "era eras era éramos erais eran",
    ("estar", Tense.PRESENT): "estoy estás está estamos estáis están",
    ("estar", Tense.PAST): "estaba estabas estaba estábamos estabais estaban",
    ("haber", Tense.PRESENT): "hay hay hay hay hay hay",
    ("haber", Tense.PAST): "había había había había había había",
    ("haber", Tense.FUTURE): "habrá habrá habrá habrá habrá habrá",
}
_STRONG_PASTS = {"tener": "tuv", "venir": "vin"}
_FUTURE_STEMS = {"tener": "tendr", "venir": "vendr", "salir": "saldr", "hacer": "har"}
TENER_IMPERFECT = tuple("tenía tenías tenía teníamos teníais tenían".split())


def conjugate(infinitive: str) -> Mapping[Tense, tuple[str, ...]]:
    """The forms of a verb.

    Returns:
        For each tense the six forms, in the order of `Person`. The past is the preterite, except for "ser" and
        "estar" (imperfect); "haber" is the impersonal "there is".

    Example:
        >>> conjugate("buscar")[Tense.PAST]
        ('busqué', 'buscaste', 'buscó', 'buscamos', 'buscasteis', 'buscaron')
    """
    rules = {Tense.PRESENT: _present, Tense.PAST: _past, Tense.FUTURE: _future}
    return {
        tense: tuple(_IRREGULAR_ROWS[infinitive, tense].split())
        if (infinitive, tense) in _IRREGULAR_ROWS
        else rule(infinitive)
        for tense, rule in rules.items()
    }


def _present(infinitive: str) -> tuple[str, ...]:
    stem, group = infinitive[:-2], infinitive[-2:]
    stressed = _changed(stem, *_STEM_CHANGES.get(infinitive, ("", "")))
    stems = [stressed, stressed, stressed, stem, stem, stressed]
    if group != "ar":
        stems[0] = _before_o(stressed)
    return tuple(part + ending for part, ending in zip(stems, _ENDINGS[group, Tense.PRESENT], strict=True))


def _past(infinitive: str) -> tuple[str, ...]:
    if infinitive in _STRONG_PASTS:
        return tuple(_STRONG_PASTS[infinitive] + ending for ending in _STRONG_PAST_ENDINGS)
    stem, group = infinitive[:-2], infinitive[-2:]
    third = _changed(stem, *_PAST_STEM_CHANGES.get(infinitive, ("", "")))
    stems = [_before_e(stem) if group == "ar" else stem, stem, third, stem, stem, third]
    return tuple(part + ending for part, ending in zip(stems, _ENDINGS[group, Tense.PAST], strict=True))


def _future(infinitive: str) -> tuple[str, ...]:
    stem = _FUTURE_STEMS.get(infinitive, infinitive)
    return tuple(stem + ending for ending in _FUTURE_ENDINGS)


def _changed(stem: str, old: str, new: str) -> str:
    """The stem with its last `old` vowel made `new`."""
    if not old:
        return stem
    at = stem.rindex(old)
    return stem[:at] + new + stem[at + 1 :]


def _before_o(stem: str) -> str:
    for ending, written in _SOUND_KEEPING:
        if stem.endswith(ending):
            return stem[: -len(ending)] + written
    return stem


def _before_e(stem: str) -> str:
    """busc- writes busqué, lleg- writes llegué."""
    if stem.endswith("c"):
        return stem[:-1] + "qu"
    return stem + "u" if stem.endswith("g") else stem
