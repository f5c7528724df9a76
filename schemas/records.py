"""One sentence pair, and the key by which texts are compared: the same everywhere, whatever the settings."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

KEY_BYTES: Final = 16
"""Length of a text's digest: two of a billion different texts meet with a chance below 10 ** -20."""

_NOT_WORDS = re.compile(r"[^\w\s]+|_+")
_NUMBERS = re.compile(r"\d+")


class Pair(NamedTuple):
    """A source sentence with its translations."""

    pair_id: str
    """`features.pair_id(corpus, record)`."""
    source: str
    """The source sentence."""
    targets: tuple[str, ...]
    """Its translations: one in train, one or more (references) in eval and test."""
    corpus: str
    """Name of the corpus that it comes from."""
    domain: str
    """The corpus's label, or empty."""


def text_key(text: str) -> str:
    """What two texts share when splits, duplicates and decontamination take them for the same text.

    NFKC, then case folded, then NFKC again (folding may undo it), every run of white space one space, none at the ends.
    Punctuation and digits count. Never changed by a setting: a split must not move when a setting does.

    Example:
        >>> text_key("  Der  Straßen\\u00a0Ｈund ")
        'der strassen hund'
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def text_digest(text: str) -> bytes:
    """`KEY_BYTES` bytes that stand for `text_key(text)` (BLAKE2b).

    Example:
        >>> text_digest("A dog") == text_digest("a  DOG")
        True
    """
    return hashlib.blake2b(text_key(text).encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


def near_key(text: str) -> str:
    """What two texts share when near duplicates are looked for: words alone, every number taken for the same one.

    `text_key` without punctuation and symbols, every run of digits one `0`. A text of nothing else keeps its
    `text_key`.

    Example:
        >>> near_key("Room 12, please!"), near_key("?!")
        ('room 0 please', '?!')
    """
    whole = text_key(text)
    words = " ".join(_NUMBERS.sub("0", _NOT_WORDS.sub("", whole)).split())
    return words or whole


def pair_digest(texts: Sequence[str], group: str = "") -> bytes:
    """`KEY_BYTES` bytes that stand for several texts, character by character, in their order.

    Args:
        texts: As given, or keys of texts.
        group: At most 16 bytes; equal texts of two groups have different digests.

    Example:
        >>> pair_digest(["a", "b"]) == pair_digest(["a", "b"]), pair_digest(["a", "b"]) == pair_digest(["ab", ""])
        (True, False)
    """
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    sizes = ",".join(str(len(each)) for each in encoded)
    content = b"".join((sizes.encode(), b"\n", *encoded))
    return hashlib.blake2b(content, digest_size=KEY_BYTES, person=group.encode()).digest()
