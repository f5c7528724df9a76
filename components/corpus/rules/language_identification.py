"""Is a side in its language? Asked of lingua."""

from seq2seq_tfx.components.corpus.rules.identifier import language_confidences
from seq2seq_tfx.components.corpus.rules.rule import Check
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.identification import identified_language
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.errors import InputError


def prepare_language_confidence(config: CleaningConfig, languages: Languages) -> Check:
    """Scores lingua's confidence, from 0 to 1, that a side is in its language and in none of the others.

    A side without letters, of which nothing can be said, scores 1.

    Raises:
        InputError: If lingua is not installed, or does not know a language.
    """
    codes = (languages.source, languages.target, *config.other_languages)
    unknown = [code for code in codes if identified_language(code) is None]
    if unknown:
        raise InputError(
            f"cleaning.min_language_confidence must be null for languages that lingua does not know, got "
            f"{', '.join(unknown)}; set it to null"
        )
    try:
        of_source, of_target, *_ = language_confidences(codes, config.min_language_confidence or 0.0)
    except ImportError as error:
        raise InputError(
            "lingua-language-detector must be installed for cleaning.min_language_confidence, but it is not; install "
            "seq2seq-tfx[language-identification], or set cleaning.min_language_confidence: null"
        ) from error
    return Check(lambda source, target: (of_source(source), of_target(target)))
