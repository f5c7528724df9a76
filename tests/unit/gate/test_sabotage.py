"""Broken models are refused for the right reason; equally good ones are not refused. All at the default policy."""

from dataclasses import replace

import pytest
from sabotaged_translations import SABOTAGED, as_translated, system, worse_on_one_domain

from seq2seq_tfx.components.evaluation.plain import evaluate_texts
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.components.gate.decide import Decision
from seq2seq_tfx.components.gate.settings import GateSettings
from seq2seq_tfx.components.gate.versions_compared import judge_texts
from seq2seq_tfx.schemas.features import TRUNCATED

LANGUAGES = {"source": "en", "target": "es"}


def judge(translations: list[str], baseline: list[str] | None, minima: dict[str, float] | None = None) -> Decision:
    """The gate at its default policy."""
    settings = GateSettings.model_validate(
        {
            "gate": {"minima": minima or {}, "resamples": 300},
            "evaluation": {"metrics": ["bleu", "chrf"]},
            "languages": LANGUAGES,
        }
    )
    sentences = as_translated(translations)
    evaluation = EvaluationSettings(evaluation=settings.evaluation, languages=settings.languages)
    return judge_texts(sentences, evaluate_texts(sentences, evaluation), baseline, settings)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("shuffled vocabulary", "points worse than the model in use"),
        ("random weights", "points worse than the model in use"),
        ("copies the source", "repeat their source; 1.0% are allowed"),
        ("worse on one domain", "on domain=talks (400 sentences) is "),
        ("loops", "20 of 800 translations (2.5%) repeat themselves in a loop; 0.5% are allowed"),
        ("loses numbers", "lose or change a number; 5.0% are allowed"),
    ],
)
def test_a_broken_model_is_refused_with_its_reason(fault: str, reason: str) -> None:
    found = judge(SABOTAGED[fault](), system(1))
    assert not found.blessed
    assert any(reason in each for each in found.reasons), found.reasons


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("shuffled vocabulary", "is below the lowest allowed, 50"),
        ("random weights", "is below the lowest allowed, 50"),
        ("copies the source", "repeat their source"),
        ("loops", "repeat themselves in a loop"),
        ("loses numbers", "lose or change a number"),
    ],
)
def test_a_broken_first_model_is_refused_by_minima_and_failures(fault: str, reason: str) -> None:
    found = judge(SABOTAGED[fault](), None, {"bleu": 50})
    assert not found.blessed
    assert any(reason in each for each in found.reasons), found.reasons


def test_a_model_that_does_not_end_its_sentences_is_refused_by_what_its_decoder_says() -> None:
    sentences = [
        replace(each, features={**each.features, TRUNCATED.name: str(int(number % 40 == 0))})
        for number, each in enumerate(as_translated(system(2)))
    ]
    settings = GateSettings.model_validate({"gate": {}, "evaluation": {"metrics": ["bleu"]}, "languages": LANGUAGES})
    evaluation = EvaluationSettings(evaluation=settings.evaluation, languages=settings.languages)
    found = judge_texts(sentences, evaluate_texts(sentences, evaluation), None, settings)
    assert found.reasons == ("20 of 800 translations (2.5%) end at the length limit; 1.0% are allowed",)


def test_a_loss_on_one_domain_is_seen_on_its_slice() -> None:
    found = judge(worse_on_one_domain(), system(1))
    gains = {each.slice: each.gain for each in found.differences if each.metric == "bleu"}
    assert -4.0 < gains["domain=talks"] < -2.5
    assert abs(gains["domain=news"]) < 1.0
    assert gains["all"] > -2.0  # nothing that the rule for all sentences, as measured, would stop


@pytest.mark.parametrize("seed", range(2, 10))
def test_an_equally_good_model_is_not_refused(seed: int) -> None:
    found = judge(system(seed), system(1), {"bleu": 50})
    assert found.blessed, found.reasons
    margins = [each for each in found.differences if each.margin is not None]
    assert {each.slice for each in margins} >= {"all", "domain=news", "domain=talks"}
    print({(e.slice, e.metric): (round(e.gain, 2), round(e.lower_bound or 0, 2), e.margin) for e in margins})


def test_the_reason_of_a_blessed_model_names_the_changes() -> None:
    found = judge(system(2), system(1))
    assert found.reasons[0].startswith("no minimum is set; against the model in use: BLEU ")
