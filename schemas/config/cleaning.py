"""Section `cleaning`: which training pairs are dropped. `docs/data.md` shows what each rule drops."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from seq2seq_tfx.schemas.config.languages import LanguageCode
from seq2seq_tfx.schemas.config.section import Section

AtLeastOne = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
Ratio = Annotated[float, Field(ge=1.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]

PRESETS: dict[str, dict[str, Any]] = {
    "none": {
        "duplicates": "none",
        "empty": False,
        "max_characters": None,
        "max_words": None,
        "max_character_ratio": None,
        "max_word_ratio": None,
        "identical": False,
        "max_word_length": None,
        "max_unprintable_share": None,
        "markup": False,
        "max_address_share": None,
        "min_script_share": None,
        "max_repetitions": None,
        "max_similarity": None,
    },
    "standard": {},
    "strict": {
        "max_characters": 1000,
        "max_words": 100,
        "max_character_ratio": 3.0,
        "max_word_ratio": 3.0,
        "max_word_length": 40,
        "max_mean_word_length": 20.0,
        "max_unprintable_share": 0.0,
        "max_address_share": 0.2,
        "min_script_share": 0.9,
        "max_punctuation_penalty": 6,
        "min_numeral_similarity": 0.5,
        "max_repetitions": 1,
        "max_similarity": 0.75,
        "min_language_confidence": 0.1,
    },
}
"""What each preset changes: the defaults below are those of `standard`."""


def _compiled(pattern: str) -> str:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error, re2.error) else str(error)
        raise ValueError(
            f"must be a regular expression of RE2 (no backreferences, no look-around), got {pattern!r}, "
            f"where RE2 finds: {reason}; correct it"
        ) from error
    return pattern


def _known_script(name: str) -> str:
    import regex

    try:
        regex.compile(rf"\p{{Script_Extensions={name}}}")
    except regex.error as error:
        raise ValueError(f"must be the name of a Unicode script, as in Latin, got {name!r}; correct it") from error
    return name


def _duplicates_word(given: Any) -> Any:
    return {True: "exact", False: "none"}[given] if isinstance(given, bool) else given


Script = Annotated[str, Field(pattern=r"^[A-Za-z_]+$"), AfterValidator(_known_script)]


class Pattern(Section):
    """A regular expression that is looked for in a side, or in both."""

    pattern: Annotated[str, Field(min_length=1), AfterValidator(_compiled)]
    """In RE2's syntax, found anywhere in the text: `^` and `$` are its ends, `(?i)` ignores case."""
    side: Literal["source", "target", "both"] = "both"
    """Which side it is for."""


class CleaningConfig(Section):
    """Which training pairs are dropped (eval and test sets are the user's: never dropped). `null` turns a rule off."""

    preset: Literal["none", "standard", "strict"] = "standard"
    """A named set of the rules below, replaced key by key by what is given beside it."""
    unreadable: Literal["fail", "reject"] = "fail"
    """What a row that is not UTF-8 or lacks a column does: fail the run, or be counted and left out (training only)."""
    max_unreadable_share: Share = 0.01
    """With `unreadable: reject`: the run fails if more than this share of a corpus's rows cannot be read."""
    samples: Count = 5
    """Dropped pairs that the ledger shows a rule and corpus; 0 keeps no text there."""
    duplicates: Annotated[Literal["none", "exact", "near"], BeforeValidator(_duplicates_word)] = "exact"
    """Drop pairs that stand earlier in the corpora: exactly, or (near) but for case, punctuation and digits."""
    empty: bool = True
    """Drop pairs with a side of white space alone."""
    min_characters: AtLeastOne | None = None
    """Drop pairs with a side of fewer characters."""
    max_characters: AtLeastOne | None = 2000
    """Drop pairs with a side of more characters."""
    min_words: AtLeastOne | None = None
    """Drop pairs with a side of fewer words."""
    max_words: AtLeastOne | None = 250
    """Drop pairs with a side of more words."""
    max_character_ratio: Ratio | None = 4.0
    """Drop pairs with a side over so many times as long as the other in characters (East Asian ones count twice)."""
    max_word_ratio: Ratio | None = 5.0
    """Drop pairs with a side of more than so many times as many words as the other."""
    identical: bool = True
    """Drop pairs whose sides are the same but for case and white space at the ends."""
    max_word_length: AtLeastOne | None = 100
    """Drop pairs with a longer word, in characters."""
    max_mean_word_length: Annotated[float, Field(ge=1.0)] | None = None
    """Drop pairs with a side whose words are longer on average, in characters."""
    max_unprintable_share: Share | None = 0.1
    """Drop pairs with a side of which more is control, private, unassigned or replacement characters."""
    markup: bool = True
    """Drop pairs with an HTML or XML tag."""
    max_address_share: Share | None = 0.5
    """Drop pairs with a side of which more, in characters, is URLs and e-mail addresses."""
    min_script_share: Share | None = 0.5
    """Drop pairs with a side of whose letters less belongs to the scripts of its language."""
    source_scripts: Annotated[tuple[Script, ...], Field(min_length=1)] | None = None
    """Scripts of the source side, as in [Cyrillic, Latin], in place of its language's."""
    target_scripts: Annotated[tuple[Script, ...], Field(min_length=1)] | None = None
    """Scripts of the target side, in place of its language's."""
    max_punctuation_penalty: Count | None = None
    """Drop pairs whose numbers of sentence ends (. ! ? …) differ by more, each beyond the first of a side added."""
    min_numeral_similarity: Share | None = None
    """Drop pairs whose digits (zeros left out) are less alike, from 0 to 1."""
    max_repetitions: AtLeastOne | None = 2
    """Drop pairs in which a text of 3 to 101 characters is followed by more copies of itself."""
    max_similarity: Share | None = 0.9
    """Drop pairs whose sides are more alike: 1 - edit distance / characters of the longer side."""
    deny_patterns: tuple[Pattern, ...] = ()
    """Drop pairs in which one of these is found."""
    allow_patterns: tuple[Pattern, ...] = ()
    """Drop pairs in which one of these is not found."""
    min_language_confidence: Share | None = None
    """Drop pairs with a side that is in its language with less confidence (needs the extra language-identification)."""
    other_languages: tuple[LanguageCode, ...] = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "zh", "ja", "ar")
    """Languages that a side may be in by mistake, beside the pair's two: more of them cost time and certainty."""

    @model_validator(mode="after")
    def _fill_from_preset(self) -> "CleaningConfig":
        # Not before validation: pydantic would then take the lists of a JSON text for Python's, and refuse them.
        for key, value in PRESETS[self.preset].items():
            if key not in self.model_fields_set:
                object.__setattr__(self, key, value)
        return self

    @model_validator(mode="after")
    def _check(self) -> "CleaningConfig":
        for unit in ("characters", "words"):
            least, most = getattr(self, f"min_{unit}"), getattr(self, f"max_{unit}")
            if least is not None and most is not None and least > most:
                raise ValueError(f"min_{unit} must be at most max_{unit}, got {least:,} and {most:,}; lower one")
        return self
