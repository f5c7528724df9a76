"""The engine for every export: the SavedModel, with TensorFlow."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, final

from typing_extensions import override

from seq2seq_tfx.components.translation.engine import Engine, Translation
from seq2seq_tfx.schemas.errors import InputError

_CUTS: Final = ("truncated", "translation_truncated")
"""Outputs that say whether the source was read to its end, and the translation written to its end."""


@final
class SavedModelEngine(Engine):
    """A loaded SavedModel. Needs TensorFlow and TensorFlow Text only; they are imported here, not before.

    Args:
        export: The folder that holds `saved_model.pb`.
        batch_size: Sentences handed over in one call. It has no influence on translations: the export splits a call
            into groups of its own.

    Raises:
        InputError: If the SavedModel cannot be loaded.
    """

    def __init__(self, export: Path, batch_size: int) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import tensorflow as tf
        import tensorflow_text  # noqa: F401  (registers the SentencePiece operations)

        for library in ("tensorflow", "absl"):
            logging.getLogger(library).setLevel(logging.ERROR)
        self._tf: Any = tf
        self._batch_size = batch_size
        try:
            # The function must not outlive the loaded object, which owns its variables.
            self._loaded = tf.saved_model.load(str(export))
            self._serve: Any = self._loaded.signatures["serving_default"]
        except (OSError, KeyError, ValueError, tf.errors.OpError) as error:
            raise InputError(
                f"{export} must hold an export of this program, but loading it failed: {error}; export again"
            ) from error

    @property
    @override
    def block(self) -> int:
        return self._batch_size

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        for start in range(0, len(sentences), self._batch_size):
            batch = [sentence.encode() for sentence in sentences[start : start + self._batch_size]]
            result = self._serve(source=self._tf.constant(batch, self._tf.string))
            texts, scores = result["translation"].numpy(), result["score"].numpy()
            for text, score, cut in zip(texts, scores, _cut(result, len(batch)), strict=True):
                # A vocabulary given by a user may hold line feeds; a translation is one line.
                yield Translation(text.decode("utf-8", "replace").replace("\n", " "), float(score), cut)


def _cut(result: Mapping[str, Any], sentences: int) -> list[bool | None]:
    """Whether each sentence was cut; None of an export from before it was said."""
    if not all(name in result for name in _CUTS):
        return [None] * sentences
    return [any(flags) for flags in zip(*(result[name].numpy().tolist() for name in _CUTS), strict=True)]
