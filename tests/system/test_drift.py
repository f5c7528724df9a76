"""Drift over several runs: what is compared with what, that `plan` foretells it, and what lets new data pass."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from killing import kill_held
from small import CONFIG, Finished, InProcess, executed, versions, would_run, write_pipeline

DRIFT = CONFIG + "validation: {max_drift: 0.2}\n"


@pytest.fixture
def inside(capfd: pytest.CaptureFixture[str]) -> InProcess:
    return InProcess(capfd)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small pipeline; the tests of this module run on it in their order."""
    return write_pipeline(tmp_path_factory.mktemp("drift"), DRIFT)


def planned(inside: InProcess, config: Path, *options: str) -> list[str]:
    return would_run(inside("plan", config, "--json", *options).document)


def run_as_planned(inside: InProcess, config: Path, *options: str) -> list[str]:
    """Stages executed, which are those that `plan` foretold."""
    foretold = planned(inside, config, *options)
    done = inside("run", config, "--json", *options)
    assert done.status == 0, done.errors
    assert executed(done.document) == foretold
    assert planned(inside, config, *options) == []
    return foretold


def records(config: Path) -> list[Any]:
    """Every `drift.json`, oldest first."""
    folders = sorted((config.parent / "work/artifacts/validation/anomalies").iterdir(), key=lambda each: int(each.name))
    return [json.loads((each / "drift.json").read_text()) for each in folders]


def problem(done: Finished) -> list[str]:
    """The lines of an error that drift ended a run with, up to where the log is named."""
    assert done.status == 1, done.errors
    lines = done.errors[done.errors.index("stage validation:") :].partition(" (full trace")[0].splitlines()
    assert "moved further than validation.max_drift, 0.2" in lines[0]
    return lines


def test_a_first_run_has_nothing_to_compare_with_and_passes(inside: InProcess, config: Path) -> None:
    done = inside("run", config)
    assert done.status == 0, done.errors
    assert "drift is not looked for: no model is in use yet" in done.errors
    assert versions(config) == ["1"]
    assert [each["verdict"] for each in records(config)] == ["there was nothing to compare with"]


def test_nothing_runs_again_when_nothing_changed(inside: InProcess, config: Path) -> None:
    assert run_as_planned(inside, config) == []


def test_validation_stays_cached_when_later_stages_change(inside: InProcess, config: Path) -> None:
    assert run_as_planned(inside, config, "--set", "decoding.max_length=23")[0] == "export"
    assert versions(config) == ["1", "2"]
    assert "validation" not in run_as_planned(inside, config)


def test_much_longer_sentences_fail_again_and_again_and_after_a_kill(inside: InProcess, config: Path) -> None:
    for language in ("en", "es"):
        path = config.parent / f"train.{language}.gz"
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        joined = "".join(f"{first} {second}\n" for first, second in zip(lines[::2], lines[1::2], strict=True))
        path.write_bytes(gzip.compress(joined.encode(), mtime=0))
    assert "validation" in planned(inside, config)
    first = problem(inside("run", config))
    named = [line.split(":")[0].strip() for line in first[1:-2]]
    assert {"source_length", "target_length"} <= set(named)
    assert planned(inside, config)[0] == "validation"
    assert problem(inside("run", config)) == first
    kill_held(config, "validation")
    assert problem(inside("run", config)) == first
    assert problem(inside("run", config, "--force", "corpus")) == first
    assert versions(config) == ["1", "2"]


def test_new_data_pass_by_the_bound_that_the_error_names_and_are_then_the_ones_in_use(
    inside: InProcess, config: Path
) -> None:
    advice = problem(inside("run", config))[-2]
    option = advice.partition("--set ")[2].partition(";")[0]
    ran = run_as_planned(inside, config, "--set", option)
    assert ran[0] == "validation"
    assert versions(config) == ["1", "2", "3"]
    assert records(config)[-1]["verdict"] == "no measure moved too far"
    assert run_as_planned(inside, config, "--set", option) == []
    # The push looks again, because its provenance names every setting; it leaves a model that is there as it is.
    assert run_as_planned(inside, config) == ["validation", "push"]
    assert versions(config) == ["1", "2", "3"]
    assert records(config)[-1]["verdict"] == "there was nothing to compare with"


@pytest.mark.parametrize("options", [("--set", "validation.max_drift=0.3"), ("--force", "statistics")])
def test_a_missing_version_in_use_ends_the_run_and_does_not_pass_for_a_first_one(
    inside: InProcess, config: Path, options: tuple[str, str]
) -> None:
    """The first is found by the plan, the second by the resolver, whose errors TFX turns into an empty result."""
    (config.parent / "work/pushed/current").write_text("9\n")
    before = len(records(config))
    done = inside("run", config, *options)
    assert done.status == 1
    assert "current must name a version beside it, got 9" in done.errors
    assert len(records(config)) == before
