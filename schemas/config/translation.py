"""Section `translation`: defaults of batch translation."""

from typing import Annotated

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section


class TranslationConfig(Section):
    """Defaults of batch translation."""

    batch_size: Annotated[int, Field(ge=1, le=65536)] = 512
    """Sentences handed to the model in one call."""
