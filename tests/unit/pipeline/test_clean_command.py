"""`seq2seq clean` removes what nobody needs, and nothing else."""

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from pushed_models import record, write_export
from recorded_root import RecordedRoot

from seq2seq_tfx.components.pushing.in_use import put_in_use
from seq2seq_tfx.components.pushing.push import push_version
from seq2seq_tfx.pipeline import removing
from seq2seq_tfx.pipeline.cli import main
from seq2seq_tfx.pipeline.history import History

CONFIG = """\
name: demo
languages: {source: en, target: de}
corpora:
  - {name: all, split: auto, path: all.tsv}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration whose root is `work`; its corpus was deleted after training."""
    path = tmp_path / "pipeline.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def root(tmp_path: Path) -> RecordedRoot:
    return RecordedRoot(tmp_path / "work")


def run_and_push(root: RecordedRoot, name: str) -> dict[str, int]:
    """A run of a few stages, and the push of what it made; returns the executions' numbers."""
    first = root.newest_execution() if root.store.get_executions() else 0
    corpus = root.execute(name, "corpus", {"examples": "", "ledger": ""}, settings=f'{{"n": "{name}"}}')
    examples = (corpus["examples"],)
    training = root.execute(name, "training", {"model": ""}, {"examples": examples}, settings=f'{{"n": "{name}"}}')
    export = root.execute(name, "export", {"exported_model": name}, {"model": (training["model"],)})
    model = (export["exported_model"],)
    said = root.execute(name, "translations", {"translations": ""}, {"examples": examples, "model": model})
    scored = root.execute(name, "evaluation", {"evaluation": ""}, {"examples": (said["translations"],)})
    root.execute(name, "gate", {"decision": ""}, {"evaluation": (scored["evaluation"],), "model": model})
    push_version(write_export(root.directory / f"export-{name}"), root.directory / "pushed", record(name))
    stages = ("corpus", "training", "export", "translations", "evaluation", "gate")
    return {stage: first + place for place, stage in enumerate(stages, 1)}


