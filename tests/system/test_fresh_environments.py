"""A pushed version translates where there is one engine and nothing else, by the programs in docs/serving.md."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from small import CONFIG, seq2seq, write_pipeline

from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine

REPOSITORY = Path(__file__).parents[2]
LOCK = REPOSITORY / "requirements/compat.txt"
LINES = [
    "The red house is old.",
    "We do not see the dogs.",
    "",
    "Will the small boy who lives in the white house buy a bicycle?",
    "No.",
    "  She  sleeps.  ",
]
SETTINGS = CONFIG.replace("decoding: {strategy: greedy, max_length: 24}", "decoding: {beam_size: 4, max_length: 24}")

Translate = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of versions that a small pipeline pushed to."""
    config = write_pipeline(tmp_path_factory.mktemp("small"), SETTINGS)
    done = seq2seq("run", config)
    assert done.status == 0, done.errors
    return config.parent / "work/pushed"


@pytest.fixture
def in_fresh_environment(tmp_path: Path, pushed: Path) -> Callable[..., Translate]:
    """Makes an environment of these packages, as the lock has them, in which a program of docs/serving.md runs."""

    def made(*packages: str) -> Translate:
        uv = shutil.which("uv") or str(REPOSITORY / ".build/uv/bin/uv")
        python = tmp_path / "environment/bin/python"
        run(uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "environment")
        run(uv, "pip", "install", "--quiet", "--python", python, "--constraint", LOCK, *packages)
        listed = run(uv, "pip", "list", "--python", python).lower()
        assert "seq2seq" not in listed and "tfx" not in listed
        assert ("tensorflow" in listed) == ("tensorflow" in packages)
        assert ("ctranslate2" in listed) == ("ctranslate2" in packages)
        # Only the model goes along, to a place of its own.
        shutil.copytree(pushed, tmp_path / "elsewhere/work/pushed")

        def translate(imported: str) -> list[str]:
            program = tmp_path / "program.py"
            program.write_text(documented(imported))
            given = "".join(f"{line}\n" for line in LINES)
            return run(python, program, folder=tmp_path / "elsewhere", given=given).splitlines()

        return translate

    return made


def documented(imported: str) -> str:
    """The program of docs/serving.md that imports this library."""
    text = (REPOSITORY / "docs/serving.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    (program,) = (block for block in blocks if re.search(rf"^import {imported}\b", block, re.MULTILINE))
    return str(program)


def run(*words: str | Path, folder: Path = REPOSITORY, given: str = "") -> str:
    # TFX sets TF_USE_LEGACY_KERAS in this process.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TF_"))}
    done = subprocess.run(
        list(map(str, words)), cwd=folder, env=environment, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ctranslate2_and_sentencepiece_alone_print_what_the_pipeline_prints(
    in_fresh_environment: Callable[..., Translate], pushed: Path, tmp_path: Path
) -> None:
    source, output = tmp_path / "source", tmp_path / "output"
    source.write_text("".join(f"{line}\n" for line in LINES))
    assert seq2seq("translate", "--model", pushed, "--input", source, "--output", output).status == 0
    expected = output.read_text().splitlines()
    assert in_fresh_environment("ctranslate2", "sentencepiece")("ctranslate2") == expected
    assert any(expected)


def test_tensorflow_and_its_text_operations_alone_print_what_the_pipeline_prints(
    in_fresh_environment: Callable[..., Translate], pushed: Path
) -> None:
    expected = [each.text for each in SavedModelEngine(pushed / "1", 512).translate(LINES)]
    assert in_fresh_environment("tensorflow", "tensorflow-text")("tensorflow") == expected
    assert any(expected)
