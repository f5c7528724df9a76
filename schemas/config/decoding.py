"""Section `decoding`: how translations are searched for."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section


class DecodingConfig(Section):
    """Search settings, the same in evaluation, serving, probe and batch translation."""

    strategy: Literal["greedy", "beam"] = "beam"
    """Take the best token each time, or keep the best `beam_size` prefixes."""
    beam_size: Annotated[int, Field(ge=1, le=64)] = 5
    """Prefixes kept a sentence (strategy beam)."""
    length_penalty: Annotated[float, Field(ge=0.0, le=5.0)] = 1.0
    """Scores are divided by length ** length_penalty (CTranslate2's rule)."""
    max_length: Annotated[int, Field(ge=1, le=4096)] = 256
    """Longest translation in tokens, end mark not counted."""
