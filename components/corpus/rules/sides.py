"""How alike source and target are, as texts."""

from typing import Final

import numpy as np

from seq2seq_tfx.components.corpus.rules.batch import Batch, Column, Counts, Flags
from seq2seq_tfx.components.corpus.rules.edit_distance import edit_distance
from seq2seq_tfx.components.corpus.rules.rule import Check

COMPARED_CHARACTERS: Final = 5000
"""Of longer texts only the beginning is compared, because the work grows with the product of the lengths."""
_BINS: Final = 64


def identity(source: str, target: str) -> float:
    """1 if the sides are the same but for case and white space at the ends, else 0.

    Example:
        >>> identity("A dog ", "a dog")
        1.0
    """
    return 1.0 if source.strip().casefold() == target.strip().casefold() else 0.0


def similarity(source: str, target: str) -> float:
    """Normalised Levenshtein similarity: 1 - edit distance / characters of the longer side; 1 of two empty sides.

    Example:
        >>> similarity("kitten", "mitten!")
        0.7142857142857143
    """
    source, target = source[:COMPARED_CHARACTERS], target[:COMPARED_CHARACTERS]
    longest = max(len(source), len(target))
    return 1.0 - edit_distance(source, target) / longest if longest else 1.0


def _similarity_suspects(batch: Batch, limit: float) -> Flags:
    """By the bag distance, which is never above the edit distance: sides share at least so many characters."""
    longest = np.maximum(batch.source.lengths, batch.target.lengths)
    # The end marks are shared too.
    shared = np.minimum(_bags(batch.source), _bags(batch.target)).sum(axis=1) - 1
    return (shared >= limit * longest * (1 - 1e-9)) | (longest > COMPARED_CHARACTERS)


def _bags(column: Column) -> Counts:
    """How often characters occur in each row, similar ones in one bin; shape (R, bins)."""
    rows = len(column.texts)
    bins = column.rows * _BINS + (column.codes & (_BINS - 1))
    return np.bincount(bins, minlength=rows * _BINS).reshape(rows, _BINS)


IDENTICAL: Final = Check(identity)
SIMILARITY: Final = Check(similarity, _similarity_suspects)
