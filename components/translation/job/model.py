"""From a model that a user names to what a job translates with."""

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from seq2seq_tfx.components.translation.ctranslate2_engine import reading_of
from seq2seq_tfx.components.translation.devices import choose_device
from seq2seq_tfx.components.translation.engine import CTRANSLATE2_FOLDER, SAVED_MODEL, choose_engine
from seq2seq_tfx.components.translation.job.identity import Making
from seq2seq_tfx.components.translation.job.segments import Segmenter
from seq2seq_tfx.components.translation.job.translating import Model
from seq2seq_tfx.components.translation.locating import find_export, read_export_record, translation_settings
from seq2seq_tfx.components.translation.manner import Manner
from seq2seq_tfx.components.translation.plain_text import normalise
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.schemas.config.translation import DeviceChoice, TranslationConfig
from seq2seq_tfx.schemas.errors import InputError


@dataclass(frozen=True)
class Asked:
    """What a user asks of a model, besides a translation of each record."""

    n_best: int = 1
    alignments: bool = False
    invariant: bool = False
    device: DeviceChoice | None = None
    """None for the configuration's."""


def open_model(
    given: Path,
    code_version: str,
    instruction_set: str,
    config: TranslationConfig | None = None,
    asked: Asked = Asked(),
) -> Model:
    """Find an export and know it; the engine is loaded later.

    Args:
        given: A pushed version, the folder of versions, or an export.
        code_version: Hash of the code that translates.
        instruction_set: The processor's widest vector instructions.
        config: Which engine, and how it is fed; None for what a pushed version was made with.
        asked: What is asked of it.

    Raises:
        InputError: If there is no export, or it cannot be used, or not as asked.
    """
    export = find_export(given)
    record, config = read_export_record(export), config or translation_settings(export)
    if asked.alignments and config.engine == "auto" and dict(record.get("model", {})).get("family") == "gpt":
        # CTranslate2 gives no attention of a decoder alone.
        config = config.model_copy(update={"engine": "saved_model"})
    proven = bool(record.get(CTRANSLATE2_FOLDER, {}).get("compute_types"))
    device = choose_device(asked.device or config.device, config.engine, proven)
    compute_type = config.cpu_type if device == "cpu" else config.cuda_type
    engine = choose_engine(record, config.engine, device, compute_type)
    _check_n_best(asked.n_best, record)
    library = "tensorflow" if engine == SAVED_MODEL else "ctranslate2"
    making = Making(
        export_id=str(record["export_id"]),
        engine=engine,
        engine_version=f"{library} {metadata.version(library)}",
        instruction_set=instruction_set,
        code_version=code_version,
        device=device,
        invariant=asked.invariant and engine != SAVED_MODEL,
        n_best=asked.n_best,
        alignments=asked.alignments,
    )
    manner = Manner(asked.n_best, asked.alignments, making.invariant, device)
    return Model(export, record, config, making, _segmenter(export, record), manner)


def _check_n_best(wanted: int, record: dict[str, Any]) -> None:
    decoding = reading_of(record).decoding
    most = decoding.beam_size if decoding.strategy == "beam" else 1
    if wanted > most:
        raise InputError(
            f"--n-best must be at most {most}, the beams that the model searches with ({decoding.strategy}), got "
            f"{wanted}; ask for fewer, or export with a larger decoding.beam_size"
        )


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
