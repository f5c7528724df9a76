"""Section `vocabulary`: the SentencePiece model."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section


class VocabularyConfig(Section):
    """How the subword vocabulary is trained."""

    kind: Literal["unigram", "bpe"] = "unigram"
    """SentencePiece model type."""
    size: Annotated[int, Field(ge=16, le=256_000)] = 8000
    """Number of pieces, the six special ones included."""
    shared: Literal[True] = True
    """One vocabulary for both languages (separate ones come with a later version)."""
    character_coverage: Annotated[float, Field(ge=0.98, le=1.0)] = 1.0
    """Share of characters that must have a piece of their own."""
    sample_sentences: Annotated[int, Field(ge=1)] = 1_000_000
    """At most so many sentences are used, chosen by hash."""
