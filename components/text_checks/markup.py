"""What must come through a translation letter by letter: addresses, placeholders, tags."""

import re
from collections import Counter
from typing import Final

_MARKUP: Final = re.compile(
    r"""
    (?P<url> (?:https?://|www\.)[^\s<>"'\u00bb\u201d]+ )
  | (?P<address> [\w.+-]+@[\w-]+(?:\.[\w-]+)+ )
  | (?P<tag> <(?:/\s*)?[A-Za-z][A-Za-z0-9:-]*(?:\s[^<>]*)?/?> )
  | (?P<entity> &(?:[A-Za-z]{2,8}|\#\d{1,6});)
  | (?P<placeholder> \{\{[^{}\s]+\}\} | \$?\{[A-Za-z_0-9.]*\} | %(?:\d+\$)?[sdif@] | %\([A-Za-z_]\w*\)[sdif]
      | (?<!\w)__[A-Za-z0-9_]+__(?!\w) )
    """,
    re.VERBOSE,
)
_SIGNS: Final = re.compile(r"[<@%&{]|://|www\.|__")
_ENDS: Final = ".,;:!?)]}\u2026\u3002\uff0c"


def markup_of(text: str) -> Counter[str]:
    """Every URL, address, tag, entity and placeholder of a text, with its count; tags without their inner spaces.

    Example:
        >>> sorted(markup_of("See <b>https://example.org/a</b>, {name}: 100 % sure"))
        ['</b>', '<b>', 'https://example.org/a', '{name}']
    """
    if not _SIGNS.search(text):
        return Counter()
    return Counter(_written(match) for match in _MARKUP.finditer(text))


def lost_markup(source: str, translation: str) -> list[str]:
    """What the source has of it and the translation has not, or has fewer times."""
    wanted = markup_of(source)
    return sorted((wanted - markup_of(translation)).elements()) if wanted else []


def _written(match: "re.Match[str]") -> str:
    if match["url"]:
        return match["url"].rstrip(_ENDS)
    return re.sub(r"\s+", "", match[0]).casefold() if match["tag"] else match[0]
