"""The files of a Vocabulary artifact."""

from typing import Final

MODEL_FILE: Final = "vocabulary.model"
"""The SentencePiece model."""
SUMMARY_FILE: Final = "vocabulary.json"
"""Its sha256, size, kind and languages."""
