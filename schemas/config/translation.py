"""Section `translation`: defaults of batch translation."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section

EngineChoice: TypeAlias = Literal["auto", "saved_model", "ctranslate2"]


class TranslationConfig(Section):
    """Defaults of batch translation."""

    engine: EngineChoice = "auto"
    """What translates: `auto` takes CTranslate2 where the export stage proved it, int8 before float32, else the
    SavedModel."""
    batch_size: Annotated[int, Field(ge=1, le=65536)] = 512
    """Sentences handed to the SavedModel in one call."""
