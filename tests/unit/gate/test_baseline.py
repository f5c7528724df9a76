"""The baseline is the model in use, and never the candidate."""

from pathlib import Path

import pytest
from pushed_models import record, write_export

from seq2seq_tfx.components.gate.baseline import baseline_export_id
from seq2seq_tfx.components.pushing.push import push_version
from seq2seq_tfx.schemas.errors import WorkError


@pytest.fixture
def push(tmp_path: Path) -> Path:
    """A push directory with the models a, b and c, in this order; c is in use."""
    for name in "abc":
        push_version(write_export(tmp_path / name), tmp_path / "pushed", record(name))
    return tmp_path / "pushed"


@pytest.mark.parametrize(
    ("in_use", "candidate", "expected"),
    [
        ("3", "new", "c"),
        ("3", "c", "b"),
        ("2", "c", "b"),
        ("2", "b", "a"),
        ("2", "new", "b"),
        ("1", "a", None),
        ("1", "c", "b"),
        ("3", "a", None),
        ("3", "b", "a"),
    ],
)
def test_baseline_is_the_model_in_use_or_the_one_that_a_pushed_candidate_replaced(
    push: Path, in_use: str, candidate: str, expected: str | None
) -> None:
    (push / "current").write_text(f"{in_use}\n")
    assert baseline_export_id(push, candidate) == expected


@pytest.mark.parametrize("existing", [True, False])
def test_there_is_no_baseline_when_nothing_was_pushed(tmp_path: Path, existing: bool) -> None:
    if existing:
        (tmp_path / "pushed").mkdir()
    assert baseline_export_id(tmp_path / "pushed", "new") is None


def test_baseline_is_known_when_its_folder_is_gone_and_the_candidate_is_in_use(push: Path) -> None:
    (push / "2").rename(push.parent / "moved")
    assert baseline_export_id(push, "c") == "b"


def test_baseline_is_the_model_in_use_when_the_one_that_a_pushed_candidate_replaced_is_gone(push: Path) -> None:
    (push / "2").rename(push.parent / "moved")
    (push / "current").write_text("1\n")
    assert baseline_export_id(push, "c") == "a"


def test_missing_version_in_use_is_an_error_not_a_first_model(push: Path) -> None:
    (push / "3").rename(push.parent / "moved")
    with pytest.raises(WorkError, match="current must name a version beside it, got 3"):
        baseline_export_id(push, "new")
