"""How well a vocabulary fits a text."""

from collections.abc import Sequence
from typing import Final

import sentencepiece

from seq2seq_tfx.components.vocabulary.files import SideFigures
from seq2seq_tfx.schemas.features import UNK_ID

SENTENCES: Final = 20_000
"""So many are looked at: their figures stand within a percent of those of all."""

_SPACE = "▁"
"""What a space is in pieces."""


def figures_of(model: bytes, sentences: Sequence[bytes]) -> SideFigures:
    """Cut sentences into pieces and count.

    Args:
        model: A SentencePiece model.
        sentences: Normalised, UTF-8.
    """
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    pieces = words = characters = covered = unknown = 0
    for text in (sentence.decode() for sentence in sentences):
        for piece in processor.encode(text, out_type=str):
            number = processor.piece_to_id(piece)
            pieces += 1
            if number == UNK_ID:
                unknown += 1
            elif not processor.is_byte(number):
                covered += _length(piece)
        words += len(text.split())
        characters += _length(text)
    return SideFigures(
        sentences=len(sentences),
        coverage=covered / max(characters, 1),
        fertility=pieces / max(words, 1),
        unknown_share=unknown / max(pieces, 1),
    )


def _length(text: str) -> int:
    """Characters other than spaces."""
    return len(text) - text.count(" ") - text.count(_SPACE)
