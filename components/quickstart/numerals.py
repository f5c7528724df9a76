"""Numbers from 1 to 9,999 in words, in both languages, as they stand before a noun."""

from seq2seq_tfx.components.quickstart.words import Gender

LARGEST = 9_999

ENGLISH_ONES = tuple(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen".split()
)
ENGLISH_TENS = tuple("- ten twenty thirty forty fifty sixty seventy eighty ninety".split())
SPANISH_ONES = tuple(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis "
    "veintisiete veintiocho veintinueve".split()
)
SPANISH_TENS = tuple("- diez veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa".split())
_SPANISH_HUNDREDS = tuple(
    "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos".split()
)


def english_number(number: int) -> str:
    """A number in English words.

    Example:
        >>> english_number(3_042)
        'three thousand and forty-two'

    Raises:
        ValueError: If the number is not from 1 to 9,999.
    """
    _check(number)
    thousands, rest = divmod(number, 1_000)
    hundreds, small = divmod(rest, 100)
    parts = []
    if thousands:
        parts.append(f"{ENGLISH_ONES[thousands]} thousand")
    if hundreds:
        parts.append(f"{ENGLISH_ONES[hundreds]} hundred")
    if small:
        parts.append(("and " if parts else "") + _english_below_hundred(small))
    return " ".join(parts)


def spanish_number(number: int, gender: Gender) -> str:
    """A number in Spanish words before a noun of this gender.

    Example:
        >>> spanish_number(2_521, "m"), spanish_number(2_521, "f")
        ('dos mil quinientos veintiún', 'dos mil quinientas veintiuna')

    Raises:
        ValueError: If the number is not from 1 to 9,999.
    """
    _check(number)
    thousands, rest = divmod(number, 1_000)
    hundreds, small = divmod(rest, 100)
    parts = []
    if thousands:
        parts.append("mil" if thousands == 1 else f"{SPANISH_ONES[thousands]} mil")
    if hundreds:
        parts.append(_spanish_hundreds(hundreds, small, gender))
    if small:
        parts.append(_spanish_below_hundred(small, gender))
    return " ".join(parts)


def _check(number: int) -> None:
    if not 1 <= number <= LARGEST:
        raise ValueError(f"a number in words must be from 1 to {LARGEST:,}, got {number:,}")


def _english_below_hundred(number: int) -> str:
    if number < len(ENGLISH_ONES):
        return ENGLISH_ONES[number]
    tens, ones = divmod(number, 10)
    return f"{ENGLISH_TENS[tens]}-{ENGLISH_ONES[ones]}" if ones else ENGLISH_TENS[tens]


def _spanish_hundreds(hundreds: int, small: int, gender: Gender) -> str:
    if hundreds == 1:
        return "ciento" if small else "cien"
    word = _SPANISH_HUNDREDS[hundreds]
    return word if gender == "m" else word[:-2] + "as"


def _spanish_below_hundred(number: int, gender: Gender) -> str:
    if number == 21:
        return "veintiún" if gender == "m" else "veintiuna"
    if number == 1:
        return "un" if gender == "m" else "una"
    if number < len(SPANISH_ONES):
        return SPANISH_ONES[number]
    tens, ones = divmod(number, 10)
    return f"{SPANISH_TENS[tens]} y {_spanish_below_hundred(ones, gender)}" if ones else SPANISH_TENS[tens]
