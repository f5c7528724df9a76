"""The wheel, installed in an environment outside the clone, runs the quickstart from nothing to a translation."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
QUICKER = (
    "training.max_steps=40", "training.validation_steps=20", "training.checkpoint_steps=20", "decoding.strategy=greedy",
    "decoding.max_length=16", "gate.minima={bleu: 0}", "gate.max_failures={}",
)  # fmt: skip
"""The quickstart as `init` writes it, less most of its training."""


def test_the_wheel_runs_the_quickstart_outside_the_clone(tmp_path: Path) -> None:
    bin_folder = _installed(tmp_path / "venv", _wheel(tmp_path / "copy"))
    quickstart = tmp_path / "quickstart"
    _run(tmp_path, bin_folder / "seq2seq", "init", quickstart)
    settings = [word for setting in QUICKER for word in ("--set", setting)]
    output = _run(tmp_path, bin_folder / "seq2seq", "run", quickstart / "pipeline.yaml", *settings)
    assert f"pushed: {quickstart / 'work' / 'pushed' / '1'}" in output

    provenance = json.loads((quickstart / "work/pushed/1/provenance.json").read_text())
    lock = (REPOSITORY / "requirements/compat.txt").read_bytes()
    assert provenance["lock_sha256"] == hashlib.sha256(lock).hexdigest()

    source, translated = tmp_path / "source.txt", tmp_path / "translated.txt"
    source.write_text("The red house is old.\nWe do not see the dogs.\n")
    pushed = quickstart / "work" / "pushed"
    _run(tmp_path, bin_folder / "seq2seq", "translate", "--model", pushed, "--input", source, "--output", translated)
    assert len(translated.read_text().splitlines()) == 2


def _wheel(copy: Path) -> Path:
    """Built from a copy, so that nothing of the clone is needed afterwards and nothing is left in it."""
    copy.mkdir()
    for name in ("schemas", "components", "pipeline"):
        shutil.copytree(REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "LICENSE"):
        shutil.copy(REPOSITORY / name, copy)
    (copy / "requirements").mkdir()
    shutil.copy(REPOSITORY / "requirements/compat.txt", copy / "requirements")
    _run(copy, sys.executable, "setup.py", "-q", "bdist_wheel")
    (built,) = (copy / "dist").glob("*.whl")
    return built


def _installed(environment: Path, wheel: Path) -> Path:
    """The folder of programs of a new environment that holds the lock's packages and the wheel, nothing else."""
    uv = shutil.which("uv") or str(REPOSITORY / ".build/uv/bin/uv")
    lock = REPOSITORY / "requirements/compat.txt"
    python = environment / "bin/python"
    _run(REPOSITORY, uv, "venv", "--quiet", "--python", sys.executable, environment)
    install = (uv, "pip", "install", "--quiet", "--python", python)
    _run(REPOSITORY, *install, "--require-hashes", "--build-constraints", lock, "--requirement", lock)
    _run(REPOSITORY, *install, "--no-deps", wheel)
    return environment / "bin"


def _run(folder: Path, *words: str | Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        list(map(str, words)), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
