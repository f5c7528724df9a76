"""Training of a SentencePiece vocabulary (Kudo 2018 unigram, Sennrich 2016 BPE, characters, words).

Same sentences, same bytes: they come sorted, and one thread trains.

More sentences give better pieces up to a point. Pieces a word on 5,000 sentences that were left out, 8,000 pieces, and
seconds on one core of a 2-core machine:

    sentences           25,000   50,000   100,000   200,000
    unigram   pieces    1.476    1.454    1.433     1.425
              seconds   0.7      1.3      2.9       5.2
    bpe       pieces             1.403    1.398     1.397
              seconds            0.7      1.2       2.1

All 206,000 sentences of that corpus (Tatoeba, English and Spanish) gave 1.423: hence the default of
`vocabulary.sample_sentences`. The quickstart corpus (43,000 sentences, 2,000 pieces) stays between 1.55 and 1.56 from
10,000 sentences on. The whole stage took 41 s for 1,000,000 generated pairs (72 s with a sample of 1,000,000), 15 s of
it to read, normalise and choose.
"""

import io
import re
from collections.abc import Sequence
from typing import Final

import sentencepiece
from sentencepiece.sentencepiece_model_pb2 import ModelProto

from seq2seq_tfx.schemas.config.vocabulary import BYTE_PIECES, VocabularyConfig
from seq2seq_tfx.schemas.errors import CorpusError, WorkError
from seq2seq_tfx.schemas.features import BOS_ID, EOS_ID, PAD_ID, SPECIAL_PIECES, UNK_ID

MAX_SENTENCE_BYTES: Final = 1 << 16
"""SentencePiece leaves longer sentences out of the training."""

_SMALLEST = re.compile(r"smaller than required_chars\. \d+ vs (\d+)")
_LARGEST = re.compile(r"set it to a value <= (\d+)")
_FATAL_ONLY = 3
_SUBWORDS = ("unigram", "bpe")
_SPACE = "▁"


def train_vocabulary(sentences: Sequence[bytes], config: VocabularyConfig) -> bytes:
    """Train a vocabulary of `config.size` pieces, those of ids 0 to 5 being `SPECIAL_PIECES`.

    Args:
        sentences: Normalised, distinct and sorted: their order counts.
        config: Kind, size, coverage, symbols.

    Returns:
        The model; one thread, so the same bytes every time. Characters and words may be fewer than `config.size`.

    Raises:
        CorpusError: If the sentences do not allow for a vocabulary of that size.
    """
    if not sentences:
        raise CorpusError("the train split must hold text for the vocabulary, but all its sentences are empty")
    _refuse_no_room(config)
    try:
        model = _train(sentences, config)
    except RuntimeError as error:
        raise _explained(error, sentences, config) from error
    _check_special_pieces(model)
    return model


def _refuse_no_room(config: VocabularyConfig) -> None:
    """SentencePiece says so itself for subwords, which need a piece for each character."""
    fixed = len(SPECIAL_PIECES) + len(config.symbols) + len(BYTE_PIECES) * config.byte_fallback
    if config.kind not in _SUBWORDS and config.size <= fixed:
        raise CorpusError(
            f"vocabulary.size must be at least {fixed + 1:,} ({fixed:,} pieces are special ones, symbols and bytes), "
            f"got {config.size:,}; raise it"
        )


def _train(sentences: Sequence[bytes], config: VocabularyConfig) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences),
        model_writer=model,
        model_type=config.kind,
        vocab_size=config.size,
        character_coverage=config.character_coverage,
        max_sentence_length=MAX_SENTENCE_BYTES,
        normalization_rule_name="identity",
        pad_id=PAD_ID,
        unk_id=UNK_ID,
        bos_id=BOS_ID,
        eos_id=EOS_ID,
        pad_piece=SPECIAL_PIECES[PAD_ID],
        unk_piece=SPECIAL_PIECES[UNK_ID],
        bos_piece=SPECIAL_PIECES[BOS_ID],
        eos_piece=SPECIAL_PIECES[EOS_ID],
        control_symbols=list(SPECIAL_PIECES[EOS_ID + 1 :]),
        user_defined_symbols=[symbol_piece(symbol, config.kind) for symbol in config.symbols],
        byte_fallback=config.byte_fallback,
        split_digits=config.split_digits,
        hard_vocab_limit=config.kind in _SUBWORDS,
        num_threads=1,
        minloglevel=_FATAL_ONLY,
    )
    return model.getvalue()


def symbol_piece(symbol: str, kind: str) -> str:
    """The piece of a symbol: a model of words looks whole words up, with the space before them."""
    return _SPACE + symbol if kind == "word" else symbol


def size_of(model: bytes) -> int:
    """Number of pieces of a SentencePiece model."""
    return int(sentencepiece.SentencePieceProcessor(model_proto=model).get_piece_size())


def kind_of(model: bytes) -> str:
    """`unigram`, `bpe`, `char` or `word`."""
    trainer_spec = ModelProto.FromString(model).trainer_spec
    return str(trainer_spec.ModelType.Name(trainer_spec.model_type)).lower()


def _explained(error: RuntimeError, sentences: Sequence[bytes], config: VocabularyConfig) -> CorpusError | WorkError:
    """SentencePiece's error as one that says which sizes fit."""
    if smallest := _SMALLEST.search(str(error)):
        return CorpusError(
            f"vocabulary.size must be at least {int(smallest[1]):,} for this corpus (each character needs a piece), "
            f"got {config.size:,}; raise it, or lower vocabulary.character_coverage"
        )
    if largest := _LARGEST.search(str(error)):
        size = _largest_that_fits(int(largest[1]), sentences, config)
        return CorpusError(
            f"vocabulary.size must be at most {size:,} for this corpus ({len(sentences):,} different sentences), "
            f"got {config.size:,}; lower it or give more text"
        )
    return WorkError(f"SentencePiece must be able to train a vocabulary on the train split, but: {error}")


def _largest_that_fits(offered: int, sentences: Sequence[bytes], config: VocabularyConfig) -> int:
    """The unigram trainer may not keep what it offers: try it, and go down with its next offers."""
    size = offered
    while True:
        try:
            _train(sentences, config.model_copy(update={"size": size}))
        except RuntimeError as error:
            lower = _LARGEST.search(str(error))
            if lower is None or int(lower[1]) >= size:
                return size
            size = int(lower[1])
        else:
            return size


def _check_special_pieces(model: bytes) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    pieces = tuple(processor.id_to_piece(each) for each in range(len(SPECIAL_PIECES)))
    if pieces != SPECIAL_PIECES:
        raise WorkError(f"ids 0 to 5 of every vocabulary must be {SPECIAL_PIECES}, but SentencePiece gave {pieces}")
