"""Section `translation`: defaults of batch translation."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.config.text_checks import TEXT_CHECKS, TextCheck, TextCheckThresholds

EngineChoice: TypeAlias = Literal["auto", "saved_model", "ctranslate2"]
DeviceChoice: TypeAlias = Literal["auto", "cpu", "cuda"]
TypeChoice: TypeAlias = Literal["auto", "int8", "float32", "float16", "bfloat16"]


class TranslationConfig(Section):
    """What translates, the eval and test sets of a run as well as batches."""

    engine: EngineChoice = "auto"
    """What translates: `auto` takes CTranslate2 where the export stage proved it, int8 before float32, else the
    SavedModel."""
    batch_size: Annotated[int, Field(ge=1, le=65536)] = 2048
    """Sentences handed to the SavedModel in one call. It puts those of one length together, so more are faster."""
    device: DeviceChoice = "auto"
    """Where translation is computed: `auto` takes a GPU where the engine can use one, else the processor."""
    cpu_type: TypeChoice = "auto"
    """Compute type of CTranslate2 on a processor, one of `export.ctranslate2_types`: `auto` is int8 where it is proven,
    else float32."""
    cuda_type: TypeChoice = "auto"
    """The same on a GPU: `auto` is float16, bfloat16, int8 or float32, the first that was exported."""
    checks: tuple[TextCheck, ...] = TEXT_CHECKS
    """What `seq2seq translate` looks for in each translation, to flag its record."""
    thresholds: TextCheckThresholds = TextCheckThresholds()
    """From where on these checks find something."""
    other_languages: tuple[str, ...] = ()
    """Languages, besides the two, that a translation may wrongly be in (check wrong_language)."""
