"""The module that is saved: strings in, strings out, search and subwords inside the graph.

N sentences, H hypotheses of each, T and S tokens of the longest target and source.
"""

from typing import Any, final

import tensorflow as tf
import tensorflow_text as tf_text

from seq2seq_tfx.components.decoding.alignments import align
from seq2seq_tfx.components.decoding.batches import decode, n_best
from seq2seq_tfx.components.decoding.beams import IMPOSSIBLE
from seq2seq_tfx.components.decoding.forbidding import forbidden_sequences
from seq2seq_tfx.components.decoding.forced import score
from seq2seq_tfx.components.decoding.grouping import cut
from seq2seq_tfx.components.decoding.layout import MAX_TOKENS
from seq2seq_tfx.components.decoding.rules import rules_of
from seq2seq_tfx.components.exporting.settings import ExportSettings
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.text_graph import encode, make_tokenizer
from seq2seq_tfx.components.vocabulary.files import VocabularyModels
from seq2seq_tfx.schemas.errors import InputError
from seq2seq_tfx.schemas.features import BOS_ID, EOS_ID

_SOURCE, _TARGET, _PREFIX = (tf.TensorSpec([None], tf.string, name=name) for name in ("source", "target", "prefix"))
_COUNT = tf.TensorSpec([], tf.int32, name="n")


