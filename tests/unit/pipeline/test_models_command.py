"""`seq2seq models` lists and shows what was pushed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pushed_models import SIGNATURE, record, write_export

from seq2seq_tfx.components.pushing import in_use
from seq2seq_tfx.components.pushing.push import push_version
from seq2seq_tfx.components.versions import Version, current_version
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
        (["use"], "use must name a version; "),
        (["use", "7"], "which has 1, 2; got 7"),
        (["rollback", "1"], "give `use 1`"),
    ],
)
def test_wrong_version_is_named(
    config: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(["models", str(config), *words]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("words", [["rollback"], ["use", "1"]])
def test_another_version_is_put_in_use(config: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(["models", str(config), *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == 1
    assert current_version(config.parent / "work/out") == Version(1, config.parent / "work/out/1", current=True)
    assert main(["models", str(config), "use", "2"]) == 0
    assert capsys.readouterr().out == f"version 2 is in use: {config.parent / 'work/out/2'}\n"


def test_version_that_was_removed_while_others_changed_something_is_not_put_in_use(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = config.parent / "work/out"

    @contextmanager
    def after_a_clean(directory: Path) -> Iterator[None]:
        (directory / "1").rename(directory / ".removed-1")
        yield

    monkeypatch.setattr(in_use, "changing", after_a_clean)
    assert main(["models", str(config), "use", "1"]) == 2
    assert "which has 2; got 1" in capsys.readouterr().err
    assert (pushed / "current").read_text() == "2\n"


def test_tensorflow_serving_is_told_which_version_to_serve(config: Path) -> None:
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    def served() -> tuple[str, str, list[int]]:
        path = config.parent / "work/out/tensorflow_serving.config"
        read = text_format.Parse(path.read_text(), model_server_config_pb2.ModelServerConfig())
        (model,) = read.model_config_list.config
        return model.name, model.base_path, list(model.model_version_policy.specific.versions)

    assert served() == ("demo", str(config.parent / "work/out"), [2])
    assert main(["models", str(config), "rollback"]) == 0
    assert served() == ("demo", str(config.parent / "work/out"), [1])
    assert main(["models", str(config), "use", "2"]) == 0
    assert served()[2] == [2]


def test_roll_back_needs_a_version_that_was_replaced(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "work/out/1").rename(config.parent / "moved")
    assert main(["models", str(config), "rollback"]) == 2
    assert "version 2, which is in use, replaced version 1, which is gone; put one of 2" in capsys.readouterr().err
    (config.parent / "moved").rename(config.parent / "work/out/1")
    assert main(["models", str(config), "use", "1"]) == 0
    assert main(["models", str(config), "rollback"]) == 2
    assert "version 1, which is in use, replaced none" in capsys.readouterr().err


def test_damaged_version_is_not_put_in_use(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "work/out/1/saved_model.pb").unlink()
    assert main(["models", str(config), "use", "1"]) == 2
    assert "holds neither saved_model.pb" in capsys.readouterr().err
    assert (config.parent / "work/out/current").read_text() == "2\n"


def test_version_that_says_little_of_itself_is_listed_and_one_that_says_nothing_is_named(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    provenance = config.parent / "work/out/1/provenance.json"
    provenance.write_text('{"export_id": "a", "replaced": null}')
    assert main(["models", str(config), "list", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["models"][0]
    assert (first["pushed_at"], first["scores"]) == ("", {})
    provenance.write_text("{}")
    assert main(["models", str(config)]) == 1
    assert "must say which model the version is, but lacks export_id and replaced" in capsys.readouterr().err


def test_use_ends_an_interrupted_push(config: Path) -> None:
    (config.parent / "work/out/.pending").write_text("2\n")
    assert main(["models", str(config), "use", "1"]) == 0
    export = config.parent / "b"
    assert push_version(export, config.parent / "work/out", record("b")).already
    assert (config.parent / "work/out/current").read_text() == "1\n"


def test_models_imports_no_tensorflow(config: Path) -> None:
    program = (
        "import sys; from seq2seq_tfx.pipeline.cli import main; status = main(sys.argv[1:]); "
        "heavy = {'tensorflow', 'tfx', 'apache_beam', 'ml_metadata'} & sys.modules.keys(); "
        "sys.exit(status or len(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", program, "models", str(config)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
