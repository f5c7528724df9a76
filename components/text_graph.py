"""From strings to subword ids as TensorFlow operations: Transform and the exported model run this same code."""

import hashlib

import tensorflow as tf
import tensorflow_text as tf_text

from seq2seq_tfx.components.punctuation import close_no_break_spaces, plain_punctuation, plain_quotes
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig

# N strings

_CONTROLS = r"[^\P{Cc}\t\n\v\f\r\x{85}]"
"""All but those that are white space."""
_INVISIBLE = (
    r"[\x{AD}"  # the soft hyphen says where a line may break
    r"\x{200B}\x{2060}-\x{2064}\x{FEFF}"  # zero-width space, word joiner, invisible operators, byte order mark
    r"\x{61C}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2066}-\x{206F}"  # marks of direction are for display
    r"\x{FFF9}-\x{FFFB}]"  # marks of interlinear notes
)
"""Joiners (U+200C, U+200D) stay, because Persian, Indic scripts and emoji spell with them; so do variation selectors
and the tags of flags, which choose between signs, and U+180E, which shapes Mongolian endings."""
_WHITE_SPACE = r"[\s\v\x{85}\p{Z}]+"


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
    texts_N = tf.strings.regex_replace(texts_N, f"{_CONTROLS}|{_INVISIBLE}", "")
    # Before the Unicode form, because NFKC takes no-break spaces and acute accents apart.
    if normalisation.quotes:
        texts_N = plain_quotes(texts_N)
    if normalisation.punctuation:
        texts_N = close_no_break_spaces(texts_N, language)
    if normalisation.unicode != "none":
        texts_N = tf_text.normalize_utf8(texts_N, normalisation.unicode.upper())
    # After the Unicode form, because NFKC makes spaces (of U+00A8, say) and punctuation.
    texts_N = tf.strings.regex_replace(texts_N, _WHITE_SPACE, " ")
    if normalisation.punctuation:
        texts_N = plain_punctuation(texts_N, language)
    return tf.strings.strip(texts_N)


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
