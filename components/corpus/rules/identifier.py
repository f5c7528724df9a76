"""How sure lingua is that a text is in a language: the library needs no network, its models are inside its wheel."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from seq2seq_tfx.schemas.config.identification import identified_language

if TYPE_CHECKING:
    from lingua import Language

_CERTAIN: Final = 0.5
_DECIMALS: Final = 6  # lingua adds up in an order that changes from process to process, and so do the last bits

Confidence: TypeAlias = Callable[[str], float]
"""From a text to how sure it is, from 0 to 1, that the text is in one language and in none of the others."""


def language_confidences(codes: Sequence[str], certain: float = 0.0) -> list[Confidence]:
    """For each language, a function that says how sure it is that a text is in it and in none of the others.

    Trigrams answer first. Only where they are not certain, all n-grams are asked, which takes up to ten times as long.
    A text without letters, of which nothing can be said, gets 1.

    Args:
        codes: BCP 47 codes; lingua must know them all (`identified_language`).
        certain: From which confidence on the trigrams' answer holds; 0.5 at least.

    Raises:
        ImportError: If lingua is not installed.
    """
    from lingua import LanguageDetectorBuilder

    languages = [_lingua_language(code) for code in codes]
    builder = LanguageDetectorBuilder.from_languages(*dict.fromkeys(languages))
    thorough = builder.build()
    quick = builder.with_low_accuracy_mode().build()
    threshold = max(_CERTAIN, certain)

    def confidence_in(language: "Language") -> Confidence:
        def confidence(text: str) -> float:
            first = quick.compute_language_confidence(text, language)
            if first >= threshold:
                return round(first, _DECIMALS)
            if not any(map(str.isalpha, text)):
                return 1.0
            return round(thorough.compute_language_confidence(text, language), _DECIMALS)

        return confidence

    return [confidence_in(language) for language in languages]


def _lingua_language(code: str) -> "Language":
    from lingua import IsoCode639_1, Language

    name = identified_language(code)
    if name is None:
        raise ValueError(f"a language must be one that lingua knows, got {code!r}")
    return Language.from_iso_code_639_1(getattr(IsoCode639_1, name.upper()))
