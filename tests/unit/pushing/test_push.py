"""A version appears complete or not at all, once, and a kill at any step is made good by the next push."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pushed_models import record, write_export

from seq2seq_tfx.components.pushing import in_use as in_use_module
from seq2seq_tfx.components.pushing import push as push_module
from seq2seq_tfx.components.pushing.push import Pushed, push_version
from seq2seq_tfx.components.versions import current_version, list_versions
from seq2seq_tfx.schemas.errors import InputError, WorkError


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


def push(folder: Path, name: str) -> Pushed:
    export = folder / f"export-{name}"
    if not export.exists():
        write_export(export, text=f"model {name}")
    return push_version(export, folder / "pushed", record(name), clock=lambda: 1_700_000_000.0)


def numbers(folder: Path) -> list[int]:
    return [version.number for version in list_versions(folder / "pushed")]


def in_use(folder: Path) -> str | None:
    version = current_version(folder / "pushed")
    return None if version is None else version.identity.export_id


def test_first_version_holds_the_export_and_its_papers(tmp_path: Path) -> None:
    done = push(tmp_path, "a")
    assert (done.version, done.path, done.already) == (1, tmp_path / "pushed/1", False)
    files = sorted(str(path.relative_to(done.path)) for path in done.path.rglob("*") if path.is_file())
    assert files == [
        "export.json",
        "model_card.md",
        "provenance.json",
        "saved_model.pb",
        "variables/variables.index",
        "weights/averaged.npz",
    ]
    assert (done.path / "saved_model.pb").read_text() == "model a"
    assert (tmp_path / "pushed/current").read_text() == "1\n"
    provenance = json.loads((done.path / "provenance.json").read_text())
    assert (provenance["export_id"], provenance["version"], provenance["replaced"]) == ("a", 1, None)
    assert provenance["pushed_at"] == "2023-11-14T22:13:20+00:00"
    assert provenance["lane"] == "compat"
    assert sorted(path.name for path in (tmp_path / "pushed").iterdir()) == [
        "1",
        "current",
        "tensorflow_serving.config",
    ]


def test_second_model_replaces_the_first(tmp_path: Path) -> None:
    push(tmp_path, "a")
    assert push(tmp_path, "b").version == 2
    assert in_use(tmp_path) == "b"
    replaced = current_version(tmp_path / "pushed").replaced  # type: ignore[union-attr]
    assert replaced is not None
    assert (replaced.number, replaced.export_id) == (1, "a")


def test_model_is_pushed_once_and_not_put_in_use_again(tmp_path: Path) -> None:
    push(tmp_path, "a")
    push(tmp_path, "b")
    (tmp_path / "pushed/current").write_text("1\n")
    before = {str(path): path.stat().st_mtime_ns for path in (tmp_path / "pushed").rglob("*")}
    done = push(tmp_path, "b")
    assert (done.version, done.already) == (2, True)
    assert {str(path): path.stat().st_mtime_ns for path in (tmp_path / "pushed").rglob("*")} == before


def test_number_is_above_every_folder_that_is_a_number(tmp_path: Path) -> None:
    (tmp_path / "pushed/7").mkdir(parents=True)
    (tmp_path / "pushed/7/provenance.json").write_text('{"export_id": "old", "replaced": null}')
    (tmp_path / "pushed/notes").mkdir()
    (tmp_path / "pushed/007").mkdir()
    assert push(tmp_path, "a").version == 8


STEPS: list[tuple[object, str, int]] = [
    (shutil, "copytree", 1),
    (shutil, "copytree", 2),
    (push_module, "model_card", 1),
    (push_module, "_flush_tree", 1),
    (push_module, "write_atomically", 1),
    (Path, "rename", 1),
    (push_module, "put_in_use", 1),
    (in_use_module, "write_atomically", 1),
    (in_use_module, "write_atomically", 2),
    (Path, "unlink", 2),
]
"""Function, and which of its calls the process dies at."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", STEPS, ids=[f"{name}-{call}" for _, name, call in STEPS])
def test_next_push_makes_good_when_killed_at_a_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: tuple[object, str, int], moment: str
) -> None:
    where, step, call = at
    push(tmp_path, "a")
    write_export(tmp_path / "export-b", text="model b")
    with monkeypatch.context() as patch:
        patch.setattr(where, step, _killing(getattr(where, step), moment, call))
        with pytest.raises(Killed):
            push(tmp_path, "b")
    assert in_use(tmp_path) in ("a", "b")
    for version in list_versions(tmp_path / "pushed"):
        assert (version.path / "weights/averaged.npz").exists() and version.provenance["name"] == "demo"
    push(tmp_path, "b")
    assert (numbers(tmp_path), in_use(tmp_path)) == ([1, 2], "b")
    replaced = current_version(tmp_path / "pushed").replaced  # type: ignore[union-attr]
    assert replaced is not None and replaced.export_id == "a"
    assert sorted(path.name for path in (tmp_path / "pushed").iterdir()) == [
        "1",
        "2",
        "current",
        "tensorflow_serving.config",
    ]


