"""Which scripts a language is written in, by its BCP 47 code."""

from typing import Final

_LATIN: Final = (
    "af az bi br bs ca ceb co cs cy da de en eo es et eu fi fil fo fr fy ga gd gl gn ha haw hr ht hu id ig is it jv "
    "ku la lg lb lt lv mg mi ms mt nb nl nn no oc pl pt qu rm ro rw sk sl sm sn so sq st su sv sw tl tn to tr ts tk uz "
    "vi wo xh yo zu"
)
_OTHERS: Final = (
    "am:Ethiopic ar:Arabic as:Bengali be:Cyrillic bg:Cyrillic bn:Bengali bo:Tibetan ckb:Arabic dv:Thaana dz:Tibetan "
    "el:Greek fa:Arabic gu:Gujarati he:Hebrew hi:Devanagari hy:Armenian ja:Han,Hiragana,Katakana ka:Georgian "
    "kk:Cyrillic,Latin km:Khmer kn:Kannada ko:Hangul,Han ky:Cyrillic lo:Lao mk:Cyrillic ml:Malayalam "
    "mn:Cyrillic,Mongolian mr:Devanagari my:Myanmar ne:Devanagari or:Oriya pa:Gurmukhi,Arabic ps:Arabic ru:Cyrillic "
    "sa:Devanagari sd:Arabic,Devanagari si:Sinhala sr:Cyrillic,Latin ta:Tamil te:Telugu tg:Cyrillic th:Thai "
    "ti:Ethiopic tt:Cyrillic,Latin ug:Arabic uk:Cyrillic ur:Arabic yi:Hebrew yue:Han zh:Han"
)
_MORE_THAN_LATIN: Final = {
    "az": ("Latin", "Cyrillic", "Arabic"),
    "uz": ("Latin", "Cyrillic"),
    "ku": ("Latin", "Arabic"),
}

LANGUAGE_SCRIPTS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(_LATIN.split(), ("Latin",)),
    **{code: tuple(names.split(",")) for code, _, names in (entry.partition(":") for entry in _OTHERS.split())},
    **_MORE_THAN_LATIN,
}
"""Unicode script names of each language known."""

SUBTAG_SCRIPTS: Final[dict[str, tuple[str, ...]]] = {
    "arab": ("Arabic",),
    "cyrl": ("Cyrillic",),
    "deva": ("Devanagari",),
    "grek": ("Greek",),
    "hans": ("Han",),
    "hant": ("Han",),
    "hebr": ("Hebrew",),
    "latn": ("Latin",),
}
"""What the script subtag of a code, as in `sr-Latn`, stands for."""

SPACELESS_LANGUAGES: Final = frozenset({"bo", "dz", "ja", "km", "lo", "my", "th", "yue", "zh"})
"""Languages that put no space between words."""


def primary_language(code: str) -> str:
    """The language of a code, without script and region.

    Example:
        >>> primary_language("pt-BR")
        'pt'
    """
    return code.replace("_", "-").partition("-")[0].lower()


def scripts_of(code: str) -> tuple[str, ...]:
    """The scripts that a language's letters belong to; none if it is unknown here.

    Example:
        >>> scripts_of("sr"), scripts_of("sr-Latn-RS"), scripts_of("tlh")
        (('Cyrillic', 'Latin'), ('Latin',), ())
    """
    for subtag in code.replace("_", "-").lower().split("-")[1:]:
        if subtag in SUBTAG_SCRIPTS:
            return SUBTAG_SCRIPTS[subtag]
    return LANGUAGE_SCRIPTS.get(primary_language(code), ())
