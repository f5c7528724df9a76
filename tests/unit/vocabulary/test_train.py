"""Training of a vocabulary, and the errors of one that does not fit."""

import re
from typing import Any

import pytest
import sentencepiece

from seq2seq_tfx.components.vocabulary.sentences import SentenceSample, pooled
from seq2seq_tfx.components.vocabulary.train import kind_of, size_of, symbol_piece, train_vocabulary
from seq2seq_tfx.schemas.config.vocabulary import VocabularyConfig
from seq2seq_tfx.schemas.errors import CorpusError
from seq2seq_tfx.schemas.features import SPECIAL_PIECES

KINDS = ("unigram", "bpe")
SENTENCES = sorted(
    f"the {quality} {thing} {action} {place}".encode()
    for quality in ("red", "blue", "green", "small", "big")
    for thing in ("house", "dog", "caterpillar", "bird", "tree")
    for action in ("is", "stays", "waits", "sleeps")
    for place in ("here", "there", "outside")
)


TAGGED = sorted([*SENTENCES, *(b"<BT> " + sentence for sentence in SENTENCES[::3]), b"<2es> once"])
ALL_KINDS = {"unigram": 46, "bpe": 60, "char": 100, "word": 100}


def _config(kind: str, size: int, **others: Any) -> VocabularyConfig:
    return VocabularyConfig.model_validate({"kind": kind, "size": size, **others})


@pytest.mark.parametrize("kind", KINDS)
def test_special_pieces_have_the_first_ids_and_size_is_as_asked(kind: str) -> None:
    model = sentencepiece.SentencePieceProcessor(model_proto=train_vocabulary(SENTENCES, _config(kind, 40)))
    assert tuple(model.id_to_piece(each) for each in range(6)) == SPECIAL_PIECES
    assert [model.is_control(each) for each in range(6)] == [True, False, True, True, True, True]
    assert model.is_unknown(1)
    assert model.get_piece_size() == 40
    assert not set(model.encode("<pad> <mask> <sep> </s>")) & {0, 2, 3, 4, 5}


@pytest.mark.parametrize(("kind", "size"), ALL_KINDS.items())
def test_bytes_are_equal_when_trained_twice(kind: str, size: int) -> None:
    config = _config(kind, size, symbols=["<BT>"])
    assert train_vocabulary(TAGGED, config) == train_vocabulary(TAGGED, config)


@pytest.mark.parametrize("kind", ["char", "word"])
def test_pieces_are_those_of_the_text_when_it_has_fewer_than_asked_for(kind: str) -> None:
    trained = train_vocabulary(SENTENCES, _config(kind, 8000))
    words = {word for sentence in SENTENCES for word in sentence.decode().split()}
    wanted = {"▁" + word for word in words} if kind == "word" else {"▁", *"".join(words)}
    model = sentencepiece.SentencePieceProcessor(model_proto=trained)
    assert tuple(model.id_to_piece(each) for each in range(6)) == SPECIAL_PIECES
    assert {model.id_to_piece(each) for each in range(6, size_of(trained))} == wanted
    assert kind_of(trained) == kind


