"""Where OpusFilter 3.3 has the same rule as ours, both say the same of 1,000 real pairs and of 1,000 spoilt ones.

OpusFilter runs once, in a virtual environment of its own (`scripts/peer.sh`). Where ours differs on purpose, such
pairs are not among these:

- A threshold is a limit that is still allowed. OpusFilter drops a ratio, similarity or word length equal to its own, so
  it is given the next larger number. Repetitions are counted the other way: `max_repetitions: 1` is its threshold 2.
- `markup` also takes a closing tag alone, as is left when a line is cut in two; OpusFilter's HTML parser ignores it.
- `max_character_ratio` counts Chinese, Japanese and Korean characters twice, because they say more than a letter; word
  rules pass over languages that put no space between words, of which a sentence would be one word.
- `min_script_share` takes characters shared by few scripts as letters of each (Japanese's long-vowel mark).
- `max_punctuation_penalty` knows sentence ends of more scripts than Latin's, and `min_numeral_similarity` their digits.
- `max_similarity` and `max_repetitions` look at the beginning of very long texts only, so that the work is bounded.
- `deny_patterns` and `allow_patterns` are RE2, without look-around and backreferences, in linear time.
"""

import gzip
import json
import math
import os
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from mutated_pairs import mutated_pairs

from seq2seq_tfx.components.corpus.rules.rule_set import RuleSet
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.languages import Languages

REPOSITORY = Path(__file__).parents[3]
DATA = Path(os.environ.get("SEQ2SEQ_DATA", REPOSITORY / "../shared/data"))
PAIRS_A_CORPUS = 500
BEFORE = math.inf

PATTERN = r"(?i)\b(?:the|el|der)\b.*[!?]"
CASES: Final[dict[str, tuple[dict[str, Any], str, dict[str, Any]]]] = {
    "characters": (
        {"min_characters": 15, "max_characters": 60},
        "LengthFilter",
        {"min_length": 15, "max_length": 60, "unit": "char"},
    ),
    "words": ({"min_words": 4, "max_words": 11}, "LengthFilter", {"min_length": 4, "max_length": 11}),
    "character ratio": (
        {"max_character_ratio": 1.5},
        "LengthRatioFilter",
        {"threshold": math.nextafter(1.5, BEFORE), "unit": "char"},
    ),
    "word ratio": ({"max_word_ratio": 1.5}, "LengthRatioFilter", {"threshold": math.nextafter(1.5, BEFORE)}),
    "word length": ({"max_word_length": 9}, "LongWordFilter", {"threshold": 10}),
    "mean word length": (
        {"max_mean_word_length": 5.0},
        "AverageWordLengthFilter",
        {"min_length": 0, "max_length": 5.0},
    ),
    "script share": (
        {"min_script_share": 0.8},
        "CharacterScoreFilter",
        {"scripts": ["Latin", "Latin"], "thresholds": [0.8, 0.8]},
    ),
    # OpusFilter scores -log(penalty + 1).
    "punctuation": ({"max_punctuation_penalty": 2}, "TerminalPunctuationFilter", {"threshold": -math.log(3.5)}),
    "numerals": ({"min_numeral_similarity": 0.5}, "NonZeroNumeralsFilter", {"threshold": 0.5}),
    "repetitions": ({"max_repetitions": 1}, "RepetitionFilter", {"threshold": 2}),
    "many repetitions": ({"max_repetitions": 3}, "RepetitionFilter", {"threshold": 4}),
    "markup": ({"markup": True}, "HtmlTagFilter", {}),
    "similarity": ({"max_similarity": 0.4}, "SimilarityFilter", {"threshold": math.nextafter(0.4, BEFORE)}),
    "denied": (
        {"deny_patterns": [{"pattern": PATTERN}]},
        "RegExpFilter",
        {"regexps": [PATTERN, PATTERN], "accept_match": False},
    ),
    "allowed": (
        {"allow_patterns": [{"pattern": "^[A-Z]"}, {"pattern": "[.?!]$", "side": "target"}]},
        "RegExpFilter",
        {"regexps": ["^[A-Z]", "^[A-Z](.|\n)*[.?!]$"], "accept_match": True},
    ),
}
"""Our settings, OpusFilter's filter, its arguments."""


def real_pairs() -> list[tuple[str, str]]:
    """Lines spread over both corpora."""
    tatoeba, multi30k = DATA / "tatoeba/en-es.tsv.gz", DATA / "multi30k"
    if not (tatoeba.is_file() and multi30k.is_dir()):
        pytest.skip(f"no tatoeba and multi30k in {DATA}: set SEQ2SEQ_DATA to a folder that holds them")
    columns = [line.split("\t")[:2] for line in lines_of(tatoeba)]
    sides = zip(lines_of(multi30k / "train.en.gz"), lines_of(multi30k / "train.de.gz"), strict=True)
    return [*spread([(pair[0], pair[1]) for pair in columns]), *spread(list(sides))]


def lines_of(path: Path) -> list[str]:
    """The lines of a gzip file."""
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def spread(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """As many as are wanted, evenly."""
    return pairs[:: len(pairs) // PAIRS_A_CORPUS][:PAIRS_A_CORPUS]


@pytest.fixture(scope="module")
def pairs() -> list[tuple[str, str]]:
    """1,000 real pairs, and the same ones spoilt."""
    real = real_pairs()
    assert len(real) == 2 * PAIRS_A_CORPUS
    return [*real, *mutated_pairs(real)]


@pytest.fixture(scope="module")
def accepted(pairs: list[tuple[str, str]]) -> dict[str, list[bool]]:
    """What OpusFilter accepts, by case."""
    made = subprocess.run([REPOSITORY / "scripts/peer.sh", "opusfilter"], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    request = {"filters": [[name, arguments] for _, name, arguments in CASES.values()], "pairs": pairs}
    program = Path(__file__).with_name("opusfilter_verdicts.py")
    done = subprocess.run(
        [made.stdout.strip(), program], input=json.dumps(request), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(CASES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_verdicts_are_opusfilter_s(case: str, pairs: list[tuple[str, str]], accepted: dict[str, list[bool]]) -> None:
    given, _, _ = CASES[case]
    rules = RuleSet.of(CleaningConfig.model_validate({"preset": "none", **given}), Languages(source="en", target="es"))
    ours = rules.broken_rows([source for source, _ in pairs], [target for _, target in pairs])
    theirs = accepted[case]
    differing = [pair for pair, broken, kept in zip(pairs, ours, theirs, strict=True) if (broken is None) != kept]
    assert differing == []
    assert 0 < theirs.count(False) < len(theirs)
