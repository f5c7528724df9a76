"""What a search or a scoring follows, worked out from the settings once; all of it is fixed when the graph is built."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import tensorflow as tf

from seq2seq_tfx.components.decoding.layout import MAX_TOKENS
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.features import UNK_ID


@dataclass(frozen=True, kw_only=True)
class Bans:
    """What may not be said, and what is said less gladly, because of what was said before."""

    repetition_penalty: float = 1.0
    """1 for none."""
    no_repeat_ngram: int = 0
    """0 for no such rule."""
    sequences: tuple[tuple[int, ...], ...] = ()
    """Token sequences that are never said."""

    @property
    def any(self) -> bool:
        """Whether there is something to look at in a step."""
        return self.repetition_penalty != 1.0 or self.no_repeat_ngram > 0 or bool(self.sequences)


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How a token is drawn."""

    temperature: float
    top_k: int
    """0 for all tokens."""
    top_p: float
    seed: int


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The settings as the search takes them."""

    beams: int
    """Prefixes kept a sentence."""
    length_penalty: float
    max_length: int
    """In tokens, end mark not counted."""
    hypotheses: int = 1
    """Finished hypotheses kept a sentence, the best ones."""
    gnmt: bool = False
    """GNMT's length penalty in place of CTranslate2's."""
    coverage_penalty: float = 0.0
    min_length: int = 1
    max_ratio: float = 0.0
    """Of the source's tokens; 0 for no such limit."""
    min_ratio: float = 0.0
    bans: Bans = Bans()
    sampling: Sampling | None = None

    def keeping(self, hypotheses: int) -> "Rules":
        """The same rules, with so many hypotheses kept."""
        return replace(self, hypotheses=hypotheses)

    def normaliser(self, lengths: tf.Tensor) -> tf.Tensor:
        """What a sum of log-probabilities is divided by; `lengths` count the end mark, float32 of any shape."""
        return tf.pow((5.0 + lengths) / 6.0 if self.gnmt else lengths, self.length_penalty)

    def limits(self, source_lengths_R: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The shortest and the longest translation of each source.

        Args:
            source_lengths_R: int32, in tokens, end mark counted; at most `MAX_TOKENS`.

        Returns:
            int32 (R,) each, end mark not counted, the first at most the second, which is at least 1.
        """
        tokens_R = tf.maximum(source_lengths_R - 1, 0)
        most_R = tf.fill(tf.shape(source_lengths_R), self.max_length)
        if self.max_ratio > 0.0:
            most_R = tf.clip_by_value(tf.gather(_multiples(self.max_ratio), tokens_R), 1, self.max_length)
        least_R = tf.maximum(self.min_length, tf.gather(_multiples(self.min_ratio), tokens_R))
        return tf.minimum(least_R, most_R), most_R


def _multiples(ratio: float) -> list[int]:
    """The multiple of each number of tokens, rounded up; what is whole but for rounding errors is whole."""
    return [math.ceil(ratio * tokens - 1e-9) for tokens in range(MAX_TOKENS)]


def rules_of(settings: DecodingConfig, forbidden: Sequence[Sequence[int]] = ()) -> Rules:
    """The settings as the search takes them.

    Args:
        settings: Section `decoding`.
        forbidden: What `settings.forbidden` names, as token sequences of the vocabulary.
    """
    unknown = ((UNK_ID,),) if settings.forbid_unknown else ()
    sampled = settings.strategy == "sampling"
    return Rules(
        beams=settings.beam_size if settings.strategy == "beam" else 1,
        length_penalty=settings.length_penalty,
        max_length=settings.max_length,
        gnmt=settings.length_penalty_rule == "gnmt",
        coverage_penalty=settings.coverage_penalty,
        min_length=settings.min_length,
        max_ratio=settings.max_length_ratio,
        min_ratio=settings.min_length_ratio,
        bans=Bans(
            repetition_penalty=settings.repetition_penalty,
            no_repeat_ngram=settings.no_repeat_ngram,
            sequences=(*unknown, *(tuple(sequence) for sequence in forbidden)),
        ),
        sampling=Sampling(
            temperature=settings.temperature, top_k=settings.top_k, top_p=settings.top_p, seed=settings.seed
        )
        if sampled
        else None,
    )
