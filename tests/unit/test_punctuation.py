"""The punctuation rules, with sacremoses as the oracle."""

import gzip
import os
import re
from pathlib import Path

import pytest
import tensorflow as tf
from fuzzed_lines import fuzzed_punctuation
from sacremoses import MosesPunctNormalizer

from seq2seq_tfx.components.text_graph import normalise
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig

DATA = Path(os.environ.get("SEQ2SEQ_DATA", Path(__file__).parents[3] / "shared" / "data"))
REAL = {"de": "multi30k/train.de.gz", "en": "multi30k/train.en.gz", "es": "tatoeba/en-es.tsv.gz"}
LINES = 2000
PLAIN, MOSES = NormalisationConfig(), NormalisationConfig(punctuation=True)
UNFORMED = NormalisationConfig(punctuation=True, unicode="none")
WHITE_SPACE = re.compile(r"\s+")
CLUSTER = re.compile(r'"[,.]*"')
"""Quotation marks side by side, or with nothing but stops between them: a deliberate difference."""


def _normalised(lines: list[str], language: str, normalisation: NormalisationConfig = MOSES) -> list[str]:
    given = tf.constant([line.encode() for line in lines])
    return [text.decode() for text in normalise(given, normalisation, language).numpy()]


def _repeated(moses: MosesPunctNormalizer, text: str) -> str:
    """Moses' script, repeated until nothing changes; its spaces made single each time, as ours are."""
    for _ in range(20):
        after = WHITE_SPACE.sub(" ", moses.normalize(text)).strip()
        if after == text:
            break
        text = after
    return text


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "cs", "pl"])
def test_fuzzed_lines_come_out_as_of_moses_repeated_but_for_clusters_of_quotation_marks(language: str) -> None:
    lines = list(fuzzed_punctuation(LINES))
    moses = MosesPunctNormalizer(lang=language)
    compared = 0
    for line, ours in zip(lines, _normalised(lines, language, UNFORMED), strict=True):
        theirs = _repeated(moses, line)
        if not CLUSTER.search(theirs) and not CLUSTER.search(ours):
            assert ours == theirs, line
            compared += 1
    assert compared > LINES / 2


@pytest.mark.parametrize("language", ["de", "en", "es"])
def test_real_lines_come_out_as_of_moses(language: str) -> None:
    lines = _normalised(_real_lines(language), language, PLAIN)
    moses = MosesPunctNormalizer(lang=language)
    once = [WHITE_SPACE.sub(" ", moses.normalize(line)) for line in lines]
    ours = _normalised(lines, language)
    assert sum(mine == theirs for mine, theirs in zip(ours, once, strict=True)) >= 0.999 * LINES
    assert sum(mine != line for mine, line in zip(ours, lines, strict=True)) > 0
    different = [line for line, mine in zip(lines, ours, strict=True) if mine != _repeated(moses, line)]
    assert all(CLUSTER.search(_repeated(moses, line)) for line in different)


def _real_lines(language: str) -> list[str]:
    path = DATA / REAL[language]
    if not path.exists():
        pytest.skip(f"no {path}: set SEQ2SEQ_DATA to a folder that holds {REAL[language]}")
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        texts = [line.rstrip("\n").split("\t")[:2][-1] for line in stream]
    # Those with something to normalise first: there are few.
    texts.sort(key=lambda text: not re.search(r"[^\w\s.,?!¿¡'-]", text))
    return texts[:LINES]


@pytest.mark.parametrize(
    ("language", "given", "expected"),
    [
        ("en", "“Hello”, he said…", '"Hello," he said...'),
        ("de", "„Hallo“, sagte er.", '"Hallo", sagte er.'),
        ("de", "Er sagte: „Hallo,“ und ging.", 'Er sagte: "Hallo", und ging.'),
        ("es", "«Hola.» Se fue.", '"Hola". Se fue.'),
        ("es", "Dijo: «Hola.»", 'Dijo: "Hola."'),
        ("fr", "«\u00a0Oui\u00a0», dit-il\u00a0!", '"Oui", dit-il!'),
        ("fr", "12\u00a0000\u00a0%", "12,000%"),
        ("en", "12\u00a0000 %", "12.000%"),
        ("en", "a—b – c", "a - b - c"),
        ("en", "a( b )c ; d : e", "a (b) c; d: e"),
        ("en", "it’s `so´ ''here''", "it's 'so' \" here \""),
        ("en", "<2es> «one», two", '<2es> "one," two'),
        ("en-GB", "“a”, b", '"a," b'),
    ],
)
def test_punctuation_is_plain_when_asked_for(language: str, given: str, expected: str) -> None:
    assert _normalised([given], language) == [expected]


@pytest.mark.parametrize("given", ['a "," b', 'a "", b', '"".', '.""x'])
def test_clusters_of_quotation_marks_stay(given: str) -> None:
    assert _normalised([given, given], "en")[0] == _normalised([given], "de")[0] == given


@pytest.mark.parametrize("unicode", ["nfc", "nfkc", "none"])
@pytest.mark.parametrize("language", ["en", "de", "cs"])
def test_nothing_changes_when_punctuation_is_normalised_again(unicode: str, language: str) -> None:
    normalisation = NormalisationConfig.model_validate({"unicode": unicode, "punctuation": True, "quotes": True})
    once = _normalised(list(fuzzed_punctuation(20_000, seed=5)), language, normalisation)
    assert _normalised(once, language, normalisation) == once


def test_quotation_marks_alone_are_plain_when_only_they_are_asked_for() -> None:
    quotes = NormalisationConfig(quotes=True)
    given = ["“a”, „b“ ‘c’ ‚d‘ «e» ‹f› it’s — …", "«\u00a0g\u00a0», »h«, ＂i＂", "〝j〟 « k »"]
    expected = ["\"a\", \"b\" 'c' 'd' \"e\" 'f' it's — …", '"g", "h", "i"', '"j" " k "']
    assert _normalised(given, "en", quotes) == expected
    assert _normalised(given, "en") != expected
