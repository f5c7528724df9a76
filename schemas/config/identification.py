"""The languages that language identification (lingua) knows, so that a configuration is checked without loading it."""

from typing import Final

IDENTIFIED_LANGUAGES: Final = frozenset(
    (
        "af ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gu he hi hr hu hy id is it ja ka kk ko la "
        "lg lt lv mi mk mn mr ms nb nl nn pa pl pt ro ru sk sl sn so sq sr st sv sw ta te th tl tn tr ts uk ur vi xh "
        "yo zh zu"
    ).split()
)
"""ISO 639-1 codes."""

_OTHER_NAMES: Final = {"no": "nb", "iw": "he", "in": "id", "fil": "tl"}


def identified_language(code: str) -> str | None:
    """The ISO 639-1 code of a BCP 47 code's language; None if it cannot be identified.

    Example:
        >>> identified_language("pt-BR"), identified_language("no"), identified_language("tlh")
        ('pt', 'nb', None)
    """
    primary = code.replace("_", "-").partition("-")[0].lower()
    language = _OTHER_NAMES.get(primary, primary)
    return language if language in IDENTIFIED_LANGUAGES else None