def test_roll_back_is_not_undone_when_an_interrupted_push_was_finished_before(tmp_path: Path) -> None:
    push(tmp_path, "a")
    push(tmp_path, "b")
    (tmp_path / "pushed/current").write_text("1\n")
    assert push(tmp_path, "b").already
    assert in_use(tmp_path) == "a"


def test_interrupted_push_is_given_up_when_another_model_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(tmp_path, "a")
    with monkeypatch.context() as patch:
        patch.setattr(push_module, "put_in_use", _killing(None, "before", 1))
        with pytest.raises(Killed):
            push(tmp_path, "b")
    push(tmp_path, "c")
    assert push(tmp_path, "b").already
    assert (numbers(tmp_path), in_use(tmp_path)) == ([1, 2, 3], "c")


def test_nothing_appears_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(push_module, "_flush_tree", full)
        with pytest.raises(WorkError, match="version 1 must be written to .*No space left on device"):
            push(tmp_path, "a")
    assert list((tmp_path / "pushed").iterdir()) == []
    assert push(tmp_path, "a").version == 1


def test_files_that_a_kill_left_half_written_go_with_the_next_push(tmp_path: Path) -> None:
    push(tmp_path, "a")
    for name in (".current.x1", "..pending.x2", ".tensorflow_serving.config.x3"):
        (tmp_path / "pushed" / name).write_text("2")
    push(tmp_path, "b")
    assert sorted(path.name for path in (tmp_path / "pushed").iterdir()) == [
        "1", "2", "current", "tensorflow_serving.config",
    ]  # fmt: skip


def test_missing_export_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match="version 1 must be written"):
        push_version(tmp_path / "nowhere", tmp_path / "pushed", record("a"))


@pytest.mark.parametrize("content", [b"one", b"", b"../2", b"01", "1".encode("utf-16")])
def test_current_must_be_a_number(tmp_path: Path, content: bytes) -> None:
    push(tmp_path, "a")
    (tmp_path / "pushed/current").write_bytes(content)
    with pytest.raises(InputError, match="current must hold the number of a version"):
        list_versions(tmp_path / "pushed")


def test_damaged_provenance_is_named(tmp_path: Path) -> None:
    push(tmp_path, "a")
    (tmp_path / "pushed/1/provenance.json").write_text("{")
    with pytest.raises(WorkError, match=r"1/provenance.json must be the JSON file"):
        push(tmp_path, "b")


def _killing(function: Callable[..., object] | None, moment: str, call: int) -> Callable[..., object]:
    """The function, but the process dies before or after its n-th call."""
    seen = 0

    def killed(*arguments: object, **named: object) -> object:
        nonlocal seen
        seen += 1
        this = seen
        if this == call and moment == "before":
            raise Killed
        result = None if function is None else function(*arguments, **named)
        if this == call:
            raise Killed
        return result

    return killed
