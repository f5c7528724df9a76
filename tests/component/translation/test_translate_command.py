"""`seq2seq translate` as a user runs it."""

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from proven_export import proven_export
from tiny_export import SENTENCES, tiny_export

from seq2seq_tfx.components.translation.engine import load_engine
from seq2seq_tfx.components.translation.locating import read_export_record
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.schemas.config.translation import EngineChoice

TRANSLATE = [sys.executable, "-m", "seq2seq_tfx.pipeline.cli", "translate"]


def run(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*TRANSLATE, *words], input=given, capture_output=True, check=False)


@pytest.fixture(scope="module")
def expected() -> list[str]:
    return [translation.text for translation in SavedModelEngine(tiny_export(), 512).translate([*SENTENCES, ""])]


def test_files_are_translated_line_by_line_and_every_line_on_the_screen_is_ours(
    tmp_path: Path, expected: list[str]
) -> None:
    (tmp_path / "one.en").write_bytes("".join(f"{sentence}\r\n" for sentence in SENTENCES[:3]).encode())
    (tmp_path / "two.en.gz").write_bytes(gzip.compress("\n".join([*SENTENCES[3:], "\n"]).encode()))
    output = tmp_path / "out.es"
    inputs = [str(tmp_path / name) for name in ("one.en", "two.en.gz")]
    finished = run("--model", str(tiny_export()), "--input", *inputs, "--output", str(output))
    assert finished.returncode == 0, finished.stderr.decode()
    assert output.read_bytes().decode() == "".join(f"{text}\n" for text in expected)
    assert finished.stdout == b""
    assert finished.stderr.decode().splitlines() == [f"translated 9 lines with {tiny_export()}"]


def test_standard_input_is_translated_to_standard_output(expected: list[str]) -> None:
    given = "".join(f"{sentence}\n" for sentence in SENTENCES).encode()
    finished = run("--model", str(tiny_export()), "--input", "-", "--output", "-", "--quiet", given=given)
    assert finished.stdout.decode() == "".join(f"{text}\n" for text in expected[:-1])
    assert (finished.returncode, finished.stderr) == (0, b"")


def test_bad_input_is_one_sentence_and_status_2_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "latin1").write_bytes(b"caf\xe9\n")
    (tmp_path / "text").write_bytes(b"text\n")
    model, output = str(tiny_export()), str(tmp_path / "out")
    before = sorted(tmp_path.iterdir())
    for words, message in (
        (
            ("--model", str(tmp_path / "none"), "--input", str(tmp_path / "text"), "--output", output),
            "must be a pushed",
        ),
        (("--model", model, "--input", str(tmp_path / "none"), "--output", output), "must be a readable text file"),
        (("--model", model, "--input", str(tmp_path / "latin1"), "--output", output), "line 1 is not, at byte 4"),
        (("--model", model, "--input", str(tmp_path / "text"), "--output", f"{output}/x"), "folder must exist"),
    ):
        finished = run(*words)
        errors = finished.stderr.decode()
        assert (finished.returncode, errors.count("\n")) == (2, 1), errors
        assert errors.startswith("seq2seq translate: ") and message in errors
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("engine", ["auto", "saved_model"])
def test_a_pushed_version_is_translated_with_the_engine_that_it_was_scored_with(tmp_path: Path, engine: str) -> None:
    version = Path(shutil.copytree(proven_export(), tmp_path / "1"))
    (version / "provenance.json").write_text(json.dumps({"config": {"translation": {"engine": engine}}}))
    other = version / ("saved_model.pb" if engine == "auto" else "ctranslate2/int8/model.bin")
    other.write_bytes(b"damaged")  # whoever needs it fails
    (tmp_path / "text").write_text("".join(f"{sentence}\n" for sentence in SENTENCES))
    finished = run("--model", str(version), "--input", str(tmp_path / "text"), "--output", "-", "--quiet")
    assert finished.returncode == 0, finished.stderr.decode()
    expected = load_engine(proven_export(), read_export_record(proven_export()), cast("EngineChoice", engine), 512)
    assert finished.stdout.decode().splitlines() == [each.text for each in expected.translate(SENTENCES)]


def test_tensorflow_is_not_loaded_where_ctranslate2_translates(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("The old dog sleeps.\n")
    words = ["translate", "--model", str(proven_export()), "--input", str(tmp_path / "text"), "--output", "-"]
    program = (
        "import json, sys; from seq2seq_tfx.pipeline.cli import main;"
        "status = main(json.loads(sys.argv[1])); sys.exit(status or 'tensorflow' in sys.modules)"
    )
    finished = subprocess.run([sys.executable, "-c", program, json.dumps(words)], capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr.decode()
