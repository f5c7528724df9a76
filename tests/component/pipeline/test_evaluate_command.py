"""`seq2seq evaluate` with a real SavedModel that only changes letters."""

import json
from pathlib import Path
from typing import Any

import pytest
import sacrebleu
import tensorflow as tf

from seq2seq_tfx.pipeline.cli import main

SOURCES = [
    "Der Hund läuft schnell nach Hause .",
    "",
    "Die Katze schläft heute im Garten .",
    "3,5 Äpfel kosten viel Geld .",
]
FIRST = [line.lower() for line in SOURCES]
SECOND = ["der hund rennt nach hause .", "leer", "die katze schläft im garten .", "3,5 äpfel sind teuer ."]
TRANSLATIONS = [line.replace("schnell", "nun").lower() for line in SOURCES]


class Lowercase(tf.Module):
    """Translates by writing everything small."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="source")])
    def translate(self, source: tf.Tensor) -> dict[str, tf.Tensor]:
        """The signature of an export."""
        text = tf.strings.lower(tf.strings.regex_replace(source, "schnell", "nun"), "utf-8")
        return {"translation": text, "score": tf.zeros(tf.shape(source))}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name=name) for name in ("source", "target")])
    def score(self, source: tf.Tensor, target: tf.Tensor) -> dict[str, tf.Tensor]:
        """Finds long translations improbable, and each the more so the shorter its source is."""
        lengths = [tf.cast(tf.strings.length(side), tf.float32) for side in (source, target)]
        return {"score": lengths[0] / 1000.0 - lengths[1]}


def signatures_of(module: Lowercase) -> dict[str, Any]:
    return {"serving_default": module.translate, "score": module.score}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pushed version in `pushed/1`, a source and two references."""
    folder = tmp_path_factory.mktemp("evaluate")
    module = Lowercase()
    tf.saved_model.save(module, str(folder / "pushed/1"), signatures=signatures_of(module))
    (folder / "pushed/1/export.json").write_text('{"export_id": "small"}')
    (folder / "pushed/current").write_text("1\n")
    for name, lines in (("source", SOURCES), ("first", FIRST), ("second", SECOND)):
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    (folder / "short").write_text("a\nb\n")
    (folder / "empty").write_text("")
    return folder


def words(folder: Path, source: str, *references: str) -> list[str]:
    paths = [str(folder / name) for name in references]
    return ["evaluate", "--model", str(folder / "pushed"), "--source", str(folder / source), "--reference", *paths]


