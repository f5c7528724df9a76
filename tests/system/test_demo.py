"""The demo, as `make demo` runs it after set-up: what a newcomer sees."""

import gzip
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import sacrebleu
from baselines import NearestSentence, bleu, dictionary_translation
from sabotaged_models import FAULTS, cut, sabotaged
from small import seq2seq

from seq2seq_tfx.components.quickstart.corpus import generate
from seq2seq_tfx.components.quickstart.lexicon import lexicon_base_forms
from seq2seq_tfx.components.serving_probe.stage import probe
from seq2seq_tfx.pipeline.planning import SUPPORT
from seq2seq_tfx.pipeline.stages import NAMES
from seq2seq_tfx.schemas.config.serving_probe import ServingProbeConfig

REPOSITORY = Path(__file__).parents[2]
MOST_SECONDS = 600
MOST_MEMORY_MIB = 6 * 1024
JUDGED_SENTENCES = 60
"""Of a sabotaged model, which would translate all of them slowly."""


@dataclass(frozen=True)
class Demo:
    """What the demo printed and left."""

    directory: Path
    output: str
    errors: str
    seconds: float
    peak_memory_mib: float

    @property
    def config(self) -> Path:
        """Its configuration."""
        return self.directory / "pipeline.yaml"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run once for this module."""
    directory = tmp_path_factory.mktemp("demo") / "demo"
    output, errors = directory.parent / "output", directory.parent / "errors"
    command = [sys.executable, str(REPOSITORY / "scripts" / "demo.py"), str(directory)]
    started = time.monotonic()
    with output.open("w") as out, errors.open("w") as err:
        process = psutil.Popen(command, stdout=out, stderr=err)
        peak = _watch(process)
    assert process.returncode == 0, errors.read_text()[-3000:]
    yield Demo(directory, output.read_text(), errors.read_text(), time.monotonic() - started, peak)


def _watch(process: psutil.Popen) -> float:
    """The largest resident memory of the process and its children together, MiB."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(_memory, [process, *process.children(recursive=True)])))
        time.sleep(0.5)
    return peak


def _memory(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.Error:
        return 0.0


def test_it_ends_in_time_and_within_memory(demo: Demo) -> None:
    print(f"demo: {demo.seconds:.0f} s, {demo.peak_memory_mib:.0f} MiB")
    assert demo.seconds < MOST_SECONDS
    assert demo.peak_memory_mib < MOST_MEMORY_MIB


def test_it_shows_scores_with_signatures_translations_times_and_the_pushed_version(demo: Demo) -> None:
    for metric, signature in (("BLEU", "tok:13a"), ("chrF", "nc:6"), ("TER", "tok:tercom")):
        assert re.search(rf"^all +{metric} .*nrefs:1\|.*{signature}.*version:", demo.output, re.MULTILINE)
    assert f"pushed: {demo.directory / 'work' / 'pushed' / '1'}" in demo.output
    assert re.search(r"^training +\d+:\d\d", demo.output, re.MULTILINE)
    shown = re.findall(r"^  source +(.+)$", demo.output, re.MULTILINE)
    assert len(shown) == 5
    corpus = generate(seed=1)
    assert not {pair.source for pair in corpus["train"]} & set(shown)
    assert {pair.source for pair in corpus["test"]} >= set(shown)


def test_it_learned_what_neither_a_dictionary_nor_the_nearest_sentence_knows(demo: Demo) -> None:
    corpus = generate(seed=1)
    train, test = corpus["train"], corpus["test"]
    references = [pair.target for pair in test]
    lexicon, nearest = lexicon_base_forms(), NearestSentence([pair.source for pair in train])
    by_dictionary = bleu([dictionary_translation(pair.source, lexicon) for pair in test], references)
    by_nearest = bleu([train[nearest.index_of_nearest(pair.source)].target for pair in test], references)
    learned = _stored_bleu(demo)
    print(f"BLEU: model {learned:.1f}, dictionary {by_dictionary:.1f}, nearest sentence {by_nearest:.1f}")
    assert learned >= 70
    assert by_dictionary <= 40
    assert by_nearest <= 40
    trained_combinations = {name for pair in train for name in pair.combinations}
    assert all(pair.held_out and not trained_combinations & set(pair.held_out) for pair in test)


def test_sacrebleus_own_program_prints_the_stored_score_for_translate(demo: Demo, tmp_path: Path) -> None:
    source, reference = (demo.directory / "corpus" / f"test.{language}.gz" for language in ("en", "es"))
    output, plain = tmp_path / "output.txt", tmp_path / "reference.txt"
    plain.write_bytes(subprocess.run(["gzip", "-dc", str(reference)], capture_output=True, check=True).stdout)
    pushed = demo.directory / "work" / "pushed"
    done = seq2seq("translate", "--model", pushed, "--input", source, "--output", output)
    assert done.status == 0, done.errors
    program = [sys.executable, "-m", "sacrebleu", str(plain), "-i", str(output), "-m", "bleu", "-b", "-w", "10"]
    printed = float(subprocess.run(program, capture_output=True, text=True, check=True).stdout)
    assert printed == pytest.approx(_stored_bleu(demo), abs=1e-9)
    assert sacrebleu.__version__ in demo.output


@pytest.mark.parametrize("fault", FAULTS)
def test_the_gate_refuses_the_pushed_model_with_other_weights(demo: Demo, tmp_path: Path, fault: str) -> None:
    version, files = demo.directory / "work/pushed/1", []
    for language in ("en", "es"):
        lines = gzip.decompress((demo.directory / f"corpus/test.{language}.gz").read_bytes()).splitlines(keepends=True)
        files.append(tmp_path / language)
        files[-1].write_bytes(b"".join(lines[:JUDGED_SENTENCES]))
    words = ("--model", sabotaged(version, tmp_path / "model", fault), "--against", version)
    done = seq2seq("evaluate", *words, "--source", files[0], "--reference", files[1], "--json")
    assert done.status == 3, done.errors
    reasons = done.document["reasons"]
    assert any(reason.endswith("is below the lowest allowed, 50") for reason in reasons), reasons
    assert any("points worse than the model in use" in reason for reason in reasons), reasons


def test_the_probe_refuses_the_pushed_model_when_its_weights_are_cut(demo: Demo, tmp_path: Path) -> None:
    report = probe(cut(demo.directory / "work/pushed/1", tmp_path / "model"), ["A dog sleeps."], ServingProbeConfig())
    assert not report.blessed
    assert "the export must load and translate, but the process ended with " in report.reasons[0]


def test_every_line_on_the_screen_is_ours(demo: Demo) -> None:
    stages = "|".join(name for name in NAMES if name not in SUPPORT) + "|baseline"
    ours = re.compile(
        rf"({stages})( +done in \d+:\d\d$| +cached$|: | \(at most )|"
        r"generating the quickstart|wrote |next: |starting; |transformer with |step \d+: eval loss |translating the |"
        r"\d+ sentences of the test split: |the gate lets |pushed as version "
    )
    foreign = [line for line in demo.errors.splitlines() if line and not ours.match(line)]
    assert foreign == []


def test_it_runs_no_stage_when_run_again(demo: Demo) -> None:
    done = seq2seq("run", demo.config, "--json")
    assert done.status == 0
    assert [each for each in json.loads(done.output)["stages"] if each["executed"]] == []


def _stored_bleu(demo: Demo) -> float:
    scores = seq2seq("run", demo.config, "--json").document["scores"]
    (value,) = (row["value"] for row in scores if row["slice"] == "all" and row["metric"] == "bleu")
    return float(value)
