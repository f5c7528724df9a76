"""When something happens: dates, days, hours, and the adverbs that go with each tense."""

import random
from collections.abc import Callable
from typing import final

from seq2seq_tfx.components.quickstart.decks import Deck, weighted
from seq2seq_tfx.components.quickstart.names import MONTH_DAYS, MONTHS, SEASONS, WEEKDAYS
from seq2seq_tfx.components.quickstart.noun_phrases import Phrase, or_before
from seq2seq_tfx.components.quickstart.numerals import english_number, spanish_number
from seq2seq_tfx.components.quickstart.words import Gender, Tense, spanish_plural

FIXED_TIMES: dict[Tense, dict[str, str]] = {
    Tense.PRESENT: {
        "every day": "todos los días",
        "every week": "todas las semanas",
        "every month": "todos los meses",
        "every morning": "todas las mañanas",
        "every night": "todas las noches",
        "now": "ahora",
        "today": "hoy",
        "often": "a menudo",
        "in the morning": "por la mañana",
        "in the afternoon": "por la tarde",
        "at night": "por la noche",
    },
    Tense.PAST: {
        "yesterday": "ayer",
        "the day before yesterday": "anteayer",
        "last night": "anoche",
        "this morning": "esta mañana",
        "last week": "la semana pasada",
        "last month": "el mes pasado",
        "last year": "el año pasado",
    },
    Tense.FUTURE: {
        "tomorrow": "mañana",
        "the day after tomorrow": "pasado mañana",
        "tonight": "esta noche",
        "soon": "pronto",
        "later": "más tarde",
        "next week": "la próxima semana",
        "next month": "el próximo mes",
        "next year": "el próximo año",
    },
}
_UNITS: tuple[tuple[str, str, Gender], ...] = (
    ("days", "días", "m"),
    ("weeks", "semanas", "f"),
    ("months", "meses", "m"),
    ("years", "años", "m"),
)
PAST_YEARS = range(1990, 2010)
FUTURE_YEARS = range(2031, 2039)
_LONGEST_SPAN = 20
_STARTS_OF_PAIRS = (2, 3, 5, 7, 7)


def date(day: int, month: str, year: int | None = None, weekday: str = "") -> Phrase:
    """A day of the calendar, as an adverb.

    Example:
        >>> date(3, "May", 1998)[:2]
        ('on May 3, 1998', 'el 3 de mayo de 1998')
        >>> date(3, "May", weekday="Monday")[:2]
        ('on Monday, May 3', 'el lunes, 3 de mayo')
    """
    english, spanish = f"{month} {day}", f"{day} de {MONTHS[month]}"
    if weekday:
        english, spanish = f"{weekday}, {english}", f"{WEEKDAYS[weekday]}, {spanish}"
    if year:
        english, spanish = f"{english}, {year}", f"{spanish} de {year}"
    return Phrase(f"on {english}", f"el {spanish}")


def hour(number: int) -> Phrase:
    """A full hour, as in "at one o'clock", "a la una"."""
    article = "la" if number == 1 else "las"
    return Phrase(f"at {english_number(number)} o'clock", f"a {article} {spanish_number(number, 'f')}")


def neighbouring_numbers(first: int) -> Phrase:
    """Two numbers with "or", as in "seven or eight", "siete u ocho"."""
    second = spanish_number(first + 1, "m")
    return Phrase(
        f"{english_number(first)} or {english_number(first + 1)}",
        f"{spanish_number(first, 'm')} {or_before(second)} {second}",
    )


