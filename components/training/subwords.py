"""Another split into subwords at each visit: unigram sampling (Kudo 2018) and BPE dropout (Provilkov 2020).

SentencePiece can sample, but draws from one generator a thread that is seeded once, so a pair's split would depend on
what was sampled before it. Here it follows from (seed, how often the pair was seen before, pair) alone.

The text is not needed: the pieces of the stored split, put side by side, are the text as SentencePiece sees it. What it
could not read (`<unk>`), special tokens, tags and the user's symbols, stay as they are.
"""

import functools
import itertools
import math
import random
import re
from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias, final

import numpy as np
import numpy.typing as npt
from sentencepiece import sentencepiece_model_pb2

from seq2seq_tfx.schemas.config.training import SubwordSamplingConfig
from seq2seq_tfx.schemas.errors import InputError
from seq2seq_tfx.schemas.features import UNK_ID

Ids: TypeAlias = npt.NDArray[np.int32]

_SPACE: Final = "\u2581"
_WORDS: Final = re.compile(f"{_SPACE}*[^{_SPACE}]+|{_SPACE}+")
_CACHED_WORDS: Final = 1 << 14
_TEXT: Final = sentencepiece_model_pb2.ModelProto.SentencePiece.NORMAL
"""Kind of pieces that are text to split; symbols (tags among them), bytes, and `<unk>` are not."""


class _Ways(NamedTuple):
    """The last pieces that a prefix of a word can end with."""

    starts: list[int]
    """Where each begins."""
    ids: list[int]
    cumulative: list[float]
    """Summed probabilities, the last 1."""


@final
class SubwordSampler:
    """Splits sequences of one side anew.

    Args:
        model_proto: The bytes of a SentencePiece model.
        config: Strength of the noise.

    Raises:
        InputError: If the model is neither unigram nor bpe.
    """

    def __init__(self, model_proto: bytes, config: SubwordSamplingConfig) -> None:
        model = sentencepiece_model_pb2.ModelProto.FromString(model_proto)
        kind = model.trainer_spec.model_type
        self._texts = [piece.piece if piece.type == _TEXT else None for piece in model.pieces]
        self._ids = {text: i for i, text in enumerate(self._texts) if text is not None}
        self._scores = {text: float(model.pieces[i].score) for text, i in self._ids.items()}
        self._longest = max(map(len, self._ids), default=0)
        self._across_words = any(_SPACE in piece.lstrip(_SPACE) for piece in self._ids)
        self._config = config
        # Words repeat: what does not depend on chance is kept for those seen last.
        self._lattice = functools.lru_cache(_CACHED_WORDS)(self._build_lattice)
        kinds: dict[int, Callable[[str, random.Random], Iterable[int]]] = {
            sentencepiece_model_pb2.TrainerSpec.UNIGRAM: self._unigram,
            sentencepiece_model_pb2.TrainerSpec.BPE: self._bpe,
        }
        if kind not in kinds:
            raise InputError(
                "training.subword_sampling must have a vocabulary of kind unigram or bpe, "
                f"got {sentencepiece_model_pb2.TrainerSpec.ModelType.Name(kind).lower()}; set its sides to none"
            )
        self._split = kinds[kind]

    def __call__(self, ids: Sequence[int], chance: random.Random) -> list[int]:
        """Split what `ids` stand for once more.

        Args:
            ids: A split of it; special tokens stay.
            chance: Where the noise comes from.
        """
        result: list[int] = []
        for has_text, run in itertools.groupby(ids, key=lambda i: self._texts[i] is not None):
            if not has_text:
                result += run
                continue
            text = "".join(self._texts[i] or "" for i in run)
            for word in [text] if self._across_words else _WORDS.findall(text):
                result += self._split(word, chance)
        return result

    def _unigram(self, word: str, chance: random.Random) -> list[int]:
        """Sampled from the end to the start; each last piece with its probability among all splits of the prefix."""
        lattice, found, end = self._lattice(word), [], len(word)
        while end:
            ways = lattice[end]
            way = min(bisect(ways.cumulative, chance.random()), len(ways.ids) - 1)
            found.append(ways.ids[way])
            end = ways.starts[way]
        return found[::-1]

    def _build_lattice(self, word: str) -> list[_Ways]:
        """For each end of a prefix, how it can end: P(split) is proportional to (product of piece scores) ** alpha."""
        totals, lattice = [0.0], [_Ways([], [], [])]
        for end in range(1, len(word) + 1):
            starts = [
                start
                for start in range(max(0, end - self._longest), end)
                if totals[start] > -math.inf and word[start:end] in self._ids
            ]
            logs = [totals[start] + self._config.alpha * self._scores[word[start:end]] for start in starts]
            highest = max(logs, default=-math.inf)
            powers = [math.exp(each - highest) for each in logs]
            total = sum(powers)
            totals.append(highest + math.log(total) if powers else -math.inf)
            cumulative = list(itertools.accumulate(power / total for power in powers))
            lattice.append(_Ways(starts, [self._ids[word[start:end]] for start in starts], cumulative))
        return lattice

    def _bpe(self, word: str, chance: random.Random) -> list[int]:
        """Algorithm 1 of the paper: merges in their order, each passed over by chance every time it could be done."""
        symbols, dropout = list(word), self._config.dropout
        while True:
            merges = [
                (-self._scores[pair], place)
                for place, pair in enumerate(map("".join, itertools.pairwise(symbols)))
                if pair in self._scores and (not dropout or chance.random() >= dropout)
            ]
            if not merges:
                return [self._ids.get(symbol, UNK_ID) for symbol in symbols]
            _, place = min(merges)
            symbols[place : place + 2] = ["".join(symbols[place : place + 2])]


class SideSamplers(NamedTuple):
    """How each side is split; None leaves it as it is stored."""

    source: SubwordSampler | None
    target: SubwordSampler | None


def make_resplit(
    samplers: SideSamplers, seed: int, max_length: int
) -> Callable[[int, tuple[Ids, Ids]], tuple[Ids, Ids]]:
    """A function of (visit, stored ids of both sides) to the ids that this visit trains on.

    Args:
        samplers: For each side.
        seed: Of the run.
        max_length: A split of more tokens is not used: the stored one is.
    """

    def resplit(visit: int, pair: tuple[Ids, Ids]) -> tuple[Ids, Ids]:
        # A visit stands for the pair and for how often it was seen before.
        chance = random.Random(visit << 32 | seed)
        source, target = (
            _within(max_length, ids, sampler(ids.tolist(), chance)) if sampler else ids
            for ids, sampler in zip(pair, samplers, strict=True)
        )
        return source, target

    return resplit


def _within(max_length: int, stored: Ids, split: list[int]) -> Ids:
    return stored if len(split) > max_length else np.array(split, np.int32)
