"""Every architecture, chosen by the configuration alone, from the generated corpus to a pushed version."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from baselines import NearestSentence, bleu
from small import InProcess, executed

from seq2seq_tfx.components.quickstart.corpus import QuickstartPair, generate
from seq2seq_tfx.pipeline.cli import main
from seq2seq_tfx.pipeline.templates import QUICKSTART_SEED

MODEL_STAGES = ["training", "export", "probe", "translations", "evaluation", "gate", "push"]
RNN = "family: rnn, layers: 1, width: 128, embedding: 128, dropout: 0.1"
ONE_WAY = "bidirectional: false"
SIZES_WITHOUT_NOISE = "width: 128, feedforward: 256, heads: 4, dropout: 0.0"
ARCHITECTURES = {
    "simple_rnn": f"{{{RNN}, cell: simple_rnn, attention: none}}",
    "lstm": f"{{{RNN}, cell: lstm, attention: none, {ONE_WAY}, reverse_source: true}}",
    "gru": f"{{{RNN}, cell: gru, attention: none, {ONE_WAY}}}",
    "bahdanau": f"{{{RNN}, cell: gru, attention: bahdanau}}",
    "luong_dot": f"{{{RNN}, cell: gru, attention: luong_dot}}",
    "luong_general": f"{{{RNN}, cell: lstm, attention: luong_general, input_feeding: true}}",
    "luong_concat": f"{{{RNN}, cell: gru, attention: luong_concat, {ONE_WAY}}}",
    "luong_local": f"{{{RNN}, cell: lstm, attention: luong_local, {ONE_WAY}, reverse_source: true}}",
    "transformer": "{family: transformer, layers: 2, width: 128, feedforward: 256, heads: 4, dropout: 0.1}",
    "bert": f"{{family: bert, layers: 2, {SIZES_WITHOUT_NOISE}, norm: pre, positions: rotary}}",
    "gpt": f"{{family: gpt, layers: 3, {SIZES_WITHOUT_NOISE}, positions: rotary}}",
}
"""What `--set model=` is given; those without attention are named after their cell."""
PRETRAINING = {
    "bert": "{objective: masked, max_steps: 60, batch_tokens: 1024, learning_rate: 0.003, warmup_steps: 20, "
    "checkpoint_steps: 1000, validation_steps: 1000}"
}
"""What those that begin with something learned are given as `--set pretraining=`."""
STEPS = 250
TRAINING = (
    "{{max_steps: {steps}, batch_tokens: 2048, learning_rate: 0.004, warmup_steps: 50, schedule: cosine, "
    "checkpoint_steps: 1000, validation_steps: 1000, export: last}}"
)
IN_SMALL_BATCHES = (
    "{{max_steps: {steps}, batch_tokens: 1024, learning_rate: 0.003, warmup_steps: 40, schedule: cosine, "
    "label_smoothing: 0.0, checkpoint_steps: 1000, validation_steps: 1000, export: last}}"
)
"""Half the tokens an update, so more updates for the work."""
OTHERWISE_TRAINED = {"bert": (350, IN_SMALL_BATCHES), "gpt": (350, IN_SMALL_BATCHES)}
"""Updates, and the section; the others have `STEPS` and `TRAINING`."""
COMMON = {
    "decoding": "{strategy: greedy, max_length: 40}",
    # What the weak ones say repeats itself; scores are what is looked at here.
    "gate": "{max_failures: {}}",
    "serving_probe": "{sentences: 4}",
}
UNTRAINED_TIMES = 5


@dataclass(frozen=True)
class Quickstart:
    """The generated corpus, a configuration whose stages before training have run, and what needs no learning."""

    config: Path
    references: tuple[str, ...]
    nearest_sentence_bleu: float
    """BLEU of the translations of the nearest training sentences."""

    @property
    def test_file(self) -> Path:
        """The test split's sources."""
        return self.config.parent / "corpus" / "test.en.gz"


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Quickstart:
    """Made once: every architecture's run finds the stages before training in the cache."""
    directory = tmp_path_factory.mktemp("architectures") / "quickstart"
    assert main(["init", str(directory)]) == 0
    config = directory / "pipeline.yaml"
    assert main(["run", str(config), "--to", "transform", *settings(COMMON)]) == 0
    corpus = generate(QUICKSTART_SEED)
    train, test = corpus["train"], corpus["test"]
    references = tuple(pair.target for pair in test)
    return Quickstart(config, references, bleu(_nearest(train, test), references))


