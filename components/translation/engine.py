"""Translates with an export: the one place where the engine of test sets and of users' files is chosen.

`saved_model_engine.py` and `ctranslate2_engine.py` are the two there are.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from seq2seq_tfx.components.translation.manner import PLAIN, Alignment, Alternative, Device, Manner
from seq2seq_tfx.schemas.config.translation import EngineChoice, TypeChoice
from seq2seq_tfx.schemas.errors import InputError, WorkError

CTRANSLATE2_FOLDER: Final = "ctranslate2"
"""In an export: a folder for each compute type, each as CTranslate2 loads it."""
SAVED_MODEL: Final = "saved_model"
_CUDA_PREFERENCE: Final = ("float16", "bfloat16", "int8", "float32")
"""Which folder serves first on a GPU; on a processor the one that the export stage put first."""


class Translation(NamedTuple):
    """One sentence's best translation."""

    text: str
    """Of one line."""
    score: float
    """Log-probability divided by length ** length_penalty (nats); 0 for a source without text."""
    truncated: bool | None = None
    """Whether it was cut: the limit of its length came before an end mark, or the source had more tokens than the model
    reads. None where an older export does not say."""
    others: tuple[Alternative, ...] = ()
    """The next best ones with other texts, where they are asked for."""
    alignment: Alignment | None = None
    """Where it is asked for."""
    flags: tuple[str, ...] = ()
    """What is wrong with it, where a job looks for that; engines say nothing of it."""


class Engine(ABC):
    """A loaded export."""

    @property
    @abstractmethod
    def block(self) -> int:
        """Sentences computed together. A job hands over whole blocks, counted from its first sentence: then its bytes
        do not depend on who calls, nor on where a restart begins."""

    @abstractmethod
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        """Translate in order, a block at a time.

        Args:
            sentences: Source sentences; the first begins a block.

        Yields:
            One translation a sentence, in the sentences' order.
        """


def require_all_answered(sentences: Sequence[str], answers: Sequence[object]) -> None:
    """Hold an engine to its promise.

    Raises:
        WorkError: If there is not one answer for each sentence.
    """
    if len(answers) != len(sentences):
        raise WorkError(
            f"the engine must give a translation for each sentence, got {len(answers):,} for {len(sentences):,}; this "
            "is a defect of seq2seq-tfx, please report it"
        )


def choose_engine(
    record: dict[str, Any], wanted: EngineChoice, device: Device = "cpu", compute_type: TypeChoice = "auto"
) -> str:
    """Which engine an export is translated with, in words: the same for a test set and for a user's file.

    Args:
        record: The export's `export.json`.
        wanted: `auto`: CTranslate2 where the export stage proved it, its fastest compute type that did; else the
            SavedModel.
        device: Where it computes.
        compute_type: Of CTranslate2, if not the fastest.

    Returns:
        `saved_model`, or `ctranslate2` and a compute type.

    Raises:
        InputError: If CTranslate2 is asked for and the export has no such folder.
    """
    proven: dict[str, Any] = record.get(CTRANSLATE2_FOLDER, {})
    types = list(proven.get("compute_types", []))
    if wanted == "saved_model" or (wanted == "auto" and not types):
        return SAVED_MODEL
    if not types:
        reason = proven.get("reason") or "it was made before there was one"
        raise InputError(
            f"translation.engine ctranslate2 must have a CTranslate2 export, but this model has none ({reason}); "
            "use auto or saved_model"
        )
    if compute_type != "auto":
        if compute_type not in types:
            raise InputError(
                f"translation.{device}_type must be a type that the model was exported with, got {compute_type}; it "
                f"has {', '.join(types)} (export.ctranslate2_types), or use auto"
            )
        return f"{CTRANSLATE2_FOLDER} {compute_type}"
    if device == "cuda":
        types.sort(key=_CUDA_PREFERENCE.index)
    return f"{CTRANSLATE2_FOLDER} {types[0]}"


def load_engine(export: Path, record: dict[str, Any], wanted: EngineChoice, batch_size: int) -> Engine:
    """Load what `choose_engine` names for a processor, to say each sentence's best translation.

    Args:
        export: The folder that holds `saved_model.pb`.
        record: Its `export.json`.
        wanted: As in `choose_engine`.
        batch_size: Sentences that the SavedModel is handed in one call; it has no influence on translations.

    Raises:
        InputError: If the export cannot be loaded, or has no such engine.
    """
    return load_chosen(export, record, choose_engine(record, wanted), batch_size, PLAIN)


def load_chosen(export: Path, record: dict[str, Any], chosen: str, batch_size: int, manner: Manner) -> Engine:
    """Load an engine; TensorFlow is imported for the SavedModel only.

    Args:
        export: The folder that holds `saved_model.pb`.
        record: Its `export.json`.
        chosen: From `choose_engine`.
        batch_size: As in `load_engine`.
        manner: What is asked of it.

    Raises:
        InputError: If the export cannot be loaded, or cannot do what is asked.
    """
    name, _, compute_type = chosen.partition(" ")
    if name == SAVED_MODEL:
        from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine

        return SavedModelEngine(export, batch_size, manner)
    from seq2seq_tfx.components.translation.ctranslate2_engine import CTranslate2Engine, reading_of

    return CTranslate2Engine(export / CTRANSLATE2_FOLDER / compute_type, reading_of(record), manner)
