"""Section `splits`: how corpora are divided, and what training pairs may share with eval and test sets."""

from typing import Annotated

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section

Share = Annotated[float, Field(ge=0.0, lt=1.0)]


class DecontaminationConfig(Section):
    """Which training pairs are dropped because an eval or test set has their text."""

    enabled: bool = True
    """Drop training pairs whose source or target is, but for case and spacing, one of an eval or test set."""
    near: bool = False
    """Drop those, too, that have most word n-grams of one eval or test sentence."""
    near_words: Annotated[int, Field(ge=2, le=20)] = 5
    """Words of an n-gram; sentences with fewer are compared as wholes only."""
    near_share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.6
    """A training sentence goes when it has at least this share of the n-grams of one eval or test sentence."""
    max_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.1
    """Fail the run when a larger share of the training pairs would go, or of the monolingual sentences: then a training
    file was given as a test set."""


class SplitsConfig(Section):
    """How `split: auto` corpora are divided, and how training text is kept apart from eval and test sets."""

    eval_share: Share = 0.01
    """Share of sources that go to eval."""
    test_share: Share = 0.01
    """Share of sources that go to test."""
    decontamination: DecontaminationConfig = DecontaminationConfig()
    """Training pairs that eval or test sets contain."""
