"""`seq2seq translate` as a user runs it."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_export import SENTENCES, tiny_export

from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine

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