def test_scores_equal_sacrebleu_with_several_references(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words(folder, "source", "first", "second"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    streams = [FIRST, SECOND]
    assert (found["export_id"], found["sentences"], found["model"]) == ("small", 4, str(folder / "pushed/1"))
    lengths = [(31, 27), (0, 0), (35, 35), (28, 28)]  # of two references as close, the shorter
    assert {name: each["value"] for name, each in found["scores"].items()} == {
        "bleu": sacrebleu.corpus_bleu(TRANSLATIONS, streams).score,
        "chrf": sacrebleu.corpus_chrf(TRANSLATIONS, streams).score,
        "chrf++": sacrebleu.corpus_chrf(TRANSLATIONS, streams, word_order=2).score,
        "ter": sacrebleu.corpus_ter(TRANSLATIONS, streams).score,
        "exact_match": 75.0,
        "length_ratio": sum(ours for ours, _ in lengths) / sum(theirs for _, theirs in lengths),
    }
    assert found["scores"]["bleu"]["signature"].startswith("nrefs:2|case:mixed|eff:no|tok:13a|")


def test_tokenizer_follows_the_version_and_can_be_set(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    provenance = folder / "pushed/1/provenance.json"
    provenance.write_text('{"config": {"languages": {"source": "de", "target": "zh"}}}')
    assert main(words(folder, "source", "first")) == 0
    assert "|tok:zh|" in capsys.readouterr().out
    assert main([*words(folder, "source", "first"), "--tokenizer", "char"]) == 0
    printed = capsys.readouterr().out
    assert "|tok:char|" in printed
    assert "on 4 sentences" in printed
    provenance.unlink()


def test_given_references_are_scored_when_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words(folder, "source", "first", "second"), "--score"]) == 0
    wanted = [
        [len(source.encode()) / 1000.0 - len(each.encode()) for each in both]
        for source, *both in zip(SOURCES, FIRST, SECOND, strict=True)
    ]
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert [len(line.split("\t")) for line in lines] == [2] * 4
    for line, row in zip(lines, wanted, strict=True):
        assert [float(each) for each in line.split("\t")] == pytest.approx(row, abs=1e-4)
    assert main([*words(folder, "source", "first", "second"), "--score", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["log_probabilities"] == [pytest.approx(row, abs=1e-4) for row in wanted]
    means = [sum(column) / 4 for column in zip(*wanted, strict=True)]
    assert found["means"] == pytest.approx(means, abs=1e-4)
    assert (found["export_id"], found["sentences"]) == ("small", 4)


def test_a_model_that_cannot_score_is_named(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    module = Lowercase()
    tf.saved_model.save(module, str(tmp_path / "other"), signatures={"serving_default": module.translate})
    arguments = words(folder, "source", "first")
    arguments[arguments.index("--model") + 1] = str(tmp_path / "other")
    assert main([*arguments, "--score"]) == 2
    assert "with the signature 'score'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "references", "options", "message"),
    [
        ("source", ["short"], [], "short has 2"),
        ("source", ["first", "short"], [], "short has 2"),
        ("empty", ["empty"], [], "must hold a sentence a line"),
        ("source", ["missing"], [], "missing must be a readable text file"),
        ("source", ["first"], ["--tokenizer", "words"], "--tokenizer must be 'auto', '13a'"),
        ("source", ["first"], ["--model", "nowhere"], "nowhere is no folder"),
        ("source", ["first"], ["--score", "--against", "nowhere"], "--score must stand without --against"),
    ],
)
def test_wrong_input_is_named(  # noqa: PLR0913  (a table of cases)
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    source: str,
    references: list[str],
    options: list[str],
    message: str,
) -> None:
    assert main([*words(folder, source, *references), *options]) == 2
    assert message in capsys.readouterr().err


def test_what_fails_is_counted_and_the_verdict_is_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words(folder, "source", "first")) == 0
    printed = capsys.readouterr().out
    assert "copied_source 1 of 4" in printed
    assert "source_length=1-40" not in printed or "BLEU" in printed
    assert "the gate " in printed


def test_two_versions_are_compared_as_the_gate_does(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--against", str(folder / "pushed/1"), "--json"]
    assert main([*words(folder, "source", "first"), *options]) == 0
    found = json.loads(capsys.readouterr().out)
    differences = found["against"]["differences"]
    assert {each["metric"] for each in differences} == {"bleu", "chrf", "chrf++", "ter", "exact_match"}
    assert all((each["gain"], each["interval"]) == (0.0, [0.0, 0.0]) for each in differences)
    assert main([*words(folder, "source", "first"), "--against", str(folder / "pushed/1")]) == 0
    assert "p (bootstrap)" in capsys.readouterr().out


def test_the_status_is_the_gates_when_two_are_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # The second reference of the last sentence is no copy of its source, the translation is one: 1 of 4.
    alone = words(folder, "source", "second")
    assert main([*alone, "--json"]) == 0  # the verdict is shown, but nothing was asked of the gate
    assert json.loads(capsys.readouterr().out)["verdict"] == "refused"
    assert main([*alone, "--against", str(folder / "pushed"), "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert (found["verdict"], len(found["reasons"])) == ("refused", 1)
    assert "1 of 4 translations (25.0%) repeat their source" in found["reasons"][0]
