"""The module that is saved: strings in, strings out, search and subwords inside the graph.

N sentences.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, final

import tensorflow as tf

from seq2seq_tfx.components.decoding.batches import Decoded, decode
from seq2seq_tfx.components.decoding.forced import score
from seq2seq_tfx.components.decoding.layout import MAX_TOKENS
from seq2seq_tfx.components.exporting.settings import ExportSettings
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.text_graph import encode, make_tokenizer
from seq2seq_tfx.components.vocabulary.files import VocabularyModels

_SOURCE, _TARGET = (tf.TensorSpec([None], tf.string, name=name) for name in ("source", "target"))


@final
class ServedModel(tf.Module):
    """A model with its vocabulary and search settings.

    Memory is that of one group of sentences (`decoding/batches.py`), whatever N.

    Args:
        model: The model, with its weights.
        vocabulary: The SentencePiece models.
        settings: What the export is made with.
    """

    def __init__(self, model: Seq2SeqModel, vocabulary: VocabularyModels, settings: ExportSettings) -> None:
        super().__init__(name="seq2seq")
        # The variables and the tokenizer are saved; the Keras objects around the variables are not, so that nothing
        # of Keras is needed to load the export.
        self.weights = [variable.value for variable in model.variables]
        self.target_tokenizer = make_tokenizer(vocabulary.target.read_bytes())
        shared = vocabulary.shared
        self.source_tokenizer = self.target_tokenizer if shared else make_tokenizer(vocabulary.source.read_bytes())
        self._decode: Callable[[tf.RaggedTensor], Decoded] = partial(decode, model, settings=settings.decoding)
        self._score = partial(score, model, length_penalty=settings.decoding.length_penalty)
        self._normalisation, self._languages = settings.normalisation, settings.languages

    @tf.function(input_signature=[_SOURCE], autograph=False)
    def translate(self, source: tf.Tensor) -> dict[str, tf.Tensor]:
        """Translate sentences.

        Args:
            source: Strings (N,) of any bytes; what is not UTF-8 is read as U+FFFD.

        Returns:
            `translation`: string (N,). `score`: float32 (N,), log p / tokens ** length_penalty. `truncated`: bool (N,),
            whether the source had more than `MAX_TOKENS` subwords, of which the rest was not read. A source without
            text (empty, or white space alone) has an empty translation and score 0.
        """
        ids = self._source_ids(source)
        decoded = self._decode(ids)
        return {
            "translation": self.target_tokenizer.detokenize(decoded.ids),
            "score": decoded.scores_N,
            "truncated": ids.row_lengths() > MAX_TOKENS,
        }

    @tf.function(input_signature=[_SOURCE, _TARGET], autograph=False)
    def score(self, source: tf.Tensor, target: tf.Tensor) -> dict[str, tf.Tensor]:
        """Score given translations.

        Args:
            source: Strings (N,).
            target: Their translations (N,).

        Returns:
            `score`: float32 (N,), what `translate` would give these translations.
        """
        return {"score": self._score(self._source_ids(source), self._target_ids(target))}

    def signatures(self) -> dict[str, Any]:
        """What a server may call."""
        return {"serving_default": self.translate, "score": self.score}

    def _source_ids(self, texts_N: tf.Tensor) -> tf.RaggedTensor:
        """Subword ids with EOS: int32 (N, ragged)."""
        return encode(texts_N, self.source_tokenizer, self._normalisation, self._languages.source)

    def _target_ids(self, texts_N: tf.Tensor) -> tf.RaggedTensor:
        """Subword ids with EOS: int32 (N, ragged)."""
        return encode(texts_N, self.target_tokenizer, self._normalisation, self._languages.target)
