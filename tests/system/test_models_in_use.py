"""Roll back, `use` and `clean` between runs of a small pipeline: what runs again, and what stays on disk."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from small import InProcess, executed, training_record, versions, would_run, write_pipeline


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small pipeline; the tests of this module run on it in their order."""
    return write_pipeline(tmp_path_factory.mktemp("models"))


@pytest.fixture
def inside(capfd: pytest.CaptureFixture[str]) -> InProcess:
    return InProcess(capfd)


def run(inside: InProcess, config: Path, *options: str) -> list[str]:
    """Plan and run; the stages executed, which are those planned."""
    planned = would_run(inside("plan", config, "--json", *options).document)
    done = inside("run", config, "--json", *options)
    assert done.status == 0, done.errors
    assert executed(done.document) == planned
    return planned


def in_use(config: Path) -> str:
    return (config.parent / "work/pushed/current").read_text().strip()


def decision(config: Path) -> Any:
    folder = max((config.parent / "work/artifacts/gate/decision").iterdir(), key=lambda path: int(path.name))
    return json.loads((folder / "decision.json").read_text())


def length(tokens: int) -> tuple[str, str]:
    """Another translation length: another export of the same weights, so another model."""
    return "--set", f"decoding.max_length={tokens}"


def size_bytes(config: Path) -> int:
    """Of all under the root but ML Metadata, which remembers every run for ever."""
    files = (path for path in (config.parent / "work").rglob("*") if not path.is_dir())
    return sum(path.lstat().st_size for path in files if path.name != "metadata.sqlite")


def metadata_bytes(config: Path) -> int:
    return (config.parent / "work/metadata.sqlite").stat().st_size


def test_a_pushed_model_says_what_it_was_made_of(inside: InProcess, config: Path) -> None:
    run(inside, config, *length(21))
    provenance = json.loads((config.parent / "work/pushed/1/provenance.json").read_text())
    trained = training_record(config)
    assert provenance["training"] == trained
    assert provenance["precision"] == {"training": trained["precision"], "export": "float32"}
    assert provenance["lock_sha256"] and provenance["code_versions"]["push"] and provenance["instruction_set"]
    assert {Path(each["path"]).name for each in provenance["corpus_files"]} == {
        path.name for path in config.parent.glob("*.gz")
    }
    card = (config.parent / "work/pushed/1/model_card.md").read_text()
    assert f"- parameters: {trained['parameters']:,}" in card


def test_an_unchanged_run_changes_nothing_after_a_roll_back_or_use(inside: InProcess, config: Path) -> None:
    run(inside, config, *length(22))
    run(inside, config, *length(23))
    assert (versions(config), in_use(config)) == (["1", "2", "3"], "3")
    for change, expected in ((("rollback",), "2"), (("use", "1"), "1"), (("use", "3"), "3"), (("use", "1"), "1")):
        assert inside("models", config, *change).status == 0
        assert run(inside, config, *length(23)) == []
        assert (versions(config), in_use(config)) == (["1", "2", "3"], expected)


def test_a_new_model_is_compared_with_the_one_rolled_back_to(inside: InProcess, config: Path) -> None:
    run(inside, config, *length(20))
    assert decision(config)["baseline"]["version"] == 1
    assert in_use(config) == "4"
    assert inside("models", config, "rollback").status == 0
    assert in_use(config) == "1"


def test_a_run_is_cached_after_clean_and_what_went_is_made_again(inside: InProcess, config: Path) -> None:
    assert inside("models", config, "use", "4").status == 0
    cleaned = inside("clean", config, "--keep", "1", "--json", *length(20)).document
    assert cleaned["kept"]["versions"] == [1, 4]
    assert versions(config) == ["1", "4"]
    assert run(inside, config, *length(20)) == []
    status = inside("status", config, "--json").document
    assert all(Path(step["output"]).is_dir() for step in status["pushed"]["lineage"])
    assert run(inside, config, *length(22)) == ["export", "probe", "translations", "evaluation", "gate", "push"]
    assert (versions(config), in_use(config)) == (["1", "4", "5"], "5")


def test_the_disk_in_use_stays_flat_when_each_of_five_runs_is_followed_by_clean(
    inside: InProcess, config: Path
) -> None:
    sizes, remembered = [], [metadata_bytes(config) if (config.parent / "work").exists() else 0]
    for number in range(5):
        # Checkpoints at other steps train again, to the same weights; another length makes them another model.
        options = ("--set", f"training.checkpoint_steps={20 + number}", *length(30 + number))
        assert "training" in run(inside, config, *options)
        assert inside("clean", config, "--keep", "1", *options).status == 0
        sizes.append(size_bytes(config))
        remembered.append(metadata_bytes(config))
    print(f"bytes on disk after each run and clean: {sizes}, of ML Metadata: {remembered}")
    assert max(sizes[2:]) < 1.02 * sizes[1], sizes
    assert max(after - before for before, after in pairwise(remembered[1:])) < 300_000, remembered


def test_an_interrupted_job_goes_on_after_clean(inside: InProcess, config: Path) -> None:
    from killing import kill_training

    settings = config.read_text()
    config.write_text(settings.replace("validation_steps: 30", "validation_steps: 15"))
    kill_training(config, step=40)
    assert inside("clean", config, "--keep", "1").status == 0
    assert "training" in run(inside, config)
    assert training_record(config)["first_step"] >= 40


def test_a_model_that_the_probe_refuses_ends_with_three_and_is_not_pushed(inside: InProcess, config: Path) -> None:
    before = versions(config), in_use(config)
    for _ in range(2):
        done = inside("run", config, "--set", "serving_probe.max_memory_mib=256")
        assert done.status == 3
        assert "the probe refused the model, nothing was pushed:" in done.errors
        assert "must stay within 256 MiB (serving_probe.max_memory_mib)" in done.errors
    assert (versions(config), in_use(config)) == before