@pytest.mark.parametrize(("kind", "size"), ALL_KINDS.items())
def test_a_symbol_is_one_piece_at_the_start_of_a_line_when_the_text_has_it_often_once_or_never(
    kind: str, size: int
) -> None:
    symbols = ["<BT>", "<2es>", "<domain:news>"]
    model = sentencepiece.SentencePieceProcessor(
        model_proto=train_vocabulary(TAGGED, _config(kind, size, symbols=symbols))
    )
    for symbol in symbols:
        piece = symbol_piece(symbol, kind)
        assert model.piece_to_id(piece) > 5
        for text in (f"{symbol} the red house", f"{symbol} {symbol}", symbol):
            assert model.encode(text, out_type=str).count(piece) == text.count(symbol)
            assert model.decode(model.encode(text)) == text


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
def test_nothing_is_unknown_when_bytes_are_the_fallback(kind: str) -> None:
    model = sentencepiece.SentencePieceProcessor(
        model_proto=train_vocabulary(SENTENCES, _config(kind, 296, byte_fallback=True))
    )
    text = "the 東京 дом \U0001f600"
    assert model.unk_id() not in model.encode(text)
    assert model.decode(model.encode(text)) == text
    assert tuple(model.id_to_piece(each) for each in range(6)) == SPECIAL_PIECES


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
def test_each_digit_is_a_piece_when_digits_are_split(kind: str) -> None:
    numbered = [*SENTENCES, *(b"the year 2007 and the year 19%d" % year for year in range(40, 99))]
    text = "2007 and 1984 and 35"
    model = sentencepiece.SentencePieceProcessor(
        model_proto=train_vocabulary(numbered, _config(kind, 50, split_digits=True))
    )
    pieces = model.encode(text, out_type=str)
    assert [piece for piece in pieces if any(each.isdigit() for each in piece)] == [*filter(str.isdigit, text)]
    assert model.decode(model.encode(text)) == text


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
def test_error_is_ours_when_bytes_do_not_fit(kind: str) -> None:
    with pytest.raises(CorpusError, match=r"vocabulary.size must be at least \d+ .*got 100") as caught:
        train_vocabulary(SENTENCES, _config(kind, 100, byte_fallback=True))
    smallest = int(re.findall(r"at least (\d+)", str(caught.value))[0])
    train_vocabulary(SENTENCES, _config(kind, smallest, byte_fallback=True))


@pytest.mark.parametrize("kind", KINDS)
def test_error_names_the_largest_size_that_fits_when_the_corpus_is_too_small(kind: str) -> None:
    with pytest.raises(CorpusError, match=r"vocabulary.size must be at most \d+ .*300 different.*got 8,000") as caught:
        train_vocabulary(SENTENCES, _config(kind, 8000))
    largest = int(re.findall(r"at most ([\d,]+)", str(caught.value))[0].replace(",", ""))
    train_vocabulary(SENTENCES, _config(kind, largest))
    with pytest.raises(CorpusError):
        train_vocabulary(SENTENCES, _config(kind, largest + 1))


@pytest.mark.parametrize("kind", KINDS)
def test_error_names_the_smallest_size_when_there_are_more_characters(kind: str) -> None:
    with pytest.raises(CorpusError, match=r"vocabulary.size must be at least \d+ .*got 16") as caught:
        train_vocabulary(SENTENCES, _config(kind, 16))
    smallest = int(re.findall(r"at least (\d+)", str(caught.value))[0])
    train_vocabulary(SENTENCES, _config(kind, smallest))


def test_error_is_ours_when_symbols_leave_no_room_for_words() -> None:
    symbols = [f"<tag{number}>" for number in range(20)]
    with pytest.raises(CorpusError, match=r"vocabulary.size must be at least 27 .*got 26"):
        train_vocabulary(SENTENCES, _config("word", 26, symbols=symbols))
    assert size_of(train_vocabulary(SENTENCES, _config("word", 27, symbols=symbols))) == 27


def test_error_is_ours_when_there_are_no_sentences() -> None:
    with pytest.raises(CorpusError, match="must hold text"):
        train_vocabulary([], _config("unigram", 40))


def test_training_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    train_vocabulary(SENTENCES, _config("unigram", 40))
    assert capfd.readouterr() == ("", "")


def test_sample_is_the_same_when_sentences_come_in_another_order() -> None:
    first, second = SentenceSample(limit=50), SentenceSample(limit=50)
    first.add_all([*SENTENCES, b""])
    second.add_all([*reversed(SENTENCES), *SENTENCES])
    assert first.sentences() == second.sentences()
    assert len(first.sentences()) == 50
    assert first.sentences() == sorted(first.sentences())
    assert (first.seen, second.seen) == (301, 600)


def test_sample_is_everything_once_when_the_limit_is_high() -> None:
    sample = SentenceSample(limit=len(SENTENCES))
    sample.add_all([*SENTENCES, *SENTENCES, b""])
    assert sample.sentences() == SENTENCES


def test_pool_is_what_one_sample_of_all_would_be() -> None:
    one = SentenceSample(limit=50)
    one.add_all([*SENTENCES, *TAGGED])
    parts = SentenceSample(limit=50), SentenceSample(limit=50)
    parts[0].add_all(TAGGED)
    parts[1].add_all(SENTENCES)
    assert pooled(parts, 50) == one.sentences()
