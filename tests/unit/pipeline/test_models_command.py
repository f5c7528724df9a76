"""`seq2seq models` lists and shows what was pushed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pushed_models import SIGNATURE, record, write_export

from seq2seq_tfx.components.pushing.push import push_version
from seq2seq_tfx.pipeline.cli import main

CONFIG = """\
name: demo
languages: {source: en, target: de}
corpora:
  - {name: all, split: auto, path: all.tsv}
push: {directory: out}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with the models a and b pushed; b is in use."""
    path = tmp_path / "pipeline.yaml"
    path.write_text(CONFIG)
    for name in "ab":
        push_version(write_export(tmp_path / name), tmp_path / "work/out", record(name), clock=lambda: 1_700_000_000.0)
    return path


def test_list_gives_every_version_oldest_first(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", str(config), "list", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["models"]
    assert first == {
        "version": 1,
        "path": str(config.parent / "work/out/1"),
        "current": False,
        "export_id": "a",
        "pushed_at": "2023-11-14T22:13:20+00:00",
        "replaced": None,
        "scores": {"bleu": {"value": 30.0, "signature": SIGNATURE}},
    }
    assert (second["version"], second["current"], second["replaced"]) == (2, True, 1)


def test_list_is_the_default_and_says_which_is_in_use(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", str(config)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "version  pushed                     bleu",
        "1        2023-11-14T22:13:20+00:00  30.00",
        "2        2023-11-14T22:13:20+00:00  30.00  in use",
    ]


def test_list_is_empty_when_nothing_was_pushed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["models", str(config), "--set", "push.directory=elsewhere"]
    assert main([*options, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"models": []}
    assert main(options) == 0
    assert "no version is pushed yet" in capsys.readouterr().out


@pytest.mark.parametrize(("words", "version"), [(["show", "1"], 1), (["show"], 2)])
def test_show_gives_the_model_card_and_provenance(
    config: Path, capsys: pytest.CaptureFixture[str], words: list[str], version: int
) -> None:
    assert main(["models", str(config), *words]) == 0
    assert f"# demo, version {version}" in capsys.readouterr().out
    assert main(["models", str(config), *words, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["version"], shown["provenance"]["lane"]) == (version, "compat")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "3"], "which has 1, 2; got 3"),
        (["list", "1"], "give `show 1`"),
        (["show", "--set", "push.directory=elsewhere"], "got the one in use, and none is"),
    ],
)
def test_wrong_version_is_named(
    config: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(["models", str(config), *words]) == 2
    assert message in capsys.readouterr().err


def test_models_imports_no_tensorflow(config: Path) -> None:
    program = (
        "import sys; from seq2seq_tfx.pipeline.cli import main; status = main(sys.argv[1:]); "
        "heavy = {'tensorflow', 'tfx', 'apache_beam', 'ml_metadata'} & sys.modules.keys(); "
        "sys.exit(status or len(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", program, "models", str(config)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