@final
class ServedModel(tf.Module):
    """A model with its vocabulary and search settings.

    Memory is that of a few groups of sentences (`decoding/lockstep.py`), whatever N; `attention` returns N * T * S
    numbers.

    Args:
        model: The model, with its weights.
        vocabulary: The SentencePiece models.
        settings: What the export is made with.

    Raises:
        InputError: If the settings ask for what the model or the vocabulary does not have.
    """

    def __init__(self, model: Seq2SeqModel, vocabulary: VocabularyModels, settings: ExportSettings) -> None:
        super().__init__(name="seq2seq")
        # The variables and the tokenizer are saved; the Keras objects around the variables are not, so that nothing
        # of Keras is needed to load the export.
        self.weights = [variable.value for variable in model.variables]
        self.target_tokenizer = make_tokenizer(vocabulary.target.read_bytes())
        shared = vocabulary.shared
        self.source_tokenizer = self.target_tokenizer if shared else make_tokenizer(vocabulary.source.read_bytes())
        self._model = lambda: model
        forbidden = forbidden_sequences(settings.decoding.forbidden, vocabulary.target.read_bytes())
        self._rules = rules_of(settings.decoding, forbidden)
        self._normalisation, self._languages = settings.normalisation, settings.languages
        # A function with a signature that is an attribute would be saved, and without attention it cannot be.
        self.attention = tf.function(self._attention, [_SOURCE, _TARGET], autograph=False) if _attends(model) else None
        if settings.decoding.coverage_penalty > 0.0 and self.attention is None:
            raise InputError(
                f"decoding.coverage_penalty must be 0 for a model without attention, got "
                f"{settings.decoding.coverage_penalty}; leave it out"
            )

    @tf.function(input_signature=[_SOURCE], autograph=False)
    def translate(self, source: tf.Tensor) -> dict[str, tf.Tensor]:
        """Translate sentences.

        Args:
            source: Strings (N,) of any bytes; what is not UTF-8 is read as U+FFFD.

        Returns:
            `translation`: string (N,). `score`: float32 (N,), log p / tokens ** length_penalty. `truncated`: bool (N,),
            whether the source had more than `MAX_TOKENS` subwords, of which the rest was not read.
            `translation_truncated`: bool (N,), whether the limit of its length stopped the translation. A source
            without text (empty, or white space alone) has an empty translation and score 0.
        """
        return self._translated(self._source_ids(source), None)

    @tf.function(input_signature=[_SOURCE, _PREFIX], autograph=False)
    def translate_from_prefix(self, source: tf.Tensor, prefix: tf.Tensor) -> dict[str, tf.Tensor]:
        """Translate sentences, each translation beginning with a given text.

        Args:
            source: Strings (N,).
            prefix: Strings (N,), normalised and split into subwords as a target is; empty for a free choice.

        Returns:
            As `translate`; the prefix is part of the translation and of its score.
        """
        sizes = tf.size(source), tf.size(prefix)
        tf.debugging.Assert(
            sizes[0] == sizes[1], ["a prefix for each source must be given, got sources, prefixes:", sizes]
        )
        return self._translated(self._source_ids(source), self._target_ids(prefix)[:, :-1])

    @tf.function(input_signature=[_SOURCE, _COUNT], autograph=False)
    def translate_n_best(self, source: tf.Tensor, n: tf.Tensor) -> dict[str, tf.Tensor]:
        """The n best translations of sentences, the best first, all different.

        Hypotheses that differ in subwords only have one text; it stands once, with the better score.

        Args:
            source: Strings (N,).
            n: At least 1, at most `beam_size` (1 for greedy search and sampling).

        Returns:
            `translation`, `score`, `translation_truncated`: (N, n), as of `translate`. Where there are fewer, the rest
            is empty, with score -1e30.
        """
        most = self._rules.beams
        tf.debugging.Assert((n >= 1) & (n <= most), [f"n must be from 1 to {most} with this export's search, got", n])
        found = n_best(self._model(), self._source_ids(source), self._rules.keeping(most))
        texts_NH = tf.reshape(self.target_tokenizer.detokenize(found.ids), tf.shape(found.scores_NH))
        again_NH = said_before(texts_NH)
        order_NH = tf.argsort(tf.cast(again_NH, tf.int32), axis=1, stable=True)[:, :n]
        scores_NH = tf.where(again_NH, IMPOSSIBLE, found.scores_NH)
        results = {
            "translation": tf.where(again_NH, "", texts_NH),
            "score": scores_NH,
            "translation_truncated": found.truncated_NH & ~again_NH,
        }
        return {name: tf.gather(each, order_NH, batch_dims=1) for name, each in results.items()}

    @tf.function(input_signature=[_SOURCE, _TARGET], autograph=False)
    def score(self, source: tf.Tensor, target: tf.Tensor) -> dict[str, tf.Tensor]:
        """Score given translations.

        Args:
            source: Strings (N,).
            target: Their translations (N,).

        Returns:
            `score`: float32 (N,), what `translate` would give these translations.
        """
        return {"score": score(self._model(), self._source_ids(source), self._target_ids(target), self._rules)}

    def signatures(self) -> dict[str, Any]:
        """What a server may call; `attention` only where the model has some."""
        offered = {
            "serving_default": self.translate,
            "translate_from_prefix": self.translate_from_prefix,
            "translate_n_best": self.translate_n_best,
            "score": self.score,
        }
        return offered if self.attention is None else {**offered, "attention": self.attention}

    def _attention(self, source: tf.Tensor, target: tf.Tensor) -> dict[str, tf.Tensor]:
        """Align given translations with their sources, for pictures.

        Args:
            source: Strings (N,).
            target: Their translations (N,).

        Returns:
            `attention`: float32 (N, T, S), each row of a target token adds up to 1, 0 beside padding. `alignment`:
            int32 (N, T), the source token most looked at, -1 beside padding. `source_pieces` (N, S) and
            `target_pieces` (N, T): the subwords, end marks included, empty strings beside padding.
        """
        source_ids, target_ids = cut(self._source_ids(source)), cut(self._target_ids(target))
        aligned = align(self._model(), source_ids, target_ids)
        return {
            "attention": aligned.soft_NTS,
            "alignment": aligned.hard_NT,
            "source_pieces": _pieces(source_ids, self.source_tokenizer),
            "target_pieces": _pieces(target_ids, self.target_tokenizer),
        }

    def _translated(self, ids: tf.RaggedTensor, prefix_ids: tf.RaggedTensor | None) -> dict[str, tf.Tensor]:
        decoded = decode(self._model(), ids, self._rules, prefix_ids)
        return {
            "translation": self.target_tokenizer.detokenize(decoded.ids),
            "score": decoded.scores_N,
            "truncated": ids.row_lengths() > MAX_TOKENS,
            "translation_truncated": decoded.truncated_N,
        }

    def _source_ids(self, texts_N: tf.Tensor) -> tf.RaggedTensor:
        """Subword ids with EOS: int32 (N, ragged)."""
        return encode(texts_N, self.source_tokenizer, self._normalisation, self._languages.source)

    def _target_ids(self, texts_N: tf.Tensor) -> tf.RaggedTensor:
        """Subword ids with EOS: int32 (N, ragged)."""
        return encode(texts_N, self.target_tokenizer, self._normalisation, self._languages.target)


def _pieces(ids: tf.RaggedTensor, tokenizer: tf_text.SentencepieceTokenizer) -> tf.Tensor:
    """The subwords as they stand in the vocabulary: string (N, longest), empty beside padding."""
    return ids.with_values(tokenizer.id_to_string(ids.values)).to_tensor("")


def said_before(texts_NH: tf.Tensor) -> tf.Tensor:
    """Whether a better hypothesis of the sentence has the same text: bool (N, H)."""
    hypotheses = texts_NH.shape[1] or tf.shape(texts_NH)[1]
    same_NHH = tf.equal(texts_NH[:, :, None], texts_NH[:, None, :])
    earlier_HH = tf.range(hypotheses)[None, :] < tf.range(hypotheses)[:, None]
    return tf.reduce_any(same_NHH & earlier_HH, axis=2)


def _attends(model: Seq2SeqModel) -> bool:
    memory = model.encode(tf.constant([[EOS_ID]]))
    return model.attention_weights(memory, tf.constant([[BOS_ID]])) is not None
