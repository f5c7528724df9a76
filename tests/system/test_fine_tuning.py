"""A pushed version goes on to be trained: its weights are where the new training starts."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from small import CONFIG, Finished, InProcess, training_record, would_run, write_corpora, write_pipeline

from seq2seq_tfx.components.quickstart.corpus import generate

SHARED = {
    "vocabulary": "{size: 2000}",
    "model": "{family: transformer, layers: 2, width: 128, feedforward: 256, heads: 4, dropout: 0.1}",
    "training": "{max_steps: 300, batch_tokens: 4096, learning_rate: 0.003, warmup_steps: 50, schedule: cosine, "
    "checkpoint_steps: 1000, validation_steps: 1000, export: last}",
    "decoding": "{strategy: greedy, max_length: 40}",
}
"""The sections of both pipelines that differ from those of `CONFIG`."""
TUNING = {
    "training.max_steps": "60",
    "training.learning_rate": "0.001",
    "training.warmup_steps": "10",
    "training.initialise_from": "../general/work/pushed/1",
}
FEWEST_POINTS = 5


def test_training_goes_on_from_a_pushed_version(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config, inside = write_pipeline(tmp_path), InProcess(capfd)
    assert inside("run", config).status == 0
    before = [point["eval_loss"] for point in training_record(config)["validations"]]

    tuning = [
        word
        for setting in (
            "initialise_from=work/pushed/1", "max_steps=4", "validation_steps=2", "learning_rate=0.0001", "export=best",
            "optimizer=adafactor", "validation.metric=chrf",
        )
        for word in ("--set", f"training.{setting}")
    ]  # fmt: skip
    assert would_run(inside("plan", config, "--json", *tuning).document)[0] == "training"
    done = inside("run", config, "--to", "training", *tuning)
    assert done.status == 0, done.errors
    record = training_record(config)
    after = [point["eval_loss"] for point in record["validations"]]
    assert record["first_step"] == 0 and len(after) == 2
    # The exported weights are the mean of two validation points', so their loss is between those points' losses.
    assert max(after) < before[0], "it starts where the other ended"

    other = inside("run", config, "--to", "training", *tuning, "--set", "model.width=64")
    assert other.status == 2
    assert "width is 64 here and 32 there" in other.errors


def test_a_second_corpus_is_translated_better_after_fine_tuning_on_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    general, chat, inside = tmp_path / "general", tmp_path / "chat", InProcess(capfd)
    train = [(pair.source, pair.target) for pair in generate(seed=3)["train"]]
    chatted = [(source, as_in_chats(target)) for source, target in train[20_000:]]
    configs = [
        _written(general, {"train": train[:19_600], "eval": train[19_600:19_800], "test": train[19_800:20_000]}),
        _written(chat, {"train": chatted[:3000], "eval": chatted[3000:3200], "test": chatted[3200:3500]}),
    ]
    assert _run(inside, configs[0], SHARED).status == 0
    before = _bleu(inside, general / "work/pushed/1", chat)

    # The vocabulary that the chats alone would have is not that of the pushed version.
    refused = _run(inside, configs[1], {**SHARED, **TUNING}, "--to", "training")
    assert refused.status == 2
    assert "training.initialise_from must have the vocabulary of this run" in refused.errors

    vocabulary = {"vocabulary": "{pretrained: ../general/work/pushed/1/vocabulary.model}"}
    done = _run(inside, configs[1], {**SHARED, **TUNING, **vocabulary})
    assert done.status == 0, done.errors
    after = _bleu(inside, chat / "work/pushed/1", chat)
    print(f"BLEU on the second corpus: {before:.2f} before, {after:.2f} after")
    assert after > before + FEWEST_POINTS


def as_in_chats(spanish: str) -> str:
    """How some write messages: no capitals, no mark at the end, `q` for `que`; and pesos, where they are paid."""
    plain = re.sub(r"[¿?.,]", "", spanish).lower()
    return re.sub(r"\beuros\b", "pesos", re.sub(r"\bque\b", "q", plain))


def _written(directory: Path, splits: Mapping[str, Sequence[tuple[str, str]]]) -> Path:
    """A pipeline's corpora and configuration."""
    write_corpora(directory, splits)
    path = directory / "pipeline.yaml"
    path.write_text(CONFIG)
    return path


def _run(inside: InProcess, config: Path, settings: Mapping[str, str], *options: str) -> Finished:
    chosen = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    return inside("run", config, *options, *chosen)


def _bleu(inside: InProcess, model: Path, corpus: Path) -> float:
    """`seq2seq evaluate` on a corpus's test split."""
    files = ("--source", corpus / "test.en.gz", "--reference", corpus / "test.es.gz")
    done = inside("evaluate", "--json", "--model", model, *files)
    assert done.status == 0, done.errors
    return float(done.document["scores"]["bleu"]["value"])
