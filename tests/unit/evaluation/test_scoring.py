"""Scores equal those of sacreBLEU's public functions; statistics add up to the same."""

import importlib.util
from fractions import Fraction

import pytest
import sacrebleu

from seq2seq_tfx.components.evaluation.scoring import (
    Scorer,
    reference_streams,
    require_tokenizer,
    score_all,
    tokenizer_for,
)
from seq2seq_tfx.schemas.config.evaluation import EvaluationConfig, Metric
from seq2seq_tfx.schemas.errors import InputError

HYPOTHESES = [
    "The small cat sleeps on the red chair.",
    "Two dogs run, and one of them barks!",
    "",
    "She bought 3,500 apples in the market .",
    "yes",
]
ONE_REFERENCE = [
    ["The little cat is sleeping on the red chair."],
    ["Two dogs are running and one of them is barking!"],
    ["Nobody answered the phone."],
    ["She bought 3,500 apples at the market."],
    ["yes"],
]
THREE_REFERENCES = [[*each, each[0].upper(), f"well, {each[0]}"] for each in ONE_REFERENCE]
VARIABLE_REFERENCES = [each[: 1 + number % 3] for number, each in enumerate(THREE_REFERENCES)]
PUBLIC = {"bleu": sacrebleu.corpus_bleu, "chrf": sacrebleu.corpus_chrf, "ter": sacrebleu.corpus_ter}


@pytest.mark.parametrize("references", [ONE_REFERENCE, THREE_REFERENCES, VARIABLE_REFERENCES])
@pytest.mark.parametrize("metric", ["bleu", "chrf", "ter"])
def test_summed_statistics_give_sacrebleus_score_when_added_in_any_order(
    metric: Metric, references: list[list[str]]
) -> None:
    expected = PUBLIC[metric](HYPOTHESES, reference_streams(references)).score
    scorer = Scorer(metric, "13a")
    rows = [scorer.statistics(*pair) for pair in zip(HYPOTHESES, references, strict=True)]
    forwards = [sum(column) for column in zip(*rows, strict=True)]
    backwards = [sum(column) for column in zip(*reversed(rows), strict=True)]
    assert scorer.value(forwards) == scorer.value(backwards) == pytest.approx(expected, rel=1e-14)
    assert scorer.score(HYPOTHESES, references).value == expected


@pytest.mark.parametrize(
    ("references", "count"), [(ONE_REFERENCE, 1), (THREE_REFERENCES, 3), (VARIABLE_REFERENCES, "var")]
)
def test_signature_names_the_number_of_references(references: list[list[str]], count: int | str) -> None:
    counts = [len(each) for each in references]
    whole = Scorer("bleu", "13a").score(HYPOTHESES, references).signature
    assert whole == Scorer("bleu", "13a").signature(min(counts), max(counts))
    assert whole == f"nrefs:{count}|case:mixed|eff:no|tok:13a|smooth:exp|version:{sacrebleu.__version__}"


def test_three_references_keep_statistics_exact() -> None:
    edits, length = Scorer("ter", "13a").statistics("a b", ["a", "a b", "a b c d"])
    assert (edits, length) == (0, Fraction(7 / 3))


@pytest.mark.parametrize(
    ("given", "language", "expected"),
    [
        ("auto", "de", "13a"),
        ("auto", "zh", "zh"),
        ("auto", "zh_TW", "zh"),
        ("auto", "ZH-Hant", "zh"),
        ("auto", "ja", "ja-mecab"),
        ("auto", "ko-KR", "ko-mecab"),
        ("char", "ja", "char"),
    ],
)
def test_tokenizer_follows_the_target_language_when_auto(given: str, language: str, expected: str) -> None:
    assert tokenizer_for(given, language) == expected


def test_chinese_is_scored_by_characters_when_the_tokenizer_is_auto() -> None:
    found = score_all(["我们今天去学校"], [["我们今天去学校"]], EvaluationConfig(metrics=("bleu",)), "zh")["bleu"]
    assert found.value == pytest.approx(100.0)
    assert "tok:zh|" in found.signature


@pytest.mark.parametrize(("tokenizer", "package"), [("ja-mecab", "MeCab"), ("ko-mecab", "mecab_ko")])
def test_missing_tokenizer_packages_are_named(tokenizer: str, package: str) -> None:
    if importlib.util.find_spec(package):
        require_tokenizer(tokenizer)
        return
    with pytest.raises(InputError, match=rf'tokeniser {tokenizer}.*install "sacrebleu\[{tokenizer[:2]}\]"'):
        require_tokenizer(tokenizer)


@pytest.mark.parametrize(
    ("hypotheses", "references"), [([], []), (["a"], []), (["a"], [[]]), (["a", "b"], [["a"], []])]
)
def test_nothing_to_compare_is_refused(hypotheses: list[str], references: list[list[str]]) -> None:
    with pytest.raises(InputError, match="every translation must have a reference"):
        Scorer("chrf", "13a").score(hypotheses, references)
