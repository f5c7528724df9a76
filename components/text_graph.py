"""From strings to subword ids as TensorFlow operations: Transform and the exported model run this same code."""

import tensorflow as tf
import tensorflow_text as tf_text

from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig

# N strings

_INVISIBLE = r"[^\P{Cc}\t\n\v\f\r\x{85}]|[\x{200B}\x{FEFF}]"
"""Control characters but white space; zero-width space; byte order mark. Joiners stay: they mean something."""
_WHITE_SPACE = r"[\s\v\x{85}\p{Z}]+"


def normalise(texts_N: tf.Tensor, normalisation: NormalisationConfig) -> tf.Tensor:
    """What a model sees of a text: valid, Unicode-normalised, one line, single spaces, none at the ends.

    Args:
        texts_N: Strings of any bytes; what is not UTF-8 becomes U+FFFD, as in `bytes.decode("utf-8", "replace")`.
        normalisation: Unicode form.

    Returns:
        Strings, (N,). Doing it again changes nothing.
    """
    texts_N = tf.strings.unicode_transcode(texts_N, "UTF-8", "UTF-8", errors="replace", replacement_char=0xFFFD)
    texts_N = tf.strings.regex_replace(texts_N, _INVISIBLE, "")
    texts_N = tf_text.normalize_utf8(texts_N, normalisation.unicode.upper())
    # After the Unicode form, because NFKC makes spaces (of U+00A8, say).
    return tf.strings.strip(tf.strings.regex_replace(texts_N, _WHITE_SPACE, " "))


def make_tokenizer(vocabulary_proto: bytes) -> tf_text.SentencepieceTokenizer:
    """The vocabulary as a tokenizer in the graph; a `tf.Module` that exports it must keep it as an attribute.

    Args:
        vocabulary_proto: The bytes of `vocabulary.model`.
    """
    return tf_text.SentencepieceTokenizer(model=vocabulary_proto, out_type=tf.int32, add_eos=True)


def encode(
    texts_N: tf.Tensor, tokenizer: tf_text.SentencepieceTokenizer, normalisation: NormalisationConfig
) -> tf.RaggedTensor:
    """Normalise texts and split them into subwords.

    Args:
        texts_N: Strings of any bytes.
        tokenizer: From `make_tokenizer`.
        normalisation: The settings that the vocabulary was trained with.

    Returns:
        Ids int32, (N, ragged); each row ends with EOS, none starts with BOS.
    """
    return tokenizer.tokenize(normalise(texts_N, normalisation))