def _nearest(train: tuple[QuickstartPair, ...], test: tuple[QuickstartPair, ...]) -> list[str]:
    nearest = NearestSentence([pair.source for pair in train])
    return [train[nearest.index_of_nearest(pair.source)].target for pair in test]


def settings(given: dict[str, str]) -> list[str]:
    """As options of the command line."""
    return [word for key, value in given.items() for word in ("--set", f"{key}={value}")]


@pytest.fixture
def run(quickstart: Quickstart, capfd: pytest.CaptureFixture[str]) -> Iterator["Runs"]:
    """Commands in this process, which has imported TFX once."""
    yield Runs(quickstart, InProcess(capfd))


class Runs:
    """Runs commands for one architecture at a time."""

    def __init__(self, quickstart: Quickstart, inside: InProcess) -> None:
        self._quickstart, self._inside = quickstart, inside

    def pipeline(self, name: str, *options: str, updates: int | None = None) -> Any:
        """`seq2seq run`: its result. Each architecture has its own folder of versions, so none is judged by another."""
        steps, training = OTHERWISE_TRAINED.get(name, (STEPS, TRAINING))
        own = {
            "model": ARCHITECTURES[name],
            "training": training.format(steps=updates or steps),
            "push.directory": f"{name}-pushed",
        }
        if name in PRETRAINING:
            own["pretraining"] = PRETRAINING[name]
        words: list[str | Path] = ["run", self._quickstart.config, "--json", *options, *settings({**COMMON, **own})]
        done = self._inside(*words)
        assert done.status == 0, done.errors
        return done.document

    def bleu_of_initial_weights(self, name: str) -> float:
        """One update is the least there is; the warm-up makes it a fiftieth of the others."""
        self.pipeline(name, "--to", "export", updates=1)
        exports = self._quickstart.config.parent.glob("work/artifacts/export/exported_model/*")
        newest = max(exports, key=lambda path: int(path.name))
        reference = self._quickstart.test_file.with_name("test.es.gz")
        done = self._inside(
            "evaluate", "--json", "--model", newest, "--source", self._quickstart.test_file, "--reference", reference
        )
        assert done.status == 0, done.errors
        return float(done.document["scores"]["bleu"]["value"])

    def translations(self, pushed: str, output: Path) -> list[str]:
        """`seq2seq translate` on the test split."""
        done = self._inside("translate", "--model", pushed, "--input", self._quickstart.test_file, "--output", output)
        assert done.status == 0, done.errors
        return output.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_it_is_pushed_and_translates_better_than_without_learning(
    name: str, run: Runs, quickstart: Quickstart, tmp_path: Path
) -> None:
    chosen = yaml.safe_load(ARCHITECTURES[name])
    attends = chosen.get("attention") != "none"
    bound = quickstart.nearest_sentence_bleu if attends else UNTRAINED_TIMES * run.bleu_of_initial_weights(name)

    result = run.pipeline(name)
    assert executed(result) == [*(["pretraining"] if name in PRETRAINING else []), *MODEL_STAGES]
    pushed = json.loads((Path(result["pushed"]) / "export.json").read_bytes())
    assert {key: pushed["model"][key] for key in chosen} == chosen
    if name in PRETRAINING:
        _keeps_what_was_pretrained(name, run)

    translations = run.translations(result["pushed"], tmp_path / "translated.txt")
    score = bleu(translations, quickstart.references)
    print(f"{name}: BLEU {score:.2f}, bound {bound:.2f}")
    assert score > bound


def _keeps_what_was_pretrained(name: str, run: Runs) -> None:
    assert executed(run.pipeline(name)) == []
    trained_otherwise = run.pipeline(name, "--to", "training", updates=1)
    assert executed(trained_otherwise) == ["training"]
    assert "pretraining" in {each["name"] for each in trained_otherwise["stages"]}
