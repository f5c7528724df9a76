"""Feature names and special ids, declared once; every stage reads them from here."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class FeatureSpec:
    """One field of the examples that flow between stages."""

    name: str
    dtype: str
    """`bytes`, `int64` or `float32`."""
    rank: int
    """0 for one value an example, 1 for a list."""


SOURCE: Final = FeatureSpec(name="source", dtype="bytes", rank=0)
"""The source sentence, UTF-8, not tokenised."""
TARGET: Final = FeatureSpec(name="target", dtype="bytes", rank=1)
"""Its translations: one in train, one or more (references) in eval and test."""
CORPUS: Final = FeatureSpec(name="corpus", dtype="bytes", rank=0)
DOMAIN: Final = FeatureSpec(name="domain", dtype="bytes", rank=0)
PAIR_ID: Final = FeatureSpec(name="pair_id", dtype="bytes", rank=0)
"""`<corpus>/<record number in the given files, from 0, 10 digits>`: every ordered output sorts by it."""
SOURCE_LENGTH: Final = FeatureSpec(name="source_length", dtype="int64", rank=0)
"""Characters of the source, without the corpus's tag; this one and those below are there for statistics."""
TARGET_LENGTH: Final = FeatureSpec(name="target_length", dtype="int64", rank=0)
"""Characters of the first target."""
LENGTH_RATIO: Final = FeatureSpec(name="length_ratio", dtype="float32", rank=0)
"""(source_length + 1) / (target_length + 1)."""
DIGIT_SHARE: Final = FeatureSpec(name="digit_share", dtype="float32", rank=0)
"""Share of decimal digits among the characters of source and first target."""
SOURCE_LATIN_SHARE: Final = FeatureSpec(name="source_latin_share", dtype="float32", rank=0)
"""Share of Latin letters among the letters of the source; 0 without letters."""
TARGET_LATIN_SHARE: Final = FeatureSpec(name="target_latin_share", dtype="float32", rank=0)
"""The same of the first target."""
SOURCE_IDS: Final = FeatureSpec(name="source_ids", dtype="int64", rank=1)
"""Subword ids of the normalised source; ends with EOS, no BOS."""
TARGET_IDS: Final = FeatureSpec(name="target_ids", dtype="int64", rank=1)
"""Subword ids of the normalised first target; ends with EOS, no BOS."""
TRANSLATION: Final = FeatureSpec(name="translation", dtype="bytes", rank=0)
SCORE: Final = FeatureSpec(name="score", dtype="float32", rank=0)
"""Log-probability of the translation divided by length ** length_penalty (nats)."""
TRUNCATED: Final = FeatureSpec(name="truncated", dtype="int64", rank=0)
"""1 for a translation that was cut, 0 for a whole one; missing where an older export did not say."""

TEXT_FEATURES: Final = (SOURCE, TARGET, CORPUS, DOMAIN, PAIR_ID)
MEASURES: Final = (SOURCE_LENGTH, TARGET_LENGTH, LENGTH_RATIO, DIGIT_SHARE, SOURCE_LATIN_SHARE, TARGET_LATIN_SHARE)
"""Numbers about the text."""
COUNTED: Final = (CORPUS, DOMAIN, *MEASURES)
"""What statistics are made of and validation looks at: texts are nearly all different."""
RAW_FEATURES: Final = (*TEXT_FEATURES, *MEASURES)

SPLITS: Final = ("train", "eval", "test")
"""Always all three, in this order."""

PAD_ID, UNK_ID, BOS_ID, EOS_ID, MASK_ID, SEP_ID = range(6)
SPECIAL_PIECES: Final = ("<pad>", "<unk>", "<s>", "</s>", "<mask>", "<sep>")
"""The pieces of ids 0 to 5 of every vocabulary."""


def pair_id(corpus: str, record: int) -> str:
    """The id of a corpus's record (counted from 0 over its given files).

    Example:
        >>> pair_id("demo", 7)
        'demo/0000000007'
    """
    return f"{corpus}/{record:010d}"
