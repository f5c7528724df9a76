"""From strings to subword ids as TensorFlow operations: Transform and the exported model run this same code."""

import hashlib

import tensorflow as tf
import tensorflow_text as tf_text

from seq2seq_tfx.components.punctuation import Rules
from seq2seq_tfx.components.text_rules import text_rules
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig

# N strings


def normalise(texts_N: tf.Tensor, normalisation: NormalisationConfig, language: str) -> tf.Tensor:
    """What a model sees of a text: valid, Unicode-normalised, one line, single spaces, none at the ends.

    Args:
        texts_N: Strings of any bytes; what is not UTF-8 becomes U+FFFD, as in `bytes.decode("utf-8", "replace")`.
        normalisation: Unicode form and optional rules.
        language: Code of the texts' language; only the rule for punctuation looks at it.

    Returns:
        Strings, (N,). Doing it again changes nothing.
    """
    texts_N = tf.strings.unicode_transcode(texts_N, "UTF-8", "UTF-8", errors="replace", replacement_char=0xFFFD)
    rules = text_rules(normalisation, language)
    texts_N = _replaced(texts_N, rules.before)
    if normalisation.unicode != "none":
        texts_N = tf_text.normalize_utf8(texts_N, normalisation.unicode.upper())
    return tf.strings.strip(_replaced(texts_N, rules.after))


def make_tokenizer(vocabulary_proto: bytes) -> tf_text.SentencepieceTokenizer:
    """The vocabulary as a tokenizer in the graph; a `tf.Module` that exports it must keep it as an attribute.

    Args:
        vocabulary_proto: The bytes of a SentencePiece model.
    """
    # A loaded export finds a model by the name of its node: without names of their own, the vocabularies of source and
    # target would both be the one that was loaded first.
    name = f"vocabulary_{hashlib.sha256(vocabulary_proto).hexdigest()}"
    return tf_text.SentencepieceTokenizer(model=vocabulary_proto, out_type=tf.int32, add_eos=True, name=name)


def encode(
    texts_N: tf.Tensor, tokenizer: tf_text.SentencepieceTokenizer, normalisation: NormalisationConfig, language: str
) -> tf.RaggedTensor:
    """Normalise texts and split them into subwords.

    Args:
        texts_N: Strings of any bytes.
        tokenizer: From `make_tokenizer`.
        normalisation: The settings that the vocabulary was trained with.
        language: Code of the texts' language.

    Returns:
        Ids int32, (N, ragged); each row ends with EOS, none starts with BOS.
    """
    return tokenizer.tokenize(normalise(texts_N, normalisation, language))


def _replaced(texts_N: tf.Tensor, rules: Rules) -> tf.Tensor:
    for pattern, replacement in rules:
        texts_N = tf.strings.regex_replace(texts_N, pattern, replacement)
    return texts_N
