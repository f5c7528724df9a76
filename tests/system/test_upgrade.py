"""A root and a pushed version written by this project's first complete program: today's translates, shows and runs."""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from small import InProcess, executed, versions, would_run, write_pipeline

REPOSITORY = Path(__file__).parents[2]
FIRST_PROGRAM = "d50bedc29e93cfd39b9c3934c6a8e888d9f79ecd"
"""The last commit of the project's first day, on which it could run from text to a pushed model."""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline that the first program ran; the tests of this module go on with it in their order."""
    folder = tmp_path_factory.mktemp("upgrade")
    _write_first_program(folder / "program")
    path = write_pipeline(folder / "pipeline")
    today = path.read_text()
    path.write_text(_as_the_first_program_knew_it(today))
    command = [sys.executable, "-m", "seq2seq_tfx.pipeline.cli", "run", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(folder / "program")}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder / "program", env=environment, check=False)
    assert done.returncode == 0, done.stderr
    path.write_text(today)
    return path


def _as_the_first_program_knew_it(text: str) -> str:
    """Its gate had fewer bounds."""
    return "".join("gate: {max_loss: {}}\n" if line.startswith("gate:") else line for line in text.splitlines(True))


def _write_first_program(folder: Path) -> None:
    archive = subprocess.run(
        ["git", "archive", FIRST_PROGRAM, "schemas", "components", "pipeline"],
        cwd=REPOSITORY, capture_output=True, check=False,
    )  # fmt: skip
    if archive.returncode != 0:
        pytest.skip(f"commit {FIRST_PROGRAM[:7]} is not in this clone: fetch the project's whole history")
    package = folder / "seq2seq_tfx"
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(package)  # of our own history
    (package / "pipeline/_package/__init__.py").rename(package / "__init__.py")


@pytest.fixture
def inside(capfd: pytest.CaptureFixture[str]) -> InProcess:
    return InProcess(capfd)


def test_its_version_is_listed_and_shown(inside: InProcess, config: Path) -> None:
    (listed,) = inside("models", config, "list", "--json").document["models"]
    assert (listed["version"], listed["current"], listed["replaced"]) == (1, True, None)
    assert listed["scores"]["bleu"]["signature"].startswith("nrefs:1|")
    shown = inside("models", config, "show")
    assert shown.status == 0 and "# small, version 1" in shown.output


def test_its_version_translates(inside: InProcess, config: Path, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("The dog sleeps.\n\nThe house is red.\n")
    done = inside("translate", "--model", config.parent / "work/pushed", "--input", tmp_path / "in.txt",
                  "--output", tmp_path / "out.txt")  # fmt: skip
    assert done.status == 0, done.errors
    lines = (tmp_path / "out.txt").read_text().splitlines()
    assert len(lines) == 3 and lines[0] and lines[1] == ""


def test_its_root_tells_where_the_version_came_from(inside: InProcess, config: Path) -> None:
    status = inside("status", config, "--json").document
    assert len(status["runs"]) == 1
    assert {Path(each["path"]).name for each in status["pushed"]["corpus_files"]} == {
        path.name for path in config.parent.glob("*.gz")
    }


def test_its_root_runs_on_and_the_new_model_is_compared_with_its_version(inside: InProcess, config: Path) -> None:
    planned = would_run(inside("plan", config, "--json").document)
    done = inside("run", config, "--json")
    assert done.status == 0, done.errors
    assert executed(done.document) == planned != []
    (shown,) = [each for each in inside("models", config, "list", "--json").document["models"] if each["current"]]
    assert (shown["version"], shown["replaced"]) == (2, 1)


def test_its_version_can_be_gone_back_to_and_stays_when_cleaned(inside: InProcess, config: Path) -> None:
    assert inside("models", config, "rollback").status == 0
    assert "versions: 1 }" in (config.parent / "work/pushed/tensorflow_serving.config").read_text()
    cleaned = inside("clean", config, "--keep", "1")
    assert cleaned.status == 0, cleaned.errors
    assert versions(config) == ["1", "2"]
    assert executed(inside("run", config, "--json").document) == []
    assert inside("status", config, "--json").document["pushed"]["version"] == 1