@final
class TimeChooser:
    """Draws times that go with a tense, each sort in its share."""

    def __init__(self, generator: random.Random) -> None:
        self._random = generator
        self._weekdays, self._months = Deck(WEEKDAYS, generator), Deck(MONTHS, generator)
        self._days, self._hours = Deck(range(1, 32), generator), Deck(range(1, 13), generator)
        self._seasons, self._units = Deck(SEASONS, generator), Deck(_UNITS, generator)
        self._pairs = Deck(_STARTS_OF_PAIRS, generator)
        self._spans = Deck(range(2, _LONGEST_SPAN + 1), generator)
        years = {Tense.PAST: Deck(PAST_YEARS, generator), Tense.FUTURE: Deck(FUTURE_YEARS, generator)}
        self._years = years
        self._fixed = {tense: Deck(FIXED_TIMES[tense].items(), generator) for tense in Tense}
        self._sorts = {tense: Deck(weighted(sorts), generator) for tense, sorts in self._sorts_of_time().items()}

    def _sorts_of_time(self) -> dict[Tense, dict[Callable[[Tense], Phrase], int]]:
        anywhere = {self._month: 2, self._season: 2, self._hour: 3}
        dated = {self._date: 8, self._weekday: 3, self._year: 2, self._neighbouring_weekday: 2, self._span: 5}
        return {
            Tense.PRESENT: {self._fixed_time: 14, self._weekdays_in_general: 4, **anywhere},
            Tense.PAST: {self._fixed_time: 11, **dated, **anywhere},
            Tense.FUTURE: {self._fixed_time: 11, **dated, **anywhere},
        }

    def time(self, tense: Tense) -> Phrase:
        """A time for a clause in this tense."""
        return self._sorts[tense].draw()(tense)

    def day(self, tense: Tense) -> Phrase:
        """A date, in the past or the future, some with a year or a day of the week."""
        day = self._days.draw()
        month = self._months.draw()
        while day > MONTH_DAYS[month]:
            month = self._months.draw()
        extra = self._random.random()
        if extra < 0.35:
            return date(day, month, self._years[tense].draw())
        return date(day, month, weekday=self._weekdays.draw()) if extra < 0.55 else date(day, month)

    def _date(self, tense: Tense) -> Phrase:
        return self.day(tense)

    def _fixed_time(self, tense: Tense) -> Phrase:
        return Phrase(*self._fixed[tense].draw())

    def _weekday(self, tense: Tense) -> Phrase:
        english = self._weekdays.draw()
        return Phrase(f"on {english}", f"el {WEEKDAYS[english]}")

    def _weekdays_in_general(self, tense: Tense) -> Phrase:
        english = self._weekdays.draw()
        return Phrase(f"on {english}s", f"los {spanish_plural(WEEKDAYS[english])}")

    def _neighbouring_weekday(self, tense: Tense) -> Phrase:
        english = self._weekdays.draw()
        if tense is Tense.PAST:
            return Phrase(f"last {english}", f"el {WEEKDAYS[english]} pasado")
        return Phrase(f"next {english}", f"el próximo {WEEKDAYS[english]}")

    def _month(self, tense: Tense) -> Phrase:
        english = self._months.draw()
        return Phrase(f"in {english}", f"en {MONTHS[english]}")

    def _season(self, tense: Tense) -> Phrase:
        english = self._seasons.draw()
        return Phrase(f"in {english}", f"en {SEASONS[english]}")

    def _year(self, tense: Tense) -> Phrase:
        year = self._years[tense].draw()
        return Phrase(f"in {year}", f"en {year}")

    def _hour(self, tense: Tense) -> Phrase:
        return hour(self._hours.draw())

    def _span(self, tense: Tense) -> Phrase:
        english, spanish, gender = self._units.draw()
        if self._random.random() < 0.35:
            numbers = neighbouring_numbers(self._pairs.draw())
        else:
            number = self._spans.draw()
            numbers = Phrase(english_number(number), spanish_number(number, gender))
        counted = f"{numbers.english} {english}", f"{numbers.spanish} {spanish}"
        if tense is Tense.PAST:
            return Phrase(f"{counted[0]} ago", f"hace {counted[1]}")
        return Phrase(f"in {counted[0]}", f"dentro de {counted[1]}")
