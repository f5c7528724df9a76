"""Resolver, gate and push in a real TFX run: who is judged against whom, and what runs again."""

import shutil
from pathlib import Path

import pytest
from mini_pipeline import executed, newest_decision, run

from seq2seq_tfx.components.versions import list_versions
from seq2seq_tfx.schemas.errors import WorkError

ALL = ["make", "baseline_translations", "gate", "push"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One root; the tests of this module run on it in their order."""
    return tmp_path_factory.mktemp("mini")


def versions(root: Path) -> list[tuple[int, str, bool]]:
    return [(each.number, each.identity.export_id, each.current) for each in list_versions(root / "pushed")]


def test_first_model_is_pushed_without_a_baseline(root: Path) -> None:
    run(root, "good-a")
    assert executed(root) == ALL
    assert newest_decision(root)["baseline"] is None
    assert versions(root) == [(1, "good-a", True)]


def test_nothing_runs_again_when_the_candidate_is_in_use(root: Path) -> None:
    run(root, "good-a")
    assert executed(root) == []


def test_worse_model_is_refused_against_the_one_in_use(root: Path) -> None:
    run(root, "bad")
    assert executed(root) == ALL
    found = newest_decision(root)
    assert (found["verdict"], found["baseline"]["export_id"], found["baseline"]["version"]) == ("refused", "good-a", 1)
    assert versions(root) == [(1, "good-a", True)]
    run(root, "bad")
    assert executed(root) == []


def test_second_model_is_judged_against_the_first_and_nothing_runs_again(root: Path) -> None:
    run(root, "good-b")
    assert newest_decision(root)["baseline"]["export_id"] == "good-a"
    assert versions(root) == [(1, "good-a", False), (2, "good-b", True)]
    run(root, "good-b")
    assert executed(root) == []


def test_nothing_runs_again_after_a_roll_back(root: Path) -> None:
    (root / "pushed/current").write_text("1\n")
    run(root, "good-b")
    assert executed(root) == []
    assert versions(root) == [(1, "good-a", True), (2, "good-b", False)]


def test_new_model_is_judged_against_the_one_rolled_back_to(root: Path) -> None:
    run(root, "good-c")
    assert newest_decision(root)["baseline"]["export_id"] == "good-a"
    assert versions(root)[-1] == (3, "good-c", True)


def test_model_in_use_is_found_when_the_metadata_is_new(root: Path) -> None:
    for name in ("metadata.sqlite", "artifacts"):
        path = root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    run(root, "good-d")
    found = newest_decision(root)
    assert (found["baseline"]["export_id"], found["baseline"]["scores"]["bleu"]["value"]) == (
        "good-c",
        pytest.approx(100.0),
    )
    run(root, "good-d")
    assert executed(root) == []


def test_gate_stops_the_run_when_the_model_in_use_is_lost(root: Path) -> None:
    (root / "pushed/4").rename(root / "moved")
    with pytest.raises(WorkError, match="current must name a version beside it, got 4"):
        run(root, "good-e")
