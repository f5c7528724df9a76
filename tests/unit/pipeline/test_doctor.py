"""What `seq2seq doctor` finds, and what it says to do."""

import argparse
import bz2
import fcntl
import gzip
import json
import lzma
import os
from pathlib import Path
from typing import Any

import pytest
import zstandard

from seq2seq_tfx.pipeline.checks import check_corpus_file, check_packages, check_python, check_root, check_space
from seq2seq_tfx.pipeline.commands import doctor
from seq2seq_tfx.pipeline.machine import instruction_set, memory_bytes, nearest_folder
from seq2seq_tfx.pipeline.root import Root
from seq2seq_tfx.schemas.errors import InputError

CONFIG = "name: a\nlanguages: {source: en, target: es}\ncorpora: [{name: a, split: auto, path: a.tsv}]\n"


def run_doctor(*words: str) -> int:
    """The verb, as the command line calls it."""
    parser = argparse.ArgumentParser()
    doctor.add_parser(parser.add_subparsers())
    return doctor.run(parser.parse_args(["doctor", *words]))


def answers(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The printed JSON document."""
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A pipeline whose one corpus is there."""
    (tmp_path / "a.tsv").write_text("a\tb\n", encoding="utf-8")
    path = tmp_path / "pipeline.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def test_all_is_well_when_the_machine_and_the_corpora_are(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_doctor(str(config), "--json") == 0
    document = answers(capsys)
    assert document["ok"] is True
    names = [check["name"] for check in document["checks"]]
    assert names == [
        *("python", "packages", "processor", "memory", "temporary folder"),
        *("configuration", "corpus a", "root", "disk", "beam runner"),
    ]
    assert not (config.parent / "work").exists()


def test_each_problem_of_the_configuration_is_a_line_when_it_has_some(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(CONFIG + "sed: 1\nroot: 2\n", encoding="utf-8")
    assert run_doctor(str(config)) == 2
    problems = [line for line in capsys.readouterr().out.splitlines() if line.startswith("PROBLEM")]
    assert len(problems) == 2
    assert "did you mean seed?" in problems[0] and f"{config}:5: root" in problems[1]


def test_set_reaches_the_configuration_when_given(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_doctor(str(config), "--json", "--set", "corpora.0.path=b.tsv") == 2
    wrong = [check for check in answers(capsys)["checks"] if not check["ok"]]
    assert [check["name"] for check in wrong] == ["corpora"]
    assert "b.tsv, which does not exist" in wrong[0]["found"]
    with pytest.raises(InputError, match="--set must come with CONFIG"):
        run_doctor("--set", "seed=1")


def test_a_missing_file_is_a_problem_when_it_is_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_doctor(str(tmp_path / "none.yaml")) == 2
    assert "must be a readable YAML file" in capsys.readouterr().out


def test_another_python_is_a_problem_when_the_lane_needs_3_10() -> None:
    assert check_python((3, 10, 4)).ok
    assert check_python((3, 12, 1)).advice == "use Python 3.10: TFX 1.16 has no wheels for another"


def test_packages_are_named_when_they_are_missing_or_of_another_version() -> None:
    requirements = ["pydantic>=1,<2", "seq2seq-none", "pyyaml", "seq2seq-other; python_version < '3'"]
    check = check_packages(requirements)
    assert check.found.startswith("pydantic is 2.")
    assert check.found.endswith("; seq2seq-none is missing")
    assert "requirements/compat.txt" in check.advice


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        ("a.txt", b"a\n", ""),
        ("a.gz", gzip.compress(b"a\n", mtime=0), ""),
        ("a.tsv.bz2", bz2.compress(b"a\n"), ""),
        ("a.tsv.xz", lzma.compress(b"a\n"), ""),
        ("a.tsv.zst", zstandard.compress(b"a\n"), ""),
        ("a.parquet", b"PAR1 and so on PAR1", ""),
        ("a.parquet", b"PAR1 and so", "copy the file again: a whole Parquet file"),
        ("a.parquet", b"PA", "copy the file again: a whole Parquet file"),
        ("a.txt", b"", "give it at least one row"),
        ("a.gz", b"a\n", "it does not begin like a gzip file"),
        ("a.txt", gzip.compress(b"a\n", mtime=0), "it begins like a gzip file; give it a name that ends in .gz"),
        ("a.txt.bz2", lzma.compress(b"a\n"), "it begins like a xz file; give it a name that ends in .xz"),
        ("a.gz", gzip.compress(b"a\n", mtime=0)[:-6], "copy the file again"),
        ("a.zst", zstandard.compress(b"a\n")[:-2], "copy the file again"),
    ],
)
def test_a_corpus_file_is_looked_into_when_it_is_there(tmp_path: Path, name: str, content: bytes, advice: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    check = check_corpus_file("corpus a", path)
    assert check.ok == (not advice)
    assert advice in check.advice


def test_every_file_of_a_pattern_is_looked_into_and_an_unmatched_one_is_a_problem(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config.parent / "b-2.tsv.gz").write_bytes(b"a\tb\n")
    (config.parent / "b-1.tsv").write_text("a\tb\n", encoding="utf-8")
    assert run_doctor(str(config), "--json", "--set", "corpora.0.path=b-*.tsv*") == 2
    checks = [check for check in answers(capsys)["checks"] if check["name"] == "corpus a"]
    assert [(Path(check["found"].partition(",")[0]).name, check["ok"]) for check in checks] == [
        ("b-1.tsv", True),
        ("b-2.tsv.gz", False),
    ]
    assert run_doctor(str(config), "--json", "--set", "corpora.0.path=c-*.tsv") == 2
    (wrong,) = [check for check in answers(capsys)["checks"] if not check["ok"]]
    assert wrong["found"] == "pairs: no file matches c-*.tsv"


def test_the_process_is_named_when_another_run_uses_the_root(tmp_path: Path) -> None:
    with Root(tmp_path).locked():
        check = check_root(tmp_path)
    assert check.found == f"{tmp_path}, in use by process {os.getpid()}"
    assert not check.ok
    assert check_root(tmp_path).ok  # a lock file that is left over holds nothing
    with (tmp_path / ".lock").open("r+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)  # doctor has let go of it


def test_a_root_is_refused_when_it_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("", encoding="utf-8")
    assert "it is a file" in check_root(tmp_path / "work").advice


def test_the_room_needed_is_named_when_the_disk_is_too_small(tmp_path: Path) -> None:
    assert check_space("disk", tmp_path / "not/there/yet", 1).ok
    assert check_space("disk", tmp_path, 1 << 60).advice == "make room: about 1073741824.0 GiB are needed"
    assert nearest_folder(tmp_path / "not/there") == tmp_path


@pytest.mark.parametrize(
    ("flags", "name"), [("sse4_2 avx avx2", "avx2"), ("avx512f avx512_bf16 amx_bf16", "amx_bf16"), ("mmx", "unknown")]
)
def test_the_widest_instructions_are_named_when_there_are_several(tmp_path: Path, flags: str, name: str) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(f"processor\t: 0\nflags\t\t: {flags}\n", encoding="utf-8")
    assert instruction_set(path) == name
    assert instruction_set(tmp_path / "none") == "unknown"


def test_the_container_s_memory_counts_when_it_is_less_than_the_machine_s(tmp_path: Path) -> None:
    whole = memory_bytes(tmp_path)
    (tmp_path / "memory.max").write_text("1000000\n", encoding="utf-8")
    assert memory_bytes(tmp_path) == 1_000_000
    (tmp_path / "memory.max").write_text("max\n", encoding="utf-8")
    assert memory_bytes(tmp_path) == whole > 1_000_000
