"""Hides tokens of a sentence (Devlin 2019, section 3.1), other ones at each visit; and the shift of a causal model.

Of a sentence's tokens a share is predicted. Of those, 80% are read as `<mask>`, 10% as a random token, and 10% as they
are. With whole words, all subwords of a word are predicted or none. What is chosen follows from (seed, visit) alone, so
that a resumed run hides the same.

Shapes: L tokens of a sentence, V vocabulary size.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias, final

import numpy as np
import numpy.typing as npt
from sentencepiece import sentencepiece_model_pb2

from seq2seq_tfx.schemas.features import BOS_ID, EOS_ID, MASK_ID, PAD_ID, SEP_ID, SPECIAL_PIECES

Ids: TypeAlias = npt.NDArray[np.int32]
"""Of a sentence, (L,)."""

_HIDDEN, _RANDOM = 0.8, 0.1
"""Shares of the predicted tokens; the others stay."""
_STREAM: Final = 1 << 32
"""Added to the seed: the order of sentences is drawn from (seed, epoch)."""
_NEVER: Final = (PAD_ID, BOS_ID, EOS_ID, MASK_ID, SEP_ID)
_SPACE: Final = "\u2581"


def begins_word(model_proto: bytes) -> npt.NDArray[np.bool_]:
    """Which pieces of a SentencePiece model begin a word: bool (V,)."""
    model = sentencepiece_model_pb2.ModelProto.FromString(model_proto)
    return np.array([piece.piece.startswith(_SPACE) for piece in model.pieces])


@final
class Masking:
    """Makes examples for a masked language model.

    Args:
        share: Of a sentence's tokens that are predicted; at least one is.
        begins_V: Which tokens begin a word, to predict whole words; None to predict single tokens.
        vocabulary_size: V.
        seed: Of the run.
    """

    def __init__(self, share: float, begins_V: npt.NDArray[np.bool_] | None, vocabulary_size: int, seed: int) -> None:
        self._share, self._begins_V, self._size, self._seed = share, begins_V, vocabulary_size, seed

    def __call__(self, visit: int, ids: Ids) -> tuple[Ids, Ids]:
        """Hide tokens.

        Args:
            visit: Of the sentence: which one it is, and how often it was seen before.
            ids: (L,), at least one of them no end mark.

        Returns:
            What is read, and what is predicted: PAD_ID where nothing is.
        """
        generator = np.random.Generator(np.random.Philox(key=[_STREAM + self._seed, visit]))
        chosen = self._choose(generator, ids)
        draws = generator.random(len(chosen))
        others = generator.integers(len(SPECIAL_PIECES), self._size, len(chosen), np.int32)
        read, predicted = ids.copy(), np.full_like(ids, PAD_ID)
        predicted[chosen] = ids[chosen]
        kept = np.where(draws < _HIDDEN + _RANDOM, others, ids[chosen])
        read[chosen] = np.where(draws < _HIDDEN, MASK_ID, kept)
        return read, predicted

    def _choose(self, generator: np.random.Generator, ids: Ids) -> npt.NDArray[np.intp]:
        """Places that are predicted: words in random order, so long as they do not exceed the share."""
        places = np.flatnonzero(~np.isin(ids, _NEVER))
        words = self._words(ids, places)
        most, chosen = max(1, round(self._share * len(places))), list[int]()
        for number in generator.permutation(len(words)).tolist():
            if not chosen or len(chosen) + len(words[number]) <= most:
                chosen += words[number]
        return np.array(sorted(chosen), np.intp)

    def _words(self, ids: Ids, places: npt.NDArray[np.intp]) -> Sequence[list[int]]:
        """The places by word, or each by itself."""
        if self._begins_V is None:
            return [[place] for place in places.tolist()]
        words: list[list[int]] = []
        for place in places.tolist():
            if words and words[-1][-1] == place - 1 and not self._begins_V[ids[place]]:
                words[-1].append(place)
            else:
                words.append([place])
        return words


def shifted(visit: int, ids: Ids) -> tuple[Ids, Ids]:
    """For a causal language model: the separator and all tokens but the last are read, every token is predicted."""
    return np.concatenate([np.array([SEP_ID], ids.dtype), ids[:-1]]), ids
