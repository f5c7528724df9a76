"""The engine for every export: the SavedModel, with TensorFlow."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, final

from typing_extensions import override

from seq2seq_tfx.components.translation.engine import Engine, Translation
from seq2seq_tfx.components.translation.manner import PLAIN, Alignment, Alternative, Manner, links_of
from seq2seq_tfx.schemas.errors import InputError

_CUTS: Final = ("truncated", "translation_truncated")
"""Outputs that say whether the source was read to its end, and the translation written to its end."""
_N_BEST: Final = ("translation", "score", "translation_truncated")
_ALIGNED_AT_ONCE: Final = 32
"""Sentences aligned in one call: its answer grows with their lengths multiplied."""
_NONE_LEFT: Final = -1e29
"""Scores below it stand where there is no further hypothesis."""


@final
class SavedModelEngine(Engine):
    """A loaded SavedModel. Needs TensorFlow and TensorFlow Text only; they are imported here, not before.

    Args:
        export: The folder that holds `saved_model.pb`.
        batch_size: Sentences handed over in one call. It has no influence on translations: the export splits a call
            into groups of its own.
        manner: What is asked of it.

    Raises:
        InputError: If the SavedModel cannot be loaded, or cannot do what is asked.
    """

    def __init__(self, export: Path, batch_size: int, manner: Manner = PLAIN) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import tensorflow as tf
        import tensorflow_text  # noqa: F401  (registers the SentencePiece operations)

        for library in ("tensorflow", "absl"):
            logging.getLogger(library).setLevel(logging.ERROR)
        self._tf: Any = tf
        self._batch_size, self._manner = batch_size, manner
        _choose_device(tf, manner)
        try:
            # The function must not outlive the loaded object, which owns its variables.
            self._loaded = tf.saved_model.load(str(export))
            self._serve: Any = self._loaded.signatures["serving_default"]
            self._n_best: Any = self._loaded.signatures["translate_n_best"] if manner.n_best > 1 else None
            self._attention: Any = self._loaded.signatures.get("attention")
        except (OSError, KeyError, ValueError, tf.errors.OpError) as error:
            raise InputError(
                f"{export} must hold an export of this program, but loading it failed: {error}; export again"
            ) from error
        if manner.alignments and self._attention is None:
            raise InputError("--alignments must go with a model that has attention, this one has none; leave it out")

    @property
    @override
    def block(self) -> int:
        return self._batch_size

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        for start in range(0, len(sentences), self._batch_size):
            batch = [sentence.encode() for sentence in sentences[start : start + self._batch_size]]
            found = self._best(batch) if self._n_best is None else self._several(batch)
            if not self._manner.alignments:
                yield from found
                continue
            for translation, alignment in zip(found, self._alignments(batch, found), strict=True):
                yield translation._replace(alignment=alignment)

    def _best(self, batch: Sequence[bytes]) -> list[Translation]:
        result = self._serve(source=self._tf.constant(batch, self._tf.string))
        texts, scores = result["translation"].numpy(), result["score"].numpy()
        answers = zip(texts, scores, _cut(result, len(batch)), strict=True)
        return [Translation(_one_line(text), float(score), cut) for text, score, cut in answers]

    def _several(self, batch: Sequence[bytes]) -> list[Translation]:
        wanted = self._tf.constant(self._manner.n_best, self._tf.int32)
        result = self._n_best(source=self._tf.constant(batch, self._tf.string), n=wanted)
        found = []
        # The job hands over what the model reads whole, so only the translation can have been cut.
        for texts, scores, cuts in zip(*(result[name].numpy() for name in _N_BEST), strict=True):
            best, *others = (Alternative(_one_line(t), float(s)) for t, s in zip(texts, scores, strict=True))
            kept = tuple(each for each in others if each.score > _NONE_LEFT)
            found.append(Translation(*best, truncated=bool(cuts[0]), others=kept))
        return found

    def _alignments(self, batch: Sequence[bytes], found: Sequence[Translation]) -> Iterator[Alignment]:
        tf = self._tf
        for start in range(0, len(batch), _ALIGNED_AT_ONCE):
            end = start + _ALIGNED_AT_ONCE
            texts = [each.text.encode() for each in found[start:end]]
            result = self._attention(
                source=tf.constant(batch[start:end], tf.string), target=tf.constant(texts, tf.string)
            )
            answers = (result[name].numpy() for name in ("source_pieces", "target_pieces", "attention"))
            for source, target, attention_TS in zip(*answers, strict=True):
                sides = [[piece.decode() for piece in pieces if piece][:-1] for pieces in (source, target)]
                inside_TS = attention_TS[: len(sides[1]), : len(sides[0])].tolist()
                yield Alignment(links_of(inside_TS), tuple(sides[0]), tuple(sides[1]))


def _choose_device(tf: Any, manner: Manner) -> None:
    graphics = tf.config.list_physical_devices("GPU")
    if manner.device == "cuda" and not graphics:
        raise InputError(
            "device cuda must be one that TensorFlow can use, but it finds no GPU; install the extra cuda "
            "(pip install 'seq2seq-tfx[cuda]') and the GPU's driver, or use cpu"
        )
    if manner.device == "cpu" and graphics:
        try:
            tf.config.set_visible_devices([], "GPU")
        except RuntimeError as error:
            raise InputError(
                "device cpu must be chosen before TensorFlow uses the GPU, but this process has used it already; set "
                "CUDA_VISIBLE_DEVICES to nothing in its environment, or use auto"
            ) from error


def _one_line(text: bytes) -> str:
    """A vocabulary given by a user may hold line feeds; a translation is one line."""
    return text.decode("utf-8", "replace").replace("\n", " ")


def _cut(result: Mapping[str, Any], sentences: int) -> list[bool | None]:
    """Whether each sentence was cut; None of an export from before it was said."""
    if not all(name in result for name in _CUTS):
        return [None] * sentences
    return [any(flags) for flags in zip(*(result[name].numpy().tolist() for name in _CUTS), strict=True)]
