"""Training of a vocabulary, and the errors of one that does not fit."""

import re

import pytest
import sentencepiece

from seq2seq_tfx.components.vocabulary.sentences import SentenceSample
from seq2seq_tfx.components.vocabulary.train import train_vocabulary
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


def _config(kind: str, size: int) -> VocabularyConfig:
    return VocabularyConfig.model_validate({"kind": kind, "size": size})


@pytest.mark.parametrize("kind", KINDS)
def test_special_pieces_have_the_first_ids_and_size_is_as_asked(kind: str) -> None:
    model = sentencepiece.SentencePieceProcessor(model_proto=train_vocabulary(SENTENCES, _config(kind, 40)))
    assert tuple(model.id_to_piece(each) for each in range(6)) == SPECIAL_PIECES
    assert [model.is_control(each) for each in range(6)] == [True, False, True, True, True, True]
    assert model.is_unknown(1)
    assert model.get_piece_size() == 40
    assert not set(model.encode("<pad> <mask> <sep> </s>")) & {0, 2, 3, 4, 5}


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_are_equal_when_trained_twice(kind: str) -> None:
    assert train_vocabulary(SENTENCES, _config(kind, 40)) == train_vocabulary(SENTENCES, _config(kind, 40))


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
