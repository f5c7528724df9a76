"""p-values equal those of sacreBLEU's own paired tests, on the same texts and seed."""

import gzip
import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest

from seq2seq_tfx.components.evaluation.scoring import Scorer, reference_streams
from seq2seq_tfx.components.evaluation.significance import paired_bootstrap, paired_randomization
from seq2seq_tfx.components.quickstart.corpus import generate
from seq2seq_tfx.schemas.config.evaluation import Metric

DATA = Path(os.environ.get("SEQ2SEQ_DATA", Path(__file__).parents[3] / "../shared/data"))
TRIALS = 300
METRICS: dict[Metric, Callable[[], object]] = {
    "bleu": lambda: BLEU(force=True),
    "chrf": CHRF,
    "chrf++": lambda: CHRF(word_order=2),
    "ter": TER,
}
SACREBLEU_NAMES = {"bleu": "BLEU", "chrf": "chrF2", "chrf++": "chrF2++", "ter": "TER"}


def swapped(texts: list[str], rate: float, seed: int) -> list[str]:
    """Another system's output: neighbouring words change places, and some are lost."""
    lots = random.Random(seed)
    found = []
    for text in texts:
        words = text.split()
        if len(words) > 2 and lots.random() < rate:
            place = lots.randrange(len(words) - 1)
            words[place : place + 2] = [words[place + 1], words[place]]
            if lots.random() < 0.3:
                words.pop()
        found.append(" ".join(words))
    return found


def generated() -> list[str]:
    return [pair.target for pair in generate(seed=5)["test"][:120]]


def compare(references: list[list[str]], baseline: list[str], system: list[str], kind: str, seed: int) -> None:
    """Hold every metric's p-value to sacreBLEU's."""
    os.environ["SACREBLEU_SEED"] = str(seed)
    try:
        named = {name: make() for name, make in METRICS.items()}
        systems = [("baseline", baseline), ("system", system)]
        test = PairedTest(systems, named, reference_streams(references), test_type=kind, n_samples=TRIALS)
        _, expected = test()
    finally:
        del os.environ["SACREBLEU_SEED"]
    for metric in METRICS:
        scorer = Scorer(metric, "13a")
        rows = scorer.rows(baseline, references), scorer.rows(system, references)
        found = (
            paired_bootstrap(scorer, *rows, TRIALS, seed).p_value
            if kind == "bs"
            else paired_randomization(scorer, *rows, TRIALS, seed)
        )
        assert found == expected[SACREBLEU_NAMES[metric]][1].p_value, metric


@pytest.mark.parametrize("kind", ["bs", "ar"])
@pytest.mark.parametrize(("rates", "seed"), [((0.3, 0.4), 12345), ((0.2, 0.6), 7), ((0.3, 0.3), 99)])
def test_p_values_equal_sacrebleu_s_on_generated_text(kind: str, rates: tuple[float, float], seed: int) -> None:
    texts = generated()
    compare([[each] for each in texts], swapped(texts, rates[0], 1), swapped(texts, rates[1], 2), kind, seed)


@pytest.mark.parametrize("kind", ["bs", "ar"])
def test_p_values_equal_sacrebleu_s_when_there_are_several_references(kind: str) -> None:
    texts = generated()
    references = [[each, another] for each, another in zip(texts, swapped(texts, 0.5, 3), strict=True)]
    compare(references, swapped(texts, 0.3, 1), swapped(texts, 0.5, 2), kind, 12345)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data in {DATA} (SEQ2SEQ_DATA)")
@pytest.mark.parametrize("kind", ["bs", "ar"])
@pytest.mark.parametrize("rate", [0.32, 0.5, 0.9])
def test_p_values_equal_sacrebleu_s_on_real_text(kind: str, rate: float) -> None:
    lines = gzip.decompress((DATA / "multi30k/test_2016_flickr.de.gz").read_bytes()).decode().splitlines()[:250]
    compare([[each] for each in lines], swapped(lines, 0.3, 1), swapped(lines, rate, 2), kind, 12345)


@pytest.mark.parametrize("trials", [1, 50, 300])
def test_drawn_test_sets_do_not_depend_on_how_many_are_drawn_at_once(
    trials: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = generated()[:45]  # whose lots are no whole number of those that numpy draws at a time
    scorer = Scorer("bleu", "13a")
    one, other = (scorer.rows(swapped(texts, 0.4, seed), [[each] for each in texts]) for seed in (1, 2))
    whole = paired_bootstrap(scorer, one, other, trials), paired_randomization(scorer, one, other, trials)
    monkeypatch.setattr("seq2seq_tfx.components.evaluation.significance._CELLS_AT_ONCE", 1)
    parts = paired_bootstrap(scorer, one, other, trials), paired_randomization(scorer, one, other, trials)
    assert np.array_equal(whole[0].differences, parts[0].differences)
    assert whole[1] == parts[1]
    assert trials < 50 or 0.1 < whole[1] < 0.9  # others hardly depend on what is drawn


def test_a_system_against_itself_differs_by_nothing() -> None:
    texts = generated()
    scorer = Scorer("chrf", "13a")
    rows = scorer.rows(swapped(texts, 0.5, 1), [[each] for each in texts])
    found = paired_bootstrap(scorer, rows, rows, 50)
    assert (found.difference, found.interval(0.95)) == (0.0, (0.0, 0.0))
    assert paired_randomization(scorer, rows, rows, 50) == 1 / 51


def test_the_interval_holds_the_difference_when_a_system_is_worse() -> None:
    texts = generated()
    scorer = Scorer("bleu", "13a")
    references = [[each] for each in texts]
    found = paired_bootstrap(scorer, scorer.rows(texts, references), scorer.rows(swapped(texts, 1, 2), references))
    low, high = found.interval(0.95)
    assert low < found.difference < high < 0
    assert found.p_value < 0.01
