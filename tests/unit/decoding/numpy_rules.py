"""Every option of the search, one sentence and one token at a time, in NumPy and plain Python."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scripted_model import Table, attention_of, code_of

from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.features import EOS_ID, UNK_ID

Numbers: TypeAlias = npt.NDArray[np.float64]


class Hypothesis(NamedTuple):
    """What a search may find."""

    tokens: tuple[int, ...]
    """With the end mark, if there is one."""
    score: float


class Sentence(NamedTuple):
    """One sentence of a scripted model and how it is to be translated."""

    table: Table
    source: Sequence[int]
    """End mark included."""
    settings: DecodingConfig
    forbidden: tuple[tuple[int, ...], ...] = ()
    prefix: tuple[int, ...] = ()

    @property
    def limits(self) -> tuple[int, int]:
        """The shortest and the longest translation."""
        words, settings = len(self.source) - 1, self.settings
        most = settings.max_length
        if settings.max_length_ratio:
            most = max(1, min(most, math.ceil(settings.max_length_ratio * words)))
        return min(max(settings.min_length, math.ceil(settings.min_length_ratio * words)), most), most


def next_logits(sentence: Sentence, said: Sequence[int]) -> Numbers:
    """Logits after penalties and bans; -inf for what is banned."""
    settings, vocabulary = sentence.settings, sentence.table.shape[-1]
    logits = sentence.table[code_of(said, vocabulary)].astype(np.float64)
    for token in set(said):
        logits[token] *= settings.repetition_penalty if logits[token] < 0 else 1 / settings.repetition_penalty
    free = logits.copy()
    for token in range(vocabulary):
        if is_banned(sentence, [*said, token]):
            logits[token] = -np.inf
    if len(said) < len(sentence.prefix) and np.isinf(logits[sentence.prefix[len(said)]]):
        return free
    return logits


def is_banned(sentence: Sentence, said: list[int]) -> bool:
    """Whether the last token may not follow those before it."""
    size, least = sentence.settings.no_repeat_ngram, sentence.limits[0]
    ngrams = [tuple(said[place : place + size]) for place in range(len(said) - size + 1)]
    unknown = ((UNK_ID,),) if sentence.settings.forbid_unknown else ()
    return (
        (said[-1] == EOS_ID and len(said) <= least)
        or (size > 0 and len(said) >= size and ngrams[-1] in ngrams[:-1])
        or any(tuple(said[-len(banned) :]) == banned for banned in (*sentence.forbidden, *unknown))
    )


def log_softmax(logits: Numbers) -> Numbers:
    """Logarithms of probabilities."""
    shifted = logits - logits.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()), np.float64)


def score_of(sentence: Sentence, tokens: Sequence[int]) -> float:
    """The score of a hypothesis, coverage included."""
    settings = sentence.settings
    total = sum(log_softmax(next_logits(sentence, tokens[:at]))[token] for at, token in enumerate(tokens))
    length = len(tokens)
    gnmt = settings.length_penalty_rule == "gnmt"
    normaliser = ((5 + length) / 6 if gnmt else length) ** settings.length_penalty
    return float(total / normaliser) + settings.coverage_penalty * coverage_of(sentence.source, tokens)


def coverage_of(source: Sequence[int], tokens: Sequence[int]) -> float:
    """GNMT's coverage: the end mark's attention does not count."""
    words = [token for token in tokens if token != EOS_ID]
    read = attention_of(source, words).sum(axis=0) if words else np.zeros(len(source))
    return float(sum(math.log(min(1.0, each)) for each in read if each > 0))


def every_hypothesis_of(sentence: Sentence) -> list[Hypothesis]:
    """All that may be found, the best first."""
    found = [Hypothesis(tokens, score_of(sentence, tokens)) for tokens in _sequences(sentence)]
    return sorted((each for each in found if np.isfinite(each.score)), key=lambda each: -each.score)


def _sequences(sentence: Sentence) -> Iterator[tuple[int, ...]]:
    words = [token for token in range(sentence.table.shape[-1]) if token != EOS_ID]
    most = sentence.limits[1]
    for length in range(most + 1):
        for tokens in itertools.product(words, repeat=length):
            if tokens[: len(sentence.prefix)] == sentence.prefix[:most]:
                if length == most:
                    yield tokens
                elif length >= max(1, len(sentence.prefix)):
                    yield (*tokens, EOS_ID)
