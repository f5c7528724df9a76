"""The wheel holds everything, the lock holds no address, and metadata and lock ask for the same things."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
LOCK = REPOSITORY / "requirements/compat.txt"
LAYERS = ("schemas", "components", "pipeline")


def installed_name(path: Path) -> str:
    """Where a source file lies in the wheel."""
    relative = path.relative_to(REPOSITORY).as_posix()
    return f"seq2seq_tfx/{relative.removeprefix('pipeline/_package/')}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The project's wheel, built from a copy."""
    copy = tmp_path_factory.mktemp("copy") / "project"
    copy.mkdir()
    for layer in LAYERS:
        shutil.copytree(REPOSITORY / layer, copy / layer, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "LICENSE"):
        shutil.copy(REPOSITORY / name, copy)
    (copy / "requirements").mkdir()
    shutil.copy(LOCK, copy / "requirements")
    command = [sys.executable, "setup.py", "-q", "bdist_wheel"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = (copy / "dist").glob("seq2seq_tfx-*-py3-none-any.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_every_source_file_and_nothing_else_when_built(wheel: zipfile.ZipFile) -> None:
    files = [path for layer in LAYERS for path in (REPOSITORY / layer).rglob("*") if path.is_file()]
    wanted = {installed_name(path) for path in files if path.suffix != ".pyc"}
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == {*wanted, "seq2seq_tfx/compat.txt"}
    assert wheel.read("seq2seq_tfx/compat.txt") == LOCK.read_bytes()
    assert "seq2seq_tfx/py.typed" in held


def test_the_wheel_brings_the_command_and_the_licence_when_built(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("/entry_points.txt"))
    assert "seq2seq = seq2seq_tfx.pipeline.cli:main" in wheel.read(entry_points).decode()
    assert any(name.endswith("LICENSE") for name in wheel.namelist())


def test_metadata_and_lock_ask_for_the_same_packages() -> None:
    declared = re.search(r"install_requires=\[(.*?)\n    \]", (REPOSITORY / "setup.py").read_text(), re.DOTALL)
    assert declared is not None
    wanted = {re.split(r"[\[<>=]", name)[0] for name in re.findall(r'"([^"]+)"', declared[1])}
    before_tests = (REPOSITORY / "requirements/compat.in").read_text().partition("# What its tests")[0]
    lines = [line for line in before_tests.splitlines() if line and not line.startswith("#")]
    assert {re.split(r"[\[<>=]", line)[0] for line in lines} == wanted


@pytest.mark.parametrize("name", ["compat.txt", "uv.txt"])
def test_every_package_of_a_lock_has_an_exact_version_and_hashes_and_no_address(name: str) -> None:
    text = (REPOSITORY / "requirements" / name).read_text()
    assert "://" not in text
    assert not re.findall(r"^\s*(?:-i|--index|--extra-index|--find-links|-f|file:|@)", text, re.MULTILINE)
    entries = re.split(r"\n(?=[a-z0-9])", text.strip(), flags=re.IGNORECASE)
    assert len(entries) > (100 if name == "compat.txt" else 0)
    for entry in entries:
        assert re.match(
            r"[a-z0-9_.\[\]-]+==[^ ]+( ; [^\\]+)? \\\n {4}--hash=sha256:[0-9a-f]{64}", entry, re.IGNORECASE
        ), entry


@pytest.mark.parametrize(
    "pin", ["tfx==1.16.0", "tensorflow==2.16.2", "tensorflow-text==2.16.1", "apache-beam==2.62.0", "numpy==1."]
)
def test_the_lock_keeps_the_lanes_pins(pin: str) -> None:
    assert f"\n{pin}" in (REPOSITORY / "requirements/compat.txt").read_text()
