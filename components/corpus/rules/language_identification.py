"""Is a side in its language? Asked of lingua, a library that needs no network: its models are inside its wheel."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from seq2seq_tfx.components.corpus.rules.rule import Check
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.identification import identified_language
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.errors import InputError

if TYPE_CHECKING:
    from lingua import Language, LanguageDetector

_CERTAIN: Final = 0.5
_DECIMALS: Final = 6  # lingua adds up in an order that changes from process to process, and so do the last bits


def prepare_language_confidence(config: CleaningConfig, languages: Languages) -> Check:
    """Scores lingua's confidence, from 0 to 1, that a side is in its language and in none of the others.

    Trigrams answer first. Only where they are not certain, all n-grams are asked, which takes up to ten times as long.
    A side without letters, of which nothing can be said, scores 1.

    Raises:
        InputError: If lingua is not installed, or does not know a language.
    """
    known = [*_lingua_languages((languages.source, languages.target)), *_lingua_languages(config.other_languages)]
    quick, thorough = _detectors(known)
    certain = max(_CERTAIN, config.min_language_confidence or 0.0)

    def confidence_in(language: "Language") -> Callable[[str], float]:
        def confidence(text: str) -> float:
            first = quick.compute_language_confidence(text, language)
            if first >= certain:
                return round(first, _DECIMALS)
            if not any(map(str.isalpha, text)):
                return 1.0
            return round(thorough.compute_language_confidence(text, language), _DECIMALS)

        return confidence

    of_source, of_target = confidence_in(known[0]), confidence_in(known[1])
    return Check(lambda source, target: (of_source(source), of_target(target)))


def _detectors(languages: "list[Language]") -> "tuple[LanguageDetector, LanguageDetector]":
    from lingua import LanguageDetectorBuilder

    builder = LanguageDetectorBuilder.from_languages(*dict.fromkeys(languages))
    thorough = builder.build()
    return builder.with_low_accuracy_mode().build(), thorough


def _lingua_languages(codes: tuple[str, ...]) -> "list[Language]":
    try:
        from lingua import IsoCode639_1, Language
    except ImportError as error:
        raise InputError(
            "lingua-language-detector must be installed for cleaning.min_language_confidence, but it is not; install "
            "seq2seq-tfx[language-identification], or set cleaning.min_language_confidence: null"
        ) from error
    unknown = [code for code in codes if identified_language(code) is None]
    if unknown:
        raise InputError(
            f"cleaning.min_language_confidence must be null for languages that lingua does not know, got "
            f"{', '.join(unknown)}; set it to null"
        )
    names = [identified_language(code) or "" for code in codes]
    return [Language.from_iso_code_639_1(getattr(IsoCode639_1, name.upper())) for name in names]
