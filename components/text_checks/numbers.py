"""Numbers of a source that its translation lost or changed.

A number is a run of digits with its separators (a date is three numbers). Digits of all scripts count by their value,
and separators do not count: 3,500 and 3.500 and 3 500 are one number. What a good translation may do with a number is
known: write it out (up to twelve, in the languages below), make it Roman (centuries), or go from 12 to 24 hours.
"""

import re
from collections import Counter
from typing import Final

from seq2seq_tfx.components.corpus.rules.scripts import primary_language

_NUMBER: Final = re.compile(
    r"""
    (?<!\d) \d{1,3} (?: [.,'\u2019\u00a0\u202f\u066b\u066c\x20] \d{3} (?!\d) )+ (?: [.,] \d+ (?![.,]?\d) )?  # 3,500.25
  | (?<!\d) (?<!\d[.,]) \d+ [.,\u066b] \d+ (?![.,]?\d)                                               # 3.25
  | \d+
    """,
    re.VERBOSE,
)
"""With separators of thousands, with one of decimals, or plain: a date is three plain ones."""
_NOT_DIGIT: Final = re.compile(r"\D+")
_WORD: Final = re.compile(r"\w+")
_ROMAN_DIGITS: Final = (
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)
_LARGEST_WRITTEN_OUT: Final = 12
_LARGEST_ROMAN: Final = 39
_NOON: Final = 12
_MOST_DIGITS_EXCUSED: Final = 2
"""Of all the numbers that may be said otherwise; Python refuses to read one of more than 4,300."""

_WRITTEN_OUT: Final = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve",
    "de": "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "es": "cero un dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze",
    "it": "zero un due tre quattro cinque sei sette otto nove dieci undici dodici",
    "pt": "zero um dois três quatro cinco seis sete oito nove dez onze doze",
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf",
}
_ORDINALS: Final = {
    "en": "zero first second third four fif six seven eigh nin ten eleven twelf",
    "de": "null erst zweit dritt viert fünft sechst sieb acht neunt zehnt elft zwölft",
    "es": "cero primer segund tercer cuart quint sext séptim octav noven décim undécim duodécim",
    "fr": "zéro premi second troisi quatri cinqui sixi septi huiti neuvi dixi onzi douzi",
    "it": "zero prim second terz quart quint sest settim ottav non decim undicesim dodicesim",
    "pt": "zero primeir segund terceir quart quint sext sétim oitav non décim décim décim",
    "nl": "nul eerst tweed derd vierd vijfd zesd zevend achtst negend tiend elfd twaalfd",
}
"""Beginnings of words: cardinals and ordinals from zero to twelve."""


def lost_numbers(source: str, translation: str, target_language: str) -> list[str]:
    """The numbers of a source that are not in its translation, as digits; small ones only where it is sure.

    A number up to twelve may be written out. In a language whose words for it are not known here, such a number counts
    as lost only if the translation has another number in its place.

    Args:
        source: What was translated.
        translation: Its translation.
        target_language: BCP 47 code.

    Example:
        >>> lost_numbers("3,500 men at 5 pm", "3.500 Mann um 17 Uhr", "de")
        []
        >>> lost_numbers("in 1984, 3 men", "1948 kamen drei", "de")
        ['1984']
    """
    wanted = _numbers(source)
    if not wanted:
        return []
    found = Counter(_numbers(translation))
    lost = []
    for number in wanted:
        if found[number] > 0:
            found[number] -= 1
        else:
            lost.append(number)
    if not lost:
        return []
    unused = +found
    words = [word.casefold() for word in _WORD.findall(translation)]
    tokens = set(_WORD.findall(translation))
    language = primary_language(target_language)
    return [number for number in lost if not _excused(number, unused, (words, tokens, language))]


def has_number(text: str) -> bool:
    """Whether there is a number to lose."""
    return _NUMBER.search(text) is not None


def _numbers(text: str) -> list[str]:
    return [_digits(match) for match in _NUMBER.findall(text)]


def _digits(number: str) -> str:
    """Its digits by value, leading zeros dropped."""
    plain = "".join(str(int(digit)) for digit in _NOT_DIGIT.sub("", number))
    return plain.lstrip("0") or "0"


def _excused(number: str, unused: Counter[str], said: tuple[list[str], set[str], str]) -> bool:
    if len(number) > _MOST_DIGITS_EXCUSED:
        return False
    words, tokens, language = said
    value = int(number)
    if 1 <= value <= _LARGEST_ROMAN and _roman(value) in tokens:
        return True
    if (
        _NOON < value < 2 * _NOON
        and str(value - _NOON) in unused
        or 1 <= value < _NOON
        and str(value + _NOON) in unused
    ):
        return True
    if value > _LARGEST_WRITTEN_OUT:
        return False
    if language not in _WRITTEN_OUT:
        return not unused
    stems = (_WRITTEN_OUT[language].split()[value], _ORDINALS[language].split()[value])
    return any(word.startswith(stems) for word in words)


def _roman(value: int) -> str:
    text = ""
    for step, sign in _ROMAN_DIGITS:
        count, value = divmod(value, step)
        text += sign * count
    return text