def clean(config: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    capsys.readouterr()
    assert main(["clean", str(config), "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def folders(*runs: dict[str, int]) -> set[str]:
    return {f"{stage}/{execution}" for run in runs for stage, execution in run.items()}


def versions(root: RecordedRoot) -> list[str]:
    return sorted(path.name for path in (root.directory / "pushed").iterdir() if path.name.isdigit())


def test_newest_version_and_the_one_it_replaced_stay_with_all_they_were_made_from(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [run_and_push(root, name) for name in "abcd"]
    result = clean(config, capsys, "--keep", "1")
    assert versions(root) == ["3", "4"]
    assert root.folders() == folders(*runs[2:])
    assert result["kept"] == {"versions": [3, 4], "interrupted_executions": []}
    assert result["bytes"] == sum(each["bytes"] for each in result["removed"]) > 0
    assert clean(config, capsys, "--keep", "1")["removed"] == []


def test_version_in_use_and_the_one_it_replaced_stay_when_they_are_old(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [run_and_push(root, name) for name in "abcdef"]
    put_in_use(root.directory / "pushed", 2, "demo")
    clean(config, capsys, "--keep", "1")
    assert versions(root) == ["1", "2", "5", "6"]
    assert root.folders() == folders(*(runs[number] for number in (0, 1, 4, 5)))


def test_artifacts_that_several_models_were_made_from_stay(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run_and_push(root, "a")
    examples = root.store.get_artifacts()[0].id
    for name in "bcd":
        training = root.execute(name, "training", {"model": ""}, {"examples": (examples,)}, settings=f'["{name}"]')
        root.execute(name, "export", {"exported_model": name}, {"model": (training["model"],)})
        push_version(write_export(root.directory / name), root.directory / "pushed", record(name))
    clean(config, capsys, "--keep", "1")
    assert f"corpus/{first['corpus']}" in root.folders()
    assert f"training/{first['training']}" not in root.folders()


def test_what_is_removed_is_not_used_from_the_cache_any_more(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "abc":
        run_and_push(root, name)
    clean(config, capsys, "--keep", "1")
    history = History(root.directory / "metadata.sqlite", "demo")
    live = [any(history.live(artifact.id) for artifact in history.artifacts_with("export_id", name)) for name in "abc"]
    assert live == [False, True, True]


def test_interrupted_job_stays_with_what_it_reads(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = root.execute("old", "corpus", {"examples": "", "ledger": ""}, settings='{"n": "old"}')
    inputs = {"examples": (corpus["examples"],)}
    root.execute("old", "training", {"model": ""}, inputs, state="RUNNING", settings='{"n": "old"}')
    interrupted = root.newest_execution()
    folder = root.work_folder("training", "old", interrupted)
    runs = [run_and_push(root, name) for name in "ab"]
    result = clean(config, capsys, "--keep", "1")
    assert result["kept"]["interrupted_executions"] == [interrupted]
    assert (folder / "checkpoints/step-1.npz").exists()
    assert root.folders() == {"corpus/1", *folders(*runs)}, "the output folder of the interrupted one is of no use"


@pytest.mark.parametrize("code", [{}, {"code_version": "older"}])
def test_training_that_is_repeated_and_interrupted_stays(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str], code: dict[str, str]
) -> None:
    corpus = root.execute("old", "corpus", {"examples": ""}, settings="[1]")
    inputs = {"examples": (corpus["examples"],)}
    root.execute("old", "training", {"model": ""}, inputs, settings="[2]", **code)
    run_and_push(root, "a")
    root.execute("again", "training", {"model": ""}, inputs, state="RUNNING", settings="[2]")
    interrupted = root.newest_execution()
    folder = root.work_folder("training", "key", interrupted)
    assert clean(config, capsys, "--keep", "1")["kept"]["interrupted_executions"] == [interrupted]
    assert folder.exists()


@pytest.mark.parametrize(
    "after", ["finished with the same settings", "program changed", "input removed", "finished itself"]
)
def test_work_folder_goes_when_nobody_would_go_on_with_it(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str], after: str
) -> None:
    corpus = root.execute("old", "corpus", {"examples": ""}, settings="[1]")
    inputs = {"examples": (corpus["examples"],)}
    state = "COMPLETE" if after == "finished itself" else "FAILED"
    code = {"code_version": "older"} if after == "program changed" else {}
    root.execute("old", "training", {"model": ""}, inputs, state=state, settings="[2]", **code)
    folder = root.work_folder("training", "key", root.newest_execution())
    if after == "finished with the same settings":
        root.execute("old", "training", {"model": ""}, inputs, settings="[2]")
    if after == "input removed":
        (root.directory / "artifacts/corpus/examples/1").rename(root.directory / "moved")
    run_and_push(root, "a")
    clean(config, capsys, "--keep", "1")
    assert not folder.exists()


def test_unmarked_work_folder_of_an_older_program_stays_only_while_a_job_is_interrupted(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    root.execute("old", "training", {"model": ""}, state="FAILED", settings="[2]")
    folder = root.work_folder("training", "key", None)
    clean(config, capsys)
    assert folder.exists()
    root.execute("new", "training", {"model": ""}, settings="[2]")
    clean(config, capsys)
    assert not folder.exists()


def test_another_pipelines_artifacts_and_work_in_the_same_root_stay(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    other = RecordedRoot(root.directory, "other")
    other.execute("theirs", "training", {"model": ""}, settings="[9]")
    number = other.newest_execution()
    folder = root.work_folder("training", "theirs", number)
    for name in "abc":
        run_and_push(root, name)
    clean(config, capsys, "--keep", "1")
    assert f"training/{number}" in root.folders()
    assert folder.exists()


def test_remembered_translations_go_with_the_last_model_that_used_them(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removing, "_CLOCK_SECONDS", 0.2)
    folder = root.directory / "artifacts/.translations"
    folder.mkdir(parents=True)
    for name in "abc":
        run_and_push(root, name)
        at = History(root.directory / "metadata.sqlite", "demo").executions("translations")[0].updated_seconds
        (folder / name).mkdir()
        os.utime(folder / name, (at, at))
        time.sleep(0.5)
    (folder / "half").mkdir()
    clean(config, capsys, "--keep", "1")
    assert sorted(path.name for path in folder.iterdir()) == ["b", "c", "half"]


def test_translations_of_an_interrupted_run_stay(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removing, "_CLOCK_SECONDS", 0.2)
    corpus = root.execute("a", "corpus", {"examples": ""}, settings="[1]")
    inputs = {"examples": (corpus["examples"],)}
    root.execute("a", "translations", {"translations": ""}, inputs, state="RUNNING", settings="[1]")
    job = root.directory / "artifacts/.translations/job"
    time.sleep(0.5)
    job.mkdir(parents=True)
    time.sleep(0.5)
    run_and_push(root, "b")
    time.sleep(0.5)
    between = root.directory / "artifacts/.translations/of nobody"
    between.mkdir()
    time.sleep(0.5)
    run_and_push(root, "c")
    run_and_push(root, "d")
    clean(config, capsys, "--keep", "1")
    assert sorted(path.name for path in job.parent.iterdir()) == ["job"]


def test_other_pipelines_runs_do_not_count(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    root.execute("ours", "training", {"model": ""}, settings="[1]")
    ours = root.newest_execution()
    other = RecordedRoot(root.directory, "other")
    for name in "abc":
        other.execute(name, "training", {"model": ""}, settings="[9]")
    clean(config, capsys, "--keep", "1")
    assert f"training/{ours}" in root.folders()
    assert [name for name, _ in History(root.directory / "metadata.sqlite", "demo").runs()] == ["ours"]


def test_version_that_is_put_in_use_meanwhile_stays(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abcd":
        run_and_push(root, name)
    pushed = root.directory / "pushed"
    remove = removing.remove

    def roll_back_first(*arguments: Any) -> Any:
        put_in_use(pushed, 2, "demo")
        return remove(*arguments)

    monkeypatch.setattr(removing, "remove", roll_back_first)
    result = clean(config, capsys, "--keep", "1")
    assert versions(root) == ["1", "2", "3", "4"], "2 is in use, and replaced 1"
    assert {each["kind"] for each in result["removed"]} == {"artifact"}
    monkeypatch.undo()
    assert main(["models", str(config), "show", "2"]) == 0


def test_left_overs_of_pushes_and_runs_go(config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]) -> None:
    run_and_push(root, "a")
    left = [root.directory / name for name in ("pushed/.incoming-2", "pushed/.removed-9", "pushed/.adopted/9")]
    left += [root.directory / "artifacts/training/.system/executor_execution/7", root.directory / "artifacts/gate/x/99"]
    for folder in left:
        folder.mkdir(parents=True)
    left.append(root.directory / "pushed/.current.x1")
    left[-1].write_text("1")
    (root.directory / "logs").mkdir()
    for number in range(5):
        (root.directory / f"logs/run-2026010{number}-000000.log").write_text("x")
    clean(config, capsys, "--keep", "2")
    assert [folder for folder in left if folder.exists()] == []
    logs = sorted(path.name for path in (root.directory / "logs").iterdir())
    assert logs == ["run-20260103-000000.log", "run-20260104-000000.log"]


def test_dry_run_says_the_same_and_removes_nothing(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "abc":
        run_and_push(root, name)
    before = root.folders()
    foretold = clean(config, capsys, "--keep", "1", "--dry-run")
    assert (root.folders(), versions(root), foretold["dry_run"]) == (before, ["1", "2", "3"], True)
    assert clean(config, capsys, "--keep", "1") == {**foretold, "dry_run": False}


def test_table_says_how_much_went(config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]) -> None:
    for name in "abc":
        run_and_push(root, name)
    assert main(["clean", str(config), "--keep", "1"]) == 0
    said = capsys.readouterr()
    assert any(line.split() == ["version", "1", "0.0"] for line in said.out.splitlines())
    assert said.out.rstrip().endswith("MB were removed")
    assert "only the newest runs are kept: " in said.err, "the corpus is gone"
    assert main(["clean", str(config), "--keep", "1"]) == 0
    assert capsys.readouterr().out == "nothing to remove\n"


def test_no_version_is_half_there_when_killed(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        run_and_push(root, name)

    def killed(path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        assert main(["clean", str(config), "--keep", "1"]) == 1
    for number in versions(root):
        assert (root.directory / "pushed" / number / "model_card.md").exists()
    clean(config, capsys, "--keep", "1")
    assert versions(root) == ["2", "3"]
    assert not list((root.directory / "pushed").glob(".removed*"))


def test_root_that_was_moved_is_left_alone(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    run_and_push(root, "a")
    root.directory.rename(config.parent / "elsewhere")
    assert main(["clean", str(config), "--set", "root=elsewhere"]) == 2
    assert "move the root back" in capsys.readouterr().err
    assert (config.parent / "elsewhere/artifacts/training/model").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [(["--keep", "0"], "--keep must be 1 or more, got 0"), (["--set", "root=nowhere"], "nowhere does not exist")],
)
def test_wrong_command_line_is_named(
    config: Path, root: RecordedRoot, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(["clean", str(config), *words]) == 2
    assert message in capsys.readouterr().err
