"""Sentences of ten words, and SentencePiece models trained on them."""

import functools
import io

import sentencepiece
from transformed_examples import Pair

from seq2seq_tfx.schemas.features import SPECIAL_PIECES

WORDS = ["little", "house", "riverside", "mice", "see", "lighthouse", "the", "a", "houses", "side"]
SENTENCES = [" ".join(WORDS[(i * k + k) % len(WORDS)] for k in range(1, 7)) for i in range(200)]


@functools.cache
def vocabulary(kind: str, size: int = 60, symbols: tuple[str, ...] = ()) -> bytes:
    """The bytes of a model of about so many pieces; ids 0 to 5 are the special ones."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES), model_writer=model, model_type=kind, vocab_size=size,
        normalization_rule_name="identity", pad_id=0, unk_id=1, bos_id=2, eos_id=3, pad_piece=SPECIAL_PIECES[0],
        control_symbols=list(SPECIAL_PIECES[4:]), num_threads=1, minloglevel=3, hard_vocab_limit=False,
        user_defined_symbols=list(symbols),
    )  # fmt: skip
    return model.getvalue()


def processor(kind: str) -> sentencepiece.SentencePieceProcessor:
    """A model, loaded."""
    return sentencepiece.SentencePieceProcessor(model_proto=vocabulary(kind))


def copied_sentences(first: int, last: int) -> list[Pair]:
    """Sentences of the unigram model as pairs whose target is the source."""
    ids = processor("unigram").encode(SENTENCES[first:last])
    return [(number, each, each) for number, each in enumerate(ids)]
