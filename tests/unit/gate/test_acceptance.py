"""An acceptance belongs to one model and what it was judged against."""

from pathlib import Path

import pytest

from seq2seq_tfx.components.gate.acceptance import accept, acceptance_of
from seq2seq_tfx.components.versions import list_versions
from seq2seq_tfx.schemas.errors import InputError, WorkError


def test_it_is_found_for_its_model_and_baseline_only(tmp_path: Path) -> None:
    made = accept(tmp_path / "pushed", "new", "old", "  the test set\nis wrong ", clock=lambda: 0)
    assert (made.reason, made.accepted_at) == ("the test set is wrong", "1970-01-01T00:00:00+00:00")
    assert acceptance_of(tmp_path / "pushed", "new", "old") == made
    for candidate, baseline in (("new", None), ("old", "new"), ("new", "other")):
        assert acceptance_of(tmp_path / "pushed", candidate, baseline) is None


def test_it_is_no_version(tmp_path: Path) -> None:
    accept(tmp_path, "new", None, "first")
    assert list_versions(tmp_path) == []


def test_the_last_reason_counts(tmp_path: Path) -> None:
    accept(tmp_path, "new", None, "first")
    accept(tmp_path, "new", None, "second")
    found = acceptance_of(tmp_path, "new", None)
    assert found is not None
    assert found.reason == "second"


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 2001])
def test_a_reason_must_be_given(tmp_path: Path, reason: str) -> None:
    with pytest.raises(InputError, match="--accept must give a reason"):
        accept(tmp_path, "new", None, reason)


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    accept(tmp_path, "new", None, "first")
    (path,) = (tmp_path / ".acceptances").iterdir()
    path.write_text("{")
    with pytest.raises(WorkError, match="delete it, and accept again"):
        acceptance_of(tmp_path, "new", None)
