"""Exact resume with every option that has state or draws random numbers: killed twice, equal to the bit."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from tiny_vocabulary import copied_sentences, processor, vocabulary
from transformed_examples import write_split

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.preprocessing.evaluation_sentences import read_evaluation_sentences
from seq2seq_tfx.components.training.loop import Folders, TrainingData, TrainingLoop, TrainingResult
from seq2seq_tfx.components.training.mixture import Mixture
from seq2seq_tfx.components.training.precision import prepare_process
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.subwords import SideSamplers, SubwordSampler, make_resplit
from seq2seq_tfx.components.training.token_store import TokenStore, open_token_store
from seq2seq_tfx.components.training.validation import detokenizer, make_score

SIZE = processor("unigram").get_piece_size()
TRANSFORMER = {"family": "transformer", "layers": 1, "width": 8, "feedforward": 16, "heads": 2, "dropout": 0.1}
RECURRENT = {"family": "rnn", "layers": 1, "width": 8, "embedding": 8, "dropout": 0.1}
SHORT = {
    "max_steps": 14, "batch_tokens": 256, "warmup_steps": 4, "checkpoint_steps": 3, "validation_steps": 2, "average": 3,
}  # fmt: skip
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "adamw, accumulation, moving average, word dropout": (
        TRANSFORMER,
        {
            "optimizer": "adamw",
            "weight_decay": 0.1,
            "accumulate": 3,
            "moving_average": 0.9,
            "word_dropout": {"source": 0.1, "target": 0.2},
        },
    ),
    "adafactor, mixture, subword sampling": (
        TRANSFORMER,
        {
            "optimizer": "adafactor",
            "learning_rate": 0.01,
            "corpus_weights": {"few": 3.0},
            "temperature": 2.0,
            "subword_sampling": {"sides": "both", "alpha": 0.1},
        },
    ),
    "adam, scheduled sampling, patience with chrF": (
        RECURRENT,
        {
            "scheduled_sampling": {"highest": 0.5, "steps": 10},
            "validation": {"metric": "chrf", "patience": 3, "max_sentences": 7, "max_length": 20},
        },
    ),
}


class Killed(BaseException):
    """Stands for a kill: nothing in the loop catches it."""


class Stores:
    """Two corpora to train on, and an eval split."""

    def __init__(self, folder: Path) -> None:
        many = write_split(folder, copied_sentences(0, 120), corpus="many", file="many")
        few = write_split(folder, copied_sentences(120, 150), corpus="few", file="few")
        self.evaluation_file = write_split(folder, copied_sentences(150, 180), file="eval")
        self.train: TokenStore = open_token_store(folder / "a", [many, few], 100, "train")
        self.evaluation = open_token_store(folder / "b", [self.evaluation_file], 100, "eval")


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Stores:
    prepare_process()
    return Stores(tmp_path_factory.mktemp("stores"))


def run(stores: Stores, given: TrainingSettings, work: Path, kill_after: int | None = None) -> TrainingResult:
    """A process of its own, as far as state goes: everything is made anew."""
    config = given.training
    model = build_model(given.model, SIZE, seed=given.seed)
    data = TrainingData(stores.train, stores.evaluation)
    if config.corpus_weights:
        data = data._replace(mixture=Mixture(stores.train.corpora, config.corpus_weights, config.temperature, 1))
    if config.subword_sampling.sides != "none":
        sampler = SubwordSampler(vocabulary("unigram"), config.subword_sampling)
        data = data._replace(resplit=make_resplit(SideSamplers(sampler, sampler), 1, 100))
    if config.validation.metric != "loss":
        sentences = read_evaluation_sentences([stores.evaluation_file], config.validation.max_sentences)
        score = make_score(model, sentences, detokenizer(vocabulary("unigram")), config.validation, "en")
        data = data._replace(score=score)
    updates = iter(range(1, 1000))

    def killed() -> bool:
        if next(updates) == kill_after:
            raise Killed
        return False

    return TrainingLoop(model, data, given, Folders(work=work, logs=work / "logs")).run(killed)


@pytest.mark.parametrize("case", CASES)
def test_a_run_killed_at_random_ends_with_the_bytes_of_one_that_was_not(
    case: str, stores: Stores, tmp_path: Path
) -> None:
    model, options = CASES[case]
    given = TrainingSettings.model_validate(
        {"languages": {"source": "en", "target": "en"}, "model": model, "training": {**SHORT, **options}, "seed": 1}
    )
    whole = run(stores, given, tmp_path / "whole")
    chance = random.Random(case)
    for _ in range(2):
        with pytest.raises(Killed):
            run(stores, given, tmp_path / "killed", chance.randint(4, 6))
    resumed = run(stores, given, tmp_path / "killed")

    assert resumed.first_step > 0
    assert resumed.weights.keys() == whole.weights.keys() >= {"last", "best", "averaged"}
    assert ("moving_average" in whole.weights) == (given.training.moving_average > 0)
    for kind, arrays in whole.weights.items():
        assert {name: array.tobytes() for name, array in arrays.items()} == {
            name: array.tobytes() for name, array in resumed.weights[kind].items()
        }, kind
    ours, theirs = vars(resumed.progress), vars(whole.progress)
    timed = {"seconds", "waited_seconds"}
    assert {key: ours[key] for key in ours.keys() - timed} == {key: theirs[key] for key in theirs.keys() - timed}
    assert bool(whole.progress.scores) == (given.training.validation.metric != "loss")


def test_patience_ends_training_and_a_restart_does_not_go_on(stores: Stores, tmp_path: Path) -> None:
    given = TrainingSettings.model_validate(
        {
            "languages": {"source": "en", "target": "en"},
            "model": TRANSFORMER,
            "training": {**SHORT, "validation": {"patience": 2, "metric": "bleu"}},
            "seed": 1,
        }
    )
    values = [1.0, 3.0, 3.0, 2.0, 9.0]

    def scripted(work: Path, score: Callable[[], float]) -> TrainingResult:
        data = TrainingData(stores.train, stores.evaluation, score=score)
        model = build_model(given.model, SIZE, seed=1)
        return TrainingLoop(model, data, given, Folders(work=work, logs=work / "logs")).run()

    result = scripted(tmp_path, iter(values).__next__)
    progress = result.progress
    assert (progress.step, progress.best_step, progress.best_value, progress.stopped_early) == (8, 4, 3.0, True)
    assert progress.scores == [(2, 1.0), (4, 3.0), (6, 3.0), (8, 2.0)]
    assert sorted(path.name for path in (tmp_path / "best").iterdir()) == ["step-000000004.npz"]

    again = scripted(tmp_path, iter(()).__next__)
    assert (again.first_step, again.progress) == (8, progress)
    for name, array in result.weights["best"].items():
        assert array.tobytes() == again.weights["best"][name].tobytes()
    assert tf.linalg.global_norm([result.weights["best"][n] - result.weights["last"][n] for n in again.weights["last"]])
