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

from seq2seq_tfx.components.translation.engine import Translation, load_engine
from seq2seq_tfx.components.translation.locating import read_export_record
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.schemas.config.translation import EngineChoice

TRANSLATE = [sys.executable, "-m", "seq2seq_tfx.pipeline.cli", "translate"]


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the store of translations lies."""
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    return cache


def run(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*TRANSLATE, *words], input=given, capture_output=True, check=False)


@pytest.fixture(scope="module")
def said() -> list[Translation]:
    return list(SavedModelEngine(tiny_export(), 512).translate([*SENTENCES, ""]))


@pytest.fixture(scope="module")
def expected(said: list[Translation]) -> list[str]:
    return [translation.text for translation in said]


def test_files_are_translated_line_by_line_and_every_line_on_the_screen_is_ours(
    tmp_path: Path, said: list[Translation], expected: list[str]
) -> None:
    (tmp_path / "one.en").write_bytes("".join(f"{sentence}\r\n" for sentence in SENTENCES[:3]).encode())
    (tmp_path / "two.en.gz").write_bytes(gzip.compress("\n".join([*SENTENCES[3:], "\n"]).encode()))
    output = tmp_path / "out.es"
    inputs = [str(tmp_path / name) for name in ("one.en", "two.en.gz")]
    finished = run("--model", str(tiny_export()), "--input", *inputs, "--output", str(output), "--flags", "none")
    assert finished.returncode == 0, finished.stderr.decode()
    assert output.read_bytes().decode() == "".join(f"{text}\n" for text in expected)
    assert finished.stdout == b""
    cut = sum(bool(each.truncated) for each in said)
    assert cut > 0
    # A machine at other work takes long enough for a line of progress.
    lines = [line for line in finished.stderr.decode().splitlines() if not line.startswith("translating: ")]
    assert lines == [
        f"translated 9 records with {tiny_export()} (saved_model): 9 by the model, 0 reused, 0 dead, 0 split; "
        "9 distinct sentences",
        f"{cut} records have a translation that stopped at its longest length, so its end is missing "
        "(section decoding of the model's configuration)",
    ]
    flags = [json.loads(line) for line in (tmp_path / "out.es.flags.jsonl").read_text().splitlines()]
    assert [flag["record"] for flag in flags] == [number for number, each in enumerate(said) if each.truncated]


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
        (("--model", model, "--input", str(tmp_path / "none"), "--output", output), "names none"),
        (
            ("--model", model, "--input", str(tmp_path / "latin1"), "--output", output, "--strict"),
            "line 1: byte 0xe9 at position 4",
        ),
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


def test_neither_tensorflow_nor_beam_is_loaded_where_ctranslate2_translates(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("The old dog sleeps.\n")
    words = ["translate", "--model", str(proven_export()), "--input", str(tmp_path / "text"), "--output", "-"]
    program = (
        "import json, sys; from seq2seq_tfx.pipeline.cli import main;"
        "status = main(json.loads(sys.argv[1]));"
        "sys.exit(status or bool({'tensorflow', 'apache_beam'} & sys.modules.keys()))"
    )
    finished = subprocess.run([sys.executable, "-c", program, json.dumps(words)], capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr.decode()


def test_the_job_tells_a_script_what_it_did_and_shares_its_translations(tmp_path: Path, own_cache: Path) -> None:
    given = tmp_path / "in.jsonl"
    given.write_text("".join(json.dumps({"source": text, "n": 1}) + "\n" for text in [*SENTENCES, SENTENCES[0]]))
    words = ["--model", str(tiny_export()), "--input", str(given), "--json", "--events", str(tmp_path / "events")]
    first = json.loads(run(*words, "--output", str(tmp_path / "out.jsonl.gz"), "--scores").stdout)
    second = json.loads(run(*words, "--output", str(tmp_path / "again.jsonl.gz"), "--scores").stdout)
    assert (first["counts"]["sentences_by_engine"], first["counts"]["reused"]) == (8, 1)
    assert second["counts"]["sentences_from_store"] == 8
    assert (own_cache / "seq2seq-tfx" / "translations.sqlite").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "again.jsonl.gz").read_bytes() == (tmp_path / "out.jsonl.gz").read_bytes()
    rows = [json.loads(line) for line in gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()).splitlines()]
    assert [set(row) for row in rows] == [{"source", "n", "translation", "score"}] * 9
    events = [json.loads(line)["event"] for line in (tmp_path / "events").read_text().splitlines()]
    assert events == ["started", "chunk", "finished"] * 2


def test_a_failure_is_told_to_the_command_that_was_given(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("text\n")
    told = tmp_path / "told"
    finished = run(
        *("--model", str(tiny_export()), "--input", str(tmp_path / "text"), "--output", str(tmp_path / "none/out")),
        *("--on-failure", f'echo "$SEQ2SEQ_OUTPUT: $SEQ2SEQ_ERROR" > {told}', "--events", str(tmp_path / "events")),
    )
    assert finished.returncode == 2
    assert told.read_text().startswith(f"{tmp_path}/none/out: the output's folder must exist")
    assert json.loads((tmp_path / "events").read_text())["event"] == "failed"


def test_an_estimate_counts_all_records_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("".join(f"{text}\n" for text in [*SENTENCES, *SENTENCES]))
    finished = run("--model", str(tiny_export()), "--input", str(tmp_path / "text"), "--estimate", "--json")
    document = json.loads(finished.stdout)
    assert (document["records"], document["distinct_sentences"], document["dead"]) == (16, 8, 0)
    assert document["seconds"] > 0 and document["disk_bytes"] > 0 and document["memory_bytes"] > 1 << 26
    assert [path.name for path in tmp_path.iterdir()] == ["text"]


def test_a_text_that_the_model_cannot_read_whole_is_translated_in_pieces_and_flagged(tmp_path: Path) -> None:
    (tmp_path / "text").write_text(" ".join(SENTENCES * 10) + "\nNo.\n")
    assert (
        run(
            "--model", str(tiny_export()), "--input", str(tmp_path / "text"), "--output", str(tmp_path / "o")
        ).returncode
        == 0
    )
    flags = [json.loads(line) for line in (tmp_path / "o.flags.jsonl").read_text().splitlines()]
    (flag,) = (each for each in flags if each["kind"] == "split")
    assert (flag["record"], flag["kind"], flag["line"]) == (0, "split", 1)
    long, short = (tmp_path / "o").read_text().splitlines()
    assert len(long) > 10 * len(short)


def test_ctranslate2_gives_the_same_bytes_for_one_and_four_workers(tmp_path: Path) -> None:
    words = [word for sentence in SENTENCES for word in sentence.split()]
    lines = [" ".join(words[(7 * n + k) % len(words)] for k in range(1 + n % 9)) for n in range(3000)]
    (tmp_path / "text").write_text("".join(f"{line}\n" for line in lines))
    base = ["--model", str(proven_export()), "--input", str(tmp_path / "text")]
    for name, workers in (("one", "1"), ("four", "4")):
        finished = run(*base, "--output", str(tmp_path / name), "--workers", workers)
        assert finished.returncode == 0, finished.stderr.decode()
    assert (tmp_path / "one").read_bytes() == (tmp_path / "four").read_bytes()
