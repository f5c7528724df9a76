"""What is hidden of a sentence, and that it follows from seed and visit alone."""

from collections import Counter

import numpy as np
import pytest
from tiny_vocabulary import processor, vocabulary

from seq2seq_tfx.components.pretraining.masking import Ids, Masking, begins_word, shifted
from seq2seq_tfx.schemas.features import EOS_ID, MASK_ID, PAD_ID, SEP_ID, UNK_ID

SIZE = 1000
SENTENCE = np.array([*range(100, 120), EOS_ID], np.int32)
BEGINS = np.zeros(SIZE, bool)
BEGINS[[100, 103, 104, 110, 115]] = True
"""Words of 3, 1, 6, 5 and 5 subwords."""
WORDS = [range(100, 103), range(103, 104), range(104, 110), range(110, 115), range(115, 120)]


def masking(share: float = 0.15, *, whole_words: bool = False, seed: int = 1) -> Masking:
    return Masking(share, BEGINS if whole_words else None, SIZE, seed)


def places(example: tuple[Ids, Ids]) -> list[int]:
    return np.flatnonzero(example[1] != PAD_ID).tolist()


def test_the_share_is_predicted_and_everything_else_is_read_as_it_is() -> None:
    for visit in range(50):
        read, predicted = masking()(visit, SENTENCE)
        chosen = places((read, predicted))
        assert len(chosen) == 3  # 15% of 20 tokens; the end mark does not count
        np.testing.assert_array_equal(predicted[chosen], SENTENCE[chosen])
        others = np.setdiff1d(np.arange(len(SENTENCE)), chosen)
        np.testing.assert_array_equal(read[others], SENTENCE[others])
        assert predicted[-1] == PAD_ID and len(read) == len(SENTENCE)


def test_eighty_ten_ten_of_what_is_predicted() -> None:
    counts: Counter[str] = Counter()
    for visit in range(3000):
        read, predicted = masking()(visit, SENTENCE)
        for place in places((read, predicted)):
            kind = "hidden" if read[place] == MASK_ID else "kept" if read[place] == SENTENCE[place] else "random"
            counts[kind] += 1
            assert kind != "random" or 6 <= read[place] < SIZE
    total = sum(counts.values())
    shares = {kind: count / total for kind, count in counts.items()}
    assert shares == pytest.approx({"hidden": 0.8, "kept": 0.1, "random": 0.1}, abs=0.015)


def test_every_token_is_predicted_as_often_as_the_others() -> None:
    times = Counter(place for visit in range(4000) for place in places(masking()(visit, SENTENCE)))
    assert set(times) == set(range(20))
    assert min(times.values()) > 0.8 * max(times.values())


def test_whole_words_are_predicted_together() -> None:
    seen: Counter[int] = Counter()
    for visit in range(300):
        chosen = {int(SENTENCE[place]) for place in places(masking(0.25, whole_words=True)(visit, SENTENCE))}
        whole = [number for number, word in enumerate(WORDS) if chosen & set(word)]
        assert chosen == {token for number in whole for token in WORDS[number]}
        seen.update(whole)
        # At most 5 of 20 tokens, unless the one word that was drawn first is longer.
        assert len(chosen) <= 5 or whole == [2]
    assert set(seen) == set(range(5))


def test_the_same_visit_hides_the_same_and_another_does_not() -> None:
    first, again = masking()(7, SENTENCE), masking()(7, SENTENCE)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert len({tuple(places(masking()(visit, SENTENCE))) for visit in range(20)}) > 10
    assert places(masking(seed=2)(7, SENTENCE)) != places(first)


@pytest.mark.parametrize("ids", [[50, EOS_ID], [UNK_ID, EOS_ID]])
def test_one_token_is_predicted_when_there_is_no_other(ids: list[int]) -> None:
    for whole_words in (False, True):
        assert places(masking(whole_words=whole_words)(0, np.array(ids, np.int32))) == [0]


def test_pieces_that_begin_a_word_are_known_by_their_space() -> None:
    pieces = processor("unigram")
    begins = begins_word(vocabulary("unigram"))
    assert len(begins) == pieces.get_piece_size()
    ids = pieces.encode("little houses see")
    words = "".join(" " * bool(begins[each]) + pieces.id_to_piece(each).strip("\u2581") for each in ids).split()
    assert words == ["little", "houses", "see"]


def test_a_causal_model_reads_the_separator_first_and_predicts_every_token() -> None:
    read, predicted = shifted(3, np.array([50, 51, EOS_ID], np.int32))
    assert (read.tolist(), predicted.tolist()) == ([SEP_ID, 50, 51], [50, 51, EOS_ID])
    assert read.dtype == np.int32
