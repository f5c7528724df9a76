"""Names: people, places, days, months, seasons. Names of people are written as in Spanish in both languages."""

from seq2seq_tfx.components.quickstart.words import Gender

_MEN = "Carlos Pedro Luis Miguel Javier Antonio Daniel Pablo Óscar Ignacio Hugo Diego"
_WOMEN = "Ana María Lucía Elena Carmen Isabel Laura Sofía Inés Marta Julia Irene"
FIRST_NAMES: dict[str, Gender] = {**dict.fromkeys(_MEN.split(), "m"), **dict.fromkeys(_WOMEN.split(), "f")}

SURNAMES = tuple("García López Martínez Ruiz Torres Moreno Romero Navarro".split())
TITLES: dict[str, tuple[str, Gender]] = {"Mr.": ("el señor", "m"), "Mrs.": ("la señora", "f")}
"""English title -> Spanish title with its article, gender."""

PLACE_NAMES = {
    "Madrid": "Madrid",
    "London": "Londres",
    "Paris": "París",
    "Rome": "Roma",
    "Lisbon": "Lisboa",
    "Seville": "Sevilla",
    "Berlin": "Berlín",
    "Spain": "España",
    "France": "Francia",
    "Germany": "Alemania",
    "Italy": "Italia",
    "England": "Inglaterra",
    "Portugal": "Portugal",
    "Mexico": "México",
}
WEEKDAYS = {
    "Monday": "lunes",
    "Tuesday": "martes",
    "Wednesday": "miércoles",
    "Thursday": "jueves",
    "Friday": "viernes",
    "Saturday": "sábado",
    "Sunday": "domingo",
}
MONTHS = {
    "January": "enero",
    "February": "febrero",
    "March": "marzo",
    "April": "abril",
    "May": "mayo",
    "June": "junio",
    "July": "julio",
    "August": "agosto",
    "September": "septiembre",
    "October": "octubre",
    "November": "noviembre",
    "December": "diciembre",
}
MONTH_DAYS = dict(zip(MONTHS, (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))
SEASONS = {"spring": "primavera", "summer": "verano", "autumn": "otoño", "winter": "invierno"}
