"""Subword sampling: what it never changes, how often it draws what, and that a seed decides it."""

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from sentencepiece import SentencePieceProcessor
from tiny_vocabulary import SENTENCES, processor, vocabulary

from seq2seq_tfx.components.training.subwords import SideSamplers, SubwordSampler, make_resplit
from seq2seq_tfx.schemas.config.training import SubwordSamplingConfig
from seq2seq_tfx.schemas.errors import InputError
from seq2seq_tfx.schemas.features import EOS_ID, SPECIAL_PIECES, UNK_ID


def all_splits(text: str, pieces: dict[str, int]) -> Iterator[tuple[int, ...]]:
    """Every way to write a text with pieces."""
    if not text:
        yield ()
    for end in range(1, len(text) + 1):
        if text[:end] in pieces:
            yield from ((pieces[text[:end]], *rest) for rest in all_splits(text[end:], pieces))


def ordinary_pieces(kind: str) -> dict[str, int]:
    model = processor(kind)
    return {model.id_to_piece(i): i for i in range(len(SPECIAL_PIECES), model.get_piece_size())}


@pytest.mark.parametrize("alpha", [0.1, 0.5, 1.0])
def test_unigram_splits_come_with_their_probability(alpha: float) -> None:
    model = processor("unigram")
    sampler = SubwordSampler(vocabulary("unigram"), SubwordSamplingConfig(alpha=alpha))
    ids, chance, draws = model.encode("the houses"), random.Random(1), 8000
    drawn = Counter(tuple(sampler(ids, chance)) for _ in range(draws))
    splits = list(all_splits("▁the▁houses", ordinary_pieces("unigram")))
    powers = [math.exp(alpha * sum(model.get_score(i) for i in split)) for split in splits]
    assert len(splits) > 10
    assert drawn.keys() <= set(splits), "whatever is drawn is a split of the text"
    for split, power in zip(splits, powers, strict=True):
        expected = power / sum(powers)
        assert abs(drawn[split] / draws - expected) < 5 * math.sqrt(expected / draws) + 1e-3


def test_unigram_comes_to_the_best_split_when_noise_is_small() -> None:
    model = processor("unigram")
    sampler = SubwordSampler(vocabulary("unigram"), SubwordSamplingConfig(alpha=10.0))
    for sentence in SENTENCES[:20]:
        ids = model.encode(sentence)
        assert Counter(tuple(sampler(ids, random.Random(n))) for n in range(9)).most_common(1)[0][0] == tuple(ids)


@pytest.mark.parametrize("sentence", SENTENCES[:10])
def test_bpe_without_dropout_is_sentencepieces(sentence: str) -> None:
    sampler = SubwordSampler(vocabulary("bpe"), SubwordSamplingConfig(dropout=0.0))
    ids = processor("bpe").encode(sentence)
    assert sampler(ids, random.Random(1)) == ids


def test_bpe_falls_apart_as_dropout_grows() -> None:
    ids, lengths = processor("bpe").encode(SENTENCES[0]), []
    for dropout in (0.0, 0.1, 0.5, 0.999):
        sampler, chance = SubwordSampler(vocabulary("bpe"), SubwordSamplingConfig(dropout=dropout)), random.Random(2)
        splits = [sampler(ids, chance) for _ in range(50)]
        assert {processor("bpe").decode(split) for split in splits} == {SENTENCES[0]}
        lengths.append(np.mean([len(split) for split in splits]))
    assert lengths == sorted(lengths)
    assert lengths[0] == len(ids)
    assert lengths[-1] == pytest.approx(len(SENTENCES[0]) + 1, abs=0.5), "characters, and the first space"


def test_a_bpe_merge_is_passed_over_at_the_given_rate() -> None:
    model = processor("bpe")
    (two,) = itertools.islice((i for i in range(6, 60) if len(model.id_to_piece(i)) == 2), 1)
    sampler, chance = SubwordSampler(vocabulary("bpe"), SubwordSamplingConfig(dropout=0.3)), random.Random(3)
    whole = sum(sampler([two], chance) == [two] for _ in range(4000)) / 4000
    assert whole == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_special_tokens_stay_where_they_are(kind: str) -> None:
    model = processor(kind)
    sampler = SubwordSampler(vocabulary(kind), SubwordSamplingConfig(alpha=0.01, dropout=0.9))
    ids = [*model.encode("the house"), UNK_ID, *model.encode("mice"), 5, EOS_ID]
    for seed in range(20):
        split = sampler(ids, random.Random(seed))
        assert [i for i in split if i < len(SPECIAL_PIECES)] == [UNK_ID, 5, EOS_ID]
        assert split[-1] == EOS_ID
        assert model.decode(split[: split.index(UNK_ID)]) == "the house"


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_tags_and_symbols_are_never_split(kind: str) -> None:
    proto = vocabulary(kind, symbols=("<BT>",))
    model = SentencePieceProcessor(model_proto=proto)
    sampler = SubwordSampler(proto, SubwordSamplingConfig(alpha=0.01, dropout=0.5))
    ids, tag = model.encode("<BT> the house"), model.piece_to_id("<BT>")
    splits = [sampler(ids, random.Random(seed)) for seed in range(50)]
    assert all(split.count(tag) == 1 and UNK_ID not in split for split in splits)
    assert {model.decode(split) for split in splits} == {"<BT> the house"}
    assert len(set(map(tuple, splits))) > 10


def test_a_vocabulary_of_words_cannot_be_split_otherwise() -> None:
    with pytest.raises(InputError, match="kind unigram or bpe, got char; set its sides to none"):
        SubwordSampler(vocabulary("char", 30), SubwordSamplingConfig())


def test_a_visit_and_the_seed_decide_the_split() -> None:
    model = processor("unigram")
    sampler = SubwordSampler(vocabulary("unigram"), SubwordSamplingConfig(alpha=0.1))
    pair = tuple(np.array([*model.encode(text), EOS_ID], np.int32) for text in SENTENCES[:2])

    both = SideSamplers(sampler, sampler)

    def split(visit: int, seed: int, samplers: SideSamplers = both) -> tuple[bytes, ...]:
        source, target = make_resplit(samplers, seed, 100)(visit, (pair[0], pair[1]))
        assert source.dtype == target.dtype == np.int32
        return source.tobytes(), target.tobytes()

    assert split(7, 1) == split(7, 1)
    assert len({split(visit, seed) for visit in (7, 8, 1007) for seed in (1, 2)}) == 6
    assert split(7, 1, SideSamplers(sampler, None))[1] == pair[1].tobytes()
    assert split(7, 1, SideSamplers(None, sampler))[0] == pair[0].tobytes()
    long = make_resplit(both, 1, len(pair[0]))
    for visit in range(20):
        assert max(map(len, long(visit, (pair[0], pair[0])))) <= len(pair[0]), "what grows too long is left as it was"
