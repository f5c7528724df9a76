"""What is known of each sentence, learned metrics, and the two plain scores."""

import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from seq2seq_tfx.components.evaluation.judging import judge_sentences, read_judged, write_judged
from seq2seq_tfx.components.evaluation.learned import load_learned
from seq2seq_tfx.components.evaluation.plain import evaluate_texts
from seq2seq_tfx.components.evaluation.scoring import Scorer
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.components.evaluation.translated import Translated
from seq2seq_tfx.schemas.errors import InputError, WorkError

SENTENCES = [
    Translated("a/0", "Es kostet 35 Euro.", ("Es kostet 35 Euro.",), "It costs 35 euros.", {"corpus": "a"}),
    Translated("a/1", "", ("Ein Hund", "Der Hund"), "A dog", {"corpus": "a"}),
    Translated("b/0", "Er hat Geld.", ("Er hat viel Geld.", "Er hat 25 Euro."), "He has 25 euros.", {"corpus": "b"}),
]


class Good:
    """Scores by length."""

    def signature(self) -> str:
        """Its name."""
        return "good|1"

    def scores(
        self, sources: Sequence[str], translations: Sequence[str], references: Sequence[Sequence[str]]
    ) -> list[float]:
        """One a sentence."""
        return [float(len(text)) for text in translations]


class Short(Good):
    """Forgets a sentence."""

    def scores(
        self, sources: Sequence[str], translations: Sequence[str], references: Sequence[Sequence[str]]
    ) -> list[float]:
        """One too few, and no number."""
        return [float("nan")] * (len(translations) - 1)


class Nothing:
    """Has no method."""


@pytest.fixture(autouse=True)
def metrics() -> Iterator[None]:
    """Makes the classes importable."""
    module = types.ModuleType("learned_for_tests")
    for made in (Good, Short, Nothing):
        setattr(module, made.__name__, made)
    sys.modules[module.__name__] = module
    yield
    del sys.modules[module.__name__]


def settings(**evaluation: object) -> EvaluationSettings:
    return EvaluationSettings.model_validate(
        {"evaluation": {"slices": [], **evaluation}, "languages": {"source": "en", "target": "de"}}
    )


def test_every_sentence_is_looked_at_and_written(tmp_path: Path) -> None:
    judged = judge_sentences(SENTENCES, settings(learned={"good": "learned_for_tests.Good"}), None)
    assert [each.failed for each in judged] == [(), ("empty",), ("lost_number",)]
    assert [dict(each.references_failed) for each in judged] == [{}, {}, {"lost_number": 0.5}]
    assert "lost_number" in judged[0].can_fail
    assert "lost_number" not in judged[1].can_fail
    assert "truncated" not in judged[0].can_fail
    assert [each.learned["good"] for each in judged] == [18.0, 0.0, 12.0]
    write_judged(tmp_path, judged)
    assert read_judged(tmp_path) == judged


def test_truncation_is_counted_when_every_sentence_says_whether_it_was() -> None:
    said = [
        Translated(each.pair_id, each.translation, each.references, each.source, {"truncated": flag})
        for each, flag in zip(SENTENCES, ("0", "0", "1"), strict=True)
    ]
    judged = judge_sentences(said, settings(checks=["truncated"]), None)
    assert [each.failed for each in judged] == [(), (), ("truncated",)]


def test_scores_and_failures_are_given_slice_by_slice() -> None:
    report = evaluate_texts(SENTENCES, settings(metrics=["exact_match"], learned={"good": "learned_for_tests.Good"}))
    scores = {(each.slice, each.metric): each.value for each in report.scores}
    assert scores["all", "exact_match"] == pytest.approx(100 / 3)
    assert scores["corpus=a", "exact_match"] == 50.0
    assert scores["all", "good"] == 10.0
    (lost,) = (each for each in report.failures if (each.slice, each.check) == ("all", "lost_number"))
    assert (lost.sentences, lost.failed, lost.references_failed) == (2, 1, 0.5)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere.Metric", "must be the dotted path of a class"),
        ("learned_for_tests.Missing", "must be the dotted path of a class"),
        ("Metric", "must be the dotted path of a class"),
        ("learned_for_tests.Nothing", "must be a class with the methods `signature` and `scores`"),
    ],
)
def test_a_class_that_is_no_metric_is_named(path: str, message: str) -> None:
    with pytest.raises(InputError, match=f"evaluation.learned.mine {message}"):
        load_learned("mine", path)


def test_a_metric_that_forgets_sentences_stops_the_work() -> None:
    with pytest.raises(WorkError, match="got 2 numbers for 3 sentences, 2 of them not finite"):
        judge_sentences(SENTENCES, settings(learned={"short": "learned_for_tests.Short"}), None)


def test_exact_match_and_length_ratio_are_counted_by_hand() -> None:
    hypotheses, references = ["a  b", "c", ""], [["a b"], ["d", "c"], ["abc"]]
    exact, ratio = Scorer("exact_match", "13a"), Scorer("length_ratio", "13a")
    assert exact.score(hypotheses, references).value == pytest.approx(200 / 3)
    assert exact.score(hypotheses, references).signature.startswith("nrefs:var|case:mixed|space:normalised|version:")
    assert ratio.score(hypotheses, references).value == pytest.approx((3 + 1 + 0) / (3 + 1 + 3))
    assert ratio.score([""], [[""]]).value == 0.0
    rows = [ratio.statistics(*pair) for pair in zip(hypotheses, references, strict=True)]
    assert ratio.value([sum(column) for column in zip(*rows, strict=True)]) == pytest.approx(4 / 7)
