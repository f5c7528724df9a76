"""Set-up says in one sentence what is missing, and does nothing where all is done."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rules.source import REPOSITORY

TOOLS = ("sh", "dirname", "cat", "cut", "sha256sum", "rm", "mkdir", "pwd")
INPUTS = ("requirements/compat.txt", "setup.py", "pipeline/_package/__init__.py")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of a clone as set-up reads, and a folder `bin` of the most ordinary tools only."""
    for name in (*INPUTS, "requirements/uv.txt", "scripts/setup.sh"):
        target = tmp_path / "clone" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, target)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path / "clone"


def set_up(clone: Path, python: str = "") -> subprocess.CompletedProcess[str]:
    """Run the script with nothing but the tools of `bin`, in a home of its own."""
    environment = {"PATH": str(clone.parent / "bin"), "HOME": str(clone.parent), "SEQ2SEQ_PYTHON": python}
    return subprocess.run([clone / "scripts/setup.sh"], env=environment, capture_output=True, text=True, check=False)


def add_compiler(clone: Path) -> None:
    """A `g++` that is there."""
    (clone.parent / "bin/g++").symlink_to("/bin/true")


def python_without_headers(clone: Path) -> str:
    """A Python 3.10 that says it has no Python.h."""
    script = clone.parent / "bin/python3.10"
    answers = 'case "$2" in *Python.h*) exit 1;; *_base_executable*) echo "$0"; exit 0;; esac'
    script.write_text(f'#!/bin/sh\n{answers}\nexec {sys.executable} "$@"\n')
    script.chmod(0o755)
    return str(script)


def test_one_sentence_names_the_compiler_when_it_is_missing(clone: Path) -> None:
    done = set_up(clone, sys.executable)
    assert done.returncode == 1
    assert done.stderr == "set-up: this needs a C++ compiler (`apt-get install g++`); install and try again.\n"


def test_one_sentence_names_python_when_there_is_no_3_10(clone: Path) -> None:
    add_compiler(clone)
    done = set_up(clone)
    assert done.returncode == 1
    assert done.stderr == (
        "set-up: this needs Python 3.10 with its headers (`uv python install 3.10`, `pyenv install 3.10`, or "
        "`apt-get install python3.10-dev`); install and try again.\n"
    )


def test_one_sentence_names_the_headers_when_python_has_none(clone: Path) -> None:
    add_compiler(clone)
    done = set_up(clone, python_without_headers(clone))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Python.h (`apt-get install python3.10-dev`); install and try again." in done.stderr


def test_one_sentence_names_both_when_python_and_compiler_are_missing(clone: Path) -> None:
    done = set_up(clone)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Python 3.10 with its headers" in done.stderr and "and a C++ compiler" in done.stderr


def stamp(clone: Path) -> None:
    """Make the clone look as set-up leaves it."""
    (clone / ".venv/bin").mkdir(parents=True, exist_ok=True)
    (clone / ".venv/bin/python").symlink_to(sys.executable)
    content = b"".join((clone / name).read_bytes() for name in INPUTS) + f"{clone}\n".encode()
    (clone / ".venv/.seq2seq-stamp").write_text(hashlib.sha256(content).hexdigest() + "\n")


def test_a_second_call_does_nothing_and_takes_no_time_when_nothing_changed(clone: Path) -> None:
    stamp(clone)
    started = time.perf_counter()
    done = set_up(clone)
    assert (done.returncode, done.stderr) == (0, "")
    assert time.perf_counter() - started < 2.0


@pytest.mark.parametrize("name", INPUTS)
def test_set_up_starts_again_when_what_it_installs_changed(clone: Path, name: str) -> None:
    stamp(clone)
    with (clone / name).open("a") as stream:
        stream.write("# changed\n")
    assert set_up(clone).returncode == 1  # it looks for a compiler again


def test_this_environment_was_made_by_set_up_or_has_the_package_in_place() -> None:
    import seq2seq_tfx.schemas

    assert Path(os.path.realpath(seq2seq_tfx.schemas.__path__[0])) == REPOSITORY / "schemas"
