"""Section `vocabulary`: the SentencePiece model, or one for each side."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.features import SPECIAL_PIECES

BYTE_PIECES: Final = tuple(f"<0x{byte:02X}>" for byte in range(256))
"""What byte fallback spells unknown characters with."""


def _not_reserved(symbol: str) -> str:
    if symbol in SPECIAL_PIECES or symbol in BYTE_PIECES:
        raise ValueError(f"must not be one of the vocabulary's own pieces, got {symbol!r}; choose another name")
    return symbol


Symbol = Annotated[
    str,
    Field(
        pattern=r"^<[A-Za-z0-9][A-Za-z0-9_.:-]*>$",
        json_schema_extra={"words": "a name in angle brackets such as <BT>, of letters, digits, `_`, `.`, `:` and `-`"},
    ),
    AfterValidator(_not_reserved),
]
"""A tag in a text that is one piece of the vocabulary. No normalisation changes such a text."""

Size = Annotated[int, Field(ge=16, le=256_000)]


class VocabularyConfig(Section):
    """How the subword vocabulary is trained."""

    kind: Literal["unigram", "bpe", "char", "word"] = "unigram"
    """SentencePiece model type."""
    size: Size = 8000
    """Number of pieces, the six special ones included; for `char` and `word`, at most so many."""
    source_size: Size | None = None
    """Size of the source's vocabulary where it is not shared; that of the target's if left out."""
    shared: bool = True
    """Whether both languages have one vocabulary; only then can they share one embedding (`model.share_embeddings`)."""
    character_coverage: Annotated[float, Field(ge=0.98, le=1.0)] = 1.0
    """Share of characters that must have a piece of their own."""
    byte_fallback: bool = False
    """Spell characters without a piece as bytes (256 more pieces), so that nothing is unknown."""
    split_digits: bool = False
    """Each digit is a piece of its own, so that numbers which training never saw can be copied."""
    symbols: tuple[Symbol, ...] = ()
    """Tags such as `<BT>` or `<2es>` that are one piece each; those of corpora are added to them."""
    pretrained: str | tuple[str, str] | None = None
    """A SentencePiece model to use in place of training one; where not shared, those of source and target."""
    monolingual: bool = False
    """Whether monolingual corpora are trained on too. By default the pieces are those of the text to be translated."""
    sample_sentences: Annotated[int, Field(ge=1)] = 200_000
    """At most so many sentences are used (of each side where not shared), chosen by hash."""

    @property
    def pretrained_names(self) -> tuple[str, ...]:
        """The given files: none, one, or the source's and the target's."""
        if self.pretrained is None:
            return ()
        return (self.pretrained,) if isinstance(self.pretrained, str) else self.pretrained
