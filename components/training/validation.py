"""What is measured on the eval split: plain cross-entropy a token, and BLEU or chrF of its translations."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from seq2seq_tfx.components.decoding.batches import decode
from seq2seq_tfx.components.decoding.rules import rules_of
from seq2seq_tfx.components.evaluation.scoring import Scorer, tokenizer_for
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.preprocessing.evaluation_sentences import EvaluationSentence
from seq2seq_tfx.components.text_graph import make_tokenizer
from seq2seq_tfx.components.training.batches import Store, padded, sorted_batches
from seq2seq_tfx.components.training.step import LossFunction
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.training import TrainingValidationConfig

Detokenize = Callable[[tf.RaggedTensor], tf.Tensor]
"""From target ids without EOS to strings, in the graph."""


def evaluation_loss(loss: LossFunction, store: Store, batch_tokens: int) -> float:
    """Mean cross-entropy over all real target tokens of a split, in nats, without dropout or label smoothing.

    Args:
        loss: Sum and number of tokens of a batch.
        store: The split; must not be empty.
        batch_tokens: Size of its batches.
    """
    total, tokens = 0.0, 0.0
    for pairs in sorted_batches(store.lengths_N2, np.arange(len(store)), batch_tokens):
        source_BS, target_BT = padded(store, pairs)
        batch_total, batch_tokens_seen = loss(tf.constant(source_BS), tf.constant(target_BT))
        total += float(batch_total)
        tokens += float(batch_tokens_seen)
    return total / tokens


def make_score(
    model: Seq2SeqModel,
    sentences: Sequence[EvaluationSentence],
    detokenize: Detokenize,
    config: TrainingValidationConfig,
    target_language: str,
) -> Callable[[], float]:
    """A function that translates the sentences with the present weights and scores the text.

    Args:
        model: The model.
        sentences: At least one.
        detokenize: Of the target's vocabulary.
        config: Metric (bleu or chrf) and search.
        target_language: BLEU's tokeniser follows it.

    Raises:
        InputError: If BLEU's tokeniser for the language is not installed.
    """
    scorer = Scorer("chrf" if config.metric == "chrf" else "bleu", tokenizer_for("auto", target_language))
    search = DecodingConfig(strategy=config.strategy, beam_size=config.beam_size, max_length=config.max_length)
    rules = rules_of(search)
    source_ids = tf.ragged.constant([each.source_ids for each in sentences], tf.int32)
    references = [each.references for each in sentences]

    @tf.function(input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)], autograph=False)
    def translate(ids: tf.RaggedTensor) -> tf.Tensor:
        return detokenize(decode(model, ids, rules).ids)

    def score() -> float:
        hypotheses = [each.decode("utf-8", "replace") for each in translate(source_ids).numpy()]
        return scorer.score(hypotheses, references).value

    return score


def detokenizer(vocabulary_proto: bytes) -> Detokenize:
    """As the exported model does it.

    Args:
        vocabulary_proto: The bytes of the target's SentencePiece model.
    """
    tokenizer = make_tokenizer(vocabulary_proto)
    return lambda ids: tokenizer.detokenize(ids)
