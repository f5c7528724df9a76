"""Coverage, fertility and unknown share, counted by hand."""

import io
from typing import Any

import pytest
import sentencepiece

from seq2seq_tfx.components.vocabulary.figures import figures_of


def _model(**settings: Any) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["ab ab ab", "ab b a", "a b"]),
        model_writer=model,
        normalization_rule_name="identity",
        pad_id=0,
        unk_id=1,
        bos_id=2,
        eos_id=3,
        minloglevel=3,
        **settings,
    )
    return model.getvalue()


def test_figures_count_characters_words_and_pieces_when_some_are_unknown() -> None:
    figures = figures_of(_model(model_type="char", vocab_size=20), [b"ab xyb", b"a"])
    # _ a b _ xy b; _ a: eight pieces, one of them unknown; six characters, two of them in no piece.
    assert figures.sentences == 2
    assert figures.fertility == pytest.approx(8 / 3)
    assert figures.coverage == pytest.approx(4 / 6)
    assert figures.unknown_share == pytest.approx(1 / 8)


def test_figures_count_bytes_as_pieces_that_cover_nothing() -> None:
    figures = figures_of(_model(model_type="char", vocab_size=300, byte_fallback=True), ["ab é".encode()])
    # _ a b _ and two bytes.
    assert (figures.fertility, figures.unknown_share) == (3.0, 0.0)
    assert figures.coverage == pytest.approx(2 / 3)


def test_figures_count_whole_words_when_the_pieces_are_words() -> None:
    figures = figures_of(_model(model_type="word", vocab_size=20, hard_vocab_limit=False), [b"ab a zz ab"])
    assert figures.unknown_share == pytest.approx(1 / 4)
    assert figures.coverage == pytest.approx(5 / 7)
    assert figures.fertility == 1.0


def test_figures_are_those_of_nothing_when_there_is_no_text() -> None:
    figures = figures_of(_model(model_type="char", vocab_size=20), [])
    assert (figures.sentences, figures.coverage, figures.fertility, figures.unknown_share) == (0, 0.0, 0.0, 0.0)
