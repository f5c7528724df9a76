"""Section `decoding`: how translations are searched for."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section

Ratio = Annotated[float, Field(ge=0.0, le=100.0)]
Text = Annotated[str, Field(min_length=1)]


class DecodingConfig(Section):
    """Search settings, the same in evaluation, serving, probe and batch translation."""

    strategy: Literal["greedy", "beam", "sampling"] = "beam"
    """Take the best token each time, keep the best `beam_size` prefixes, or draw each token by its probability."""
    beam_size: Annotated[int, Field(ge=1, le=64)] = 5
    """Prefixes kept a sentence (strategy beam)."""
    length_penalty: Annotated[float, Field(ge=0.0, le=5.0)] = 1.0
    """Exponent of the length that scores are divided by."""
    length_penalty_rule: Literal["ctranslate2", "gnmt"] = "ctranslate2"
    """Divide by length ** length_penalty, or by ((5 + length) / 6) ** length_penalty (Wu 2016)."""
    coverage_penalty: Annotated[float, Field(ge=0.0, le=10.0)] = 0.0
    """Weight of the coverage penalty (Wu 2016): hypotheses that leave source tokens unread lose."""
    max_length: Annotated[int, Field(ge=1, le=4096)] = 256
    """Longest translation in tokens, end mark not counted."""
    max_length_ratio: Ratio = 0.0
    """Longest translation as a multiple of the source's tokens, if that is less; 0 for no such limit."""
    min_length: Annotated[int, Field(ge=1, le=4096)] = 1
    """Shortest translation in tokens, end mark not counted."""
    min_length_ratio: Ratio = 0.0
    """Shortest translation as a multiple of the source's tokens, if that is more."""
    repetition_penalty: Annotated[float, Field(ge=1.0, le=10.0)] = 1.0
    """Positive logits of tokens that were said before are divided by it, negative ones multiplied (Keskar 2019)."""
    no_repeat_ngram: Annotated[int, Field(ge=0, le=16)] = 0
    """No sequence of so many tokens is said twice; 0 for no such rule."""
    forbidden: tuple[Text, ...] = ()
    """What is never said: subwords as in the vocabulary, or texts, whose subwords are then never said in a row."""
    forbid_unknown: bool = False
    """Never say `<unk>`."""
    temperature: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0
    """Logits are divided by it before a token is drawn (strategy sampling)."""
    top_k: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Draw among the so many most probable tokens (strategy sampling); 0 for all."""
    top_p: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """Draw among the fewest most probable tokens that together have this probability (strategy sampling)."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    """What is drawn follows from it and from the sentence alone (strategy sampling)."""
