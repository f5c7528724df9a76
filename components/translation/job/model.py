"""From a model that a user names to what a job translates with."""

from importlib import metadata
from pathlib import Path

from seq2seq_tfx.components.translation.ctranslate2_engine import reading_of
from seq2seq_tfx.components.translation.engine import choose_engine
from seq2seq_tfx.components.translation.job.identity import Making
from seq2seq_tfx.components.translation.job.segments import Segmenter
from seq2seq_tfx.components.translation.job.translating import Model
from seq2seq_tfx.components.translation.locating import find_export, read_export_record, translation_settings
from seq2seq_tfx.components.translation.plain_text import normalise
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.schemas.config.translation import TranslationConfig
from seq2seq_tfx.schemas.errors import InputError


def open_model(given: Path, code_version: str, instruction_set: str, config: TranslationConfig | None = None) -> Model:
    """Find an export and know it; the engine is loaded later.

    Args:
        given: A pushed version, the folder of versions, or an export.
        code_version: Hash of the code that translates.
        instruction_set: The processor's widest vector instructions.
        config: Which engine, and how it is fed; None for what a pushed version was made with.

    Raises:
        InputError: If there is no export, or it cannot be used.
    """
    export = find_export(given)
    record, config = read_export_record(export), config or translation_settings(export)
    engine = choose_engine(record, config.engine)
    library = "tensorflow" if engine == "saved_model" else "ctranslate2"
    making = Making(
        export_id=str(record["export_id"]),
        engine=engine,
        engine_version=f"{library} {metadata.version(library)}",
        instruction_set=instruction_set,
        code_version=code_version,
    )
    return Model(export, record, config, making, _segmenter(export, record))


def _segmenter(export: Path, record: dict[str, object]) -> Segmenter:
    import sentencepiece

    reading = reading_of(record)
    path = find_models(export).source
    try:
        subwords = sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        raise InputError(f"{path} must be the export's SentencePiece model, but: {error}; export again") from error

    def count(text: str) -> int:
        return len(subwords.encode(normalise(text, reading.normalisation, reading.source_language))) + 1

    languages = record["languages"]
    assert isinstance(languages, dict)
    return Segmenter(count, reading.max_source_tokens, (reading.source_language, str(languages["target"])))
