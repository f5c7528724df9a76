"""From what `decoding.forbidden` names to token sequences of a vocabulary."""

from collections.abc import Sequence

import sentencepiece

from seq2seq_tfx.schemas.errors import InputError
from seq2seq_tfx.schemas.features import EOS_ID, SPECIAL_PIECES, UNK_ID


def forbidden_sequences(entries: Sequence[str], vocabulary_proto: bytes) -> tuple[tuple[int, ...], ...]:
    """What may not be said, as token sequences.

    An entry that is a subword of the vocabulary, written as there (`▁` begins a word), is that one token. Any other is
    a text, and the subwords that it is split into may not follow one another; another split of it, which a model could
    still say, is not forbidden.

    Args:
        entries: As in the settings.
        vocabulary_proto: The bytes of `vocabulary.model`.

    Raises:
        InputError: If an entry is the end mark, or a text that the vocabulary cannot say.
    """
    vocabulary = sentencepiece.SentencePieceProcessor(model_proto=vocabulary_proto)
    return tuple(_sequence(entry, vocabulary) for entry in entries)


def _sequence(entry: str, vocabulary: sentencepiece.SentencePieceProcessor) -> tuple[int, ...]:
    token = vocabulary.piece_to_id(entry)
    if token != UNK_ID or entry == SPECIAL_PIECES[UNK_ID]:
        tokens: tuple[int, ...] = (int(token),)
    else:
        tokens = tuple(int(each) for each in vocabulary.encode(entry))
    if not tokens or tokens == (EOS_ID,) or (UNK_ID in tokens and entry != SPECIAL_PIECES[UNK_ID]):
        raise InputError(
            f"decoding.forbidden must name subwords of the vocabulary, or texts that it can say, got {entry!r}; "
            "leave it out (forbid_unknown forbids <unk>)"
        )
    return tokens
