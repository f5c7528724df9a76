"""What re-runs after each kind of change, and that `plan` foretells it."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from small import executed, seq2seq, versions, weights_sha256, would_run, write_pipeline

import seq2seq_tfx
from seq2seq_tfx.pipeline.cli import main

ALL = [
    "corpus", "vocabulary", "statistics", "schema", "validation", "transform", "training", "export",
    "probe", "translations", "evaluation", "gate", "push",
]  # fmt: skip
FROM_EXPORT = ALL[ALL.index("export") :]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small pipeline; the tests of this module run on it in their order."""
    return write_pipeline(tmp_path_factory.mktemp("changes"))


@pytest.fixture
def both(config: Path, capsys: pytest.CaptureFixture[str]) -> Iterator["Both"]:
    """Plan and run in this process, which has imported TFX once."""
    yield Both(config, capsys)


class Both:
    """Runs `plan`, then `run`, and holds one against the other."""

    def __init__(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._config, self._capsys = config, capsys

    def __call__(self, *options: str) -> list[str]:
        """The stages executed, which are those planned."""
        self._capsys.readouterr()
        assert main(["plan", str(self._config), "--json", *options]) == 0
        planned = would_run(json.loads(self._capsys.readouterr().out))
        assert main(["run", str(self._config), "--json", *options]) == 0
        ran = executed(json.loads(self._capsys.readouterr().out))
        assert ran == planned
        return ran


def test_everything_runs_the_first_time(both: Both, config: Path) -> None:
    assert both() == ALL
    assert versions(config) == ["1"]


def test_nothing_runs_and_every_stage_says_why_when_nothing_changed(both: Both, config: Path) -> None:
    before = _tree(config.parent / "work" / "pushed")
    assert both() == []
    done = seq2seq("run", config)
    assert done.status == 0
    for stage in ALL:
        assert any(
            line.startswith(stage) and "same settings, code and input" in line for line in done.errors.splitlines()
        )
    assert _tree(config.parent / "work" / "pushed") == before


def test_nothing_runs_when_a_corpus_file_is_touched(both: Both, config: Path) -> None:
    os.utime(config.parent / "train.en.gz")
    assert both() == []


def test_nothing_runs_when_a_comment_of_the_configuration_changes(both: Both, config: Path) -> None:
    config.write_text(config.read_text() + "# a comment\n")
    assert both() == []


def test_status_traces_the_pushed_model_to_every_corpus_file(config: Path) -> None:
    status = seq2seq("status", config, "--json").document
    files = {Path(each["path"]).name: each["sha256"] for each in status["pushed"]["corpus_files"]}
    given = {path.name: _sha256(path) for path in config.parent.glob("*.gz")}
    assert files == given
    assert [step["stage"] for step in status["pushed"]["lineage"]][0] == "corpus"


def test_only_the_gate_and_push_run_when_the_gate_changes(both: Both, config: Path) -> None:
    assert both("--set", "gate.max_loss={bleu: 99, chrf: 99}") == ["gate", "push"]
    assert versions(config) == ["1"]


def test_export_and_later_run_when_decoding_changes(both: Both, config: Path) -> None:
    before = weights_sha256(config)
    assert both("--set", "decoding.max_length=23") == FROM_EXPORT
    assert weights_sha256(config) == before
    assert versions(config) == ["1", "2"]


def test_everything_after_ingestion_runs_when_one_byte_changes(both: Both, config: Path) -> None:
    corpus = config.parent / "train.en.gz"
    before = corpus.stat()
    _change_one_letter(corpus)
    os.utime(corpus, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert corpus.stat().st_size == before.st_size
    assert both() == [name for name in ALL if name != "schema"]


def test_a_refused_model_ends_with_three_again_and_again(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [str(config), "--set", "gate.minima={bleu: 99.9}"]
    pushed = versions(config)
    assert main(["run", *options]) == 3
    assert "bleu" in capsys.readouterr().err.lower()
    assert main(["run", *options]) == 3
    assert versions(config) == pushed
    capsys.readouterr()
    assert main(["status", str(config)]) == 0
    assert "the gate refuses the model:\n  BLEU " in capsys.readouterr().out


def test_an_accepted_model_is_pushed_and_an_unchanged_run_ends_with_0(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [str(config), "--set", "gate.minima={bleu: 99.9}", "--set", "decoding.max_length=22"]
    pushed = versions(config)
    assert main(["run", *options]) == 3
    assert main(["run", *options, "--accept", "a demonstration"]) == 0
    assert versions(config) == [*pushed, str(len(pushed) + 1)]
    version = config.parent / "work/pushed" / versions(config)[-1]
    assert (
        json.loads((version / "provenance.json").read_text())["decision"]["acceptance"]["reason"] == "a demonstration"
    )
    assert "The gate refused this model" in (version / "model_card.md").read_text()
    capsys.readouterr()
    assert main(["run", *options, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert executed(result) == []
    assert (result["gate"]["verdict"], result["gate"]["acceptance"]["reason"]) == ("accepted", "a demonstration")


def test_a_stages_code_re_runs_it_and_later_ones_only(config: Path, tmp_path: Path) -> None:
    copy = _copy_of_package(tmp_path)
    assert _plan_with(copy, config) == []
    module = copy / "seq2seq_tfx/components/exporting/settings.py"
    module.write_text(module.read_text() + "\n# a comment\n")
    assert _plan_with(copy, config) == []
    module.write_text(module.read_text() + "\nCHANGED = 1\n")
    (copy / "seq2seq_tfx/pipeline/root.py").write_text(
        (copy / "seq2seq_tfx/pipeline/root.py").read_text() + "\nCHANGED = 1\n"
    )
    planned = _plan_with(copy, config)
    assert planned == FROM_EXPORT
    done = seq2seq_with(copy, "run", str(config), "--json")
    assert executed(json.loads(done)) == planned


def _copy_of_package(directory: Path) -> Path:
    package = directory / "seq2seq_tfx"
    for name in ("schemas", "components", "pipeline"):
        source = Path(seq2seq_tfx.__file__).parent.parent.parent / name
        shutil.copytree(source, package / name, ignore=shutil.ignore_patterns("__pycache__", "_package"))
    shutil.copy(seq2seq_tfx.__file__, package / "__init__.py")
    shutil.copy(Path(__file__).parents[2] / "requirements/compat.txt", package)  # as in a wheel
    return directory


def _plan_with(copy: Path, config: Path) -> list[str]:
    return would_run(json.loads(seq2seq_with(copy, "plan", str(config), "--json")))


def seq2seq_with(copy: Path, *words: str) -> str:
    """Run the command line out of a copy of the package."""
    command = [sys.executable, "-m", "seq2seq_tfx.pipeline.cli", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _change_one_letter(path: Path) -> None:
    """Change a letter so that the compressed file keeps its size."""
    size = path.stat().st_size
    text = gzip.decompress(path.read_bytes())
    for position in range(len(text)):
        if text[position : position + 1].islower():
            for letter in b"abcdefghijklmnopqrstuvwxyz":
                changed = text[:position] + bytes([letter]) + text[position + 1 :]
                packed = gzip.compress(changed, mtime=0)
                if changed != text and len(packed) == size:
                    path.write_bytes(packed)
                    return
    raise AssertionError("no letter could be changed at equal size")


def _tree(directory: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(directory.rglob("*"))}


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()
